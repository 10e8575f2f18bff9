import { LoaderCircle } from 'lucide-react';
import { Slot } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cx } from '../lib/cx.ts';

export type ButtonLook = 'primary' | 'plain' | 'quiet' | 'danger';
export type ButtonSize = 'small' | 'medium' | 'large';

const looks: Record<ButtonLook, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover shadow-card',
  plain: 'bg-surface text-ink border border-line-strong hover:border-ink-3 hover:bg-sunken shadow-card',
  quiet: 'text-ink-2 hover:text-ink hover:bg-sunken',
  danger: 'bg-surface text-bad border border-bad-line hover:bg-bad-soft shadow-card',
};

const sizes: Record<ButtonSize, string> = {
  small: 'h-8 px-2.5 text-sm gap-1.5 rounded-lg pointer-coarse:h-11 pointer-coarse:px-3.5',
  medium: 'h-9 px-3.5 text-sm gap-2 rounded-lg pointer-coarse:h-11',
  large: 'h-11 px-5 text-base gap-2 rounded-xl',
};

type Props = ComponentProps<'button'> & {
  look?: ButtonLook;
  size?: ButtonSize;
  /** Shows that it is at work and takes no second press. */
  busy?: boolean;
  /** Draws its only child (a link) as a button. */
  asChild?: boolean;
};

export function Button({
  look = 'plain',
  size = 'medium',
  busy = false,
  asChild,
  className,
  children,
  disabled,
  ...rest
}: Props) {
  const classes = cx(
    'inline-flex shrink-0 items-center justify-center font-medium whitespace-nowrap transition-colors duration-100 select-none',
    'disabled:cursor-not-allowed disabled:opacity-50',
    looks[look],
    sizes[size],
    className,
  );
  if (asChild) {
    return (
      <Slot.Root className={classes} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button
      type="button"
      className={classes}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {busy && <LoaderCircle aria-hidden className="size-4 animate-spin" />}
      {children}
    </button>
  );
}
