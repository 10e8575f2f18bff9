import { cx } from '../../lib/cx.ts';

/** What an alert's link selects: marked, and brought into sight once it is there. */
export function inSight(selected: boolean, className: string) {
  if (!selected) return { className };
  return {
    className: cx(className, 'bg-accent-soft ring-2 ring-accent-line'),
    'aria-current': true,
    ref: bringIntoSight,
  } as const;
}

function bringIntoSight(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'center' });
}
