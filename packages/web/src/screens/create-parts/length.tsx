import type { Model } from '@holdfast/client';
import { Slider } from 'radix-ui';
import { createWords as words } from '../../words/create.ts';

/** The length nearest to a wish that the model makes. */
export function nearestLength(range: NonNullable<Model['duration_seconds']>, wish: number): number {
  const within = Math.min(range.max, Math.max(range.min, wish));
  const [first = within, ...others] = range.choices ?? [within];
  return others.reduce(
    (best, each) => (Math.abs(each - within) < Math.abs(best - within) ? each : best),
    first,
  );
}

/** Whole seconds between the model's bounds, or those among them that it makes. */
export function Length({
  range,
  value,
  onChange,
}: {
  range: NonNullable<Model['duration_seconds']>;
  value: number;
  onChange: (seconds: number) => void;
}) {
  return (
    <div>
      <div className="mb-1.5 flex items-baseline justify-between">
        <h2 className="text-sm font-medium">{words.length}</h2>
        <span className="text-sm font-semibold tabular-nums">{words.seconds(value)}</span>
      </div>
      <Slider.Root
        min={range.min}
        max={range.max}
        step={1}
        value={[value]}
        onValueChange={([next]) => next !== undefined && onChange(nearestLength(range, next))}
        className="relative flex h-9 touch-none items-center select-none pointer-coarse:h-11"
      >
        <Slider.Track className="relative h-1.5 grow rounded-full bg-line">
          <Slider.Range className="absolute h-full rounded-full bg-accent" />
        </Slider.Track>
        <Slider.Thumb
          aria-label={words.length}
          aria-valuetext={words.seconds(value)}
          className="block size-5 rounded-full border border-line-strong bg-surface shadow-pop transition-colors hover:border-accent dark:bg-ink"
        />
      </Slider.Root>
      <div aria-hidden className="flex justify-between text-2xs text-ink-3 tabular-nums">
        <span>{words.seconds(range.min)}</span>
        <span>{words.seconds(range.max)}</span>
      </div>
    </div>
  );
}
