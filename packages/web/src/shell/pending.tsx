import { commonWords } from '../words/common.ts';

/** Between two screens, for the rare case that the next one is not there at once. */
export function Pending() {
  return (
    <output aria-label={commonWords.loading} className="grid min-h-[50dvh] place-items-center">
      <span className="size-2 animate-breathe rounded-full bg-ink-3" />
    </output>
  );
}
