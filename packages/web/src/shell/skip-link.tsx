import { commonWords as words } from '../words/common.ts';

export function SkipLink() {
  return (
    <a
      href="#content"
      className="sr-only rounded-lg bg-accent px-4 py-2 text-sm font-medium text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:px-4 focus:py-2"
    >
      {words.skip}
    </a>
  );
}
