import { cx } from '../lib/cx.ts';
import { generationWords } from '../words/generation.ts';

/** Real progress from 0 to 1, or null where nothing is known yet. */
export function ProgressLine({ value, className }: { value: number | null; className?: string }) {
  return (
    <progress
      aria-label={generationWords.progressLabel}
      value={value === null ? undefined : Math.round(value * 100)}
      max={100}
      className={cx('progress-line block h-1 w-full overflow-hidden rounded-full', className)}
    />
  );
}
