import { RadioGroup } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '../lib/cx.ts';

export type Choice<T extends string> = { value: T; label: string; icon?: ReactNode };

/** One of a few, side by side; arrows move, as in any radio group. */
export function Segmented<T extends string>({
  label,
  value,
  choices,
  onChange,
  className,
}: {
  label: string;
  value: T;
  choices: readonly Choice<T>[];
  onChange: (value: T) => void;
  className?: string;
}) {
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as T)}
      orientation="horizontal"
      className={cx('flex gap-0.5 rounded-[0.6rem] border border-line bg-sunken p-0.5', className)}
    >
      {choices.map((choice) => (
        <RadioGroup.Item
          key={choice.value}
          value={choice.value}
          className={cx(
            'flex h-8 flex-1 items-center justify-center gap-1.5 rounded-lg border border-transparent px-3 text-sm font-medium whitespace-nowrap text-ink-2 transition-colors duration-100 pointer-coarse:h-10',
            'hover:text-ink data-[state=checked]:border-line data-[state=checked]:bg-surface data-[state=checked]:text-ink data-[state=checked]:shadow-card',
            'dark:data-[state=checked]:border-line-strong dark:data-[state=checked]:bg-line-strong/55',
          )}
        >
          {choice.icon}
          {choice.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
