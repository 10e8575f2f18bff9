import { Popover as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

/** A small panel at its trigger. Not modal, so that nothing has to be written into the page's styles. */
export function Popover({
  trigger,
  children,
  label,
}: {
  trigger: ReactNode;
  children: ReactNode;
  label: string;
}) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          sideOffset={8}
          collisionPadding={12}
          align="end"
          className="z-50 w-80 max-w-[calc(100vw-1.5rem)] animate-rise rounded-xl border border-line bg-surface p-4 text-sm text-ink-2 shadow-pop focus:outline-none"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
