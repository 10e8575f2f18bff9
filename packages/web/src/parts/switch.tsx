import { Switch as Radix } from 'radix-ui';
import { useId } from 'react';

/** On or off, at once; its words beside it. */
export function Switch({
  label,
  help,
  checked,
  disabled,
  onChange,
}: {
  label: string;
  help: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="flex items-start justify-between gap-4 px-4 py-3 sm:px-5">
      <div className="min-w-0 text-sm">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        <p id={`${id}-help`} className="mt-0.5 text-ink-3">
          {help}
        </p>
      </div>
      <Radix.Root
        id={id}
        aria-describedby={`${id}-help`}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
        className="relative mt-0.5 inline-flex h-6 w-10 shrink-0 items-center rounded-full border border-line-strong bg-sunken transition-colors duration-100 before:absolute before:-inset-2.5 data-[state=checked]:border-accent data-[state=checked]:bg-accent disabled:opacity-60"
      >
        <Radix.Thumb className="block size-4.5 translate-x-0.5 rounded-full bg-ink-3 transition-transform duration-100 data-[state=checked]:translate-x-[1.1rem] data-[state=checked]:bg-on-accent" />
      </Radix.Root>
    </div>
  );
}
