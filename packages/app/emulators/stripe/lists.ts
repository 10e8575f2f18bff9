import { formOf, numberOf, textOf } from './form.ts';
import type { Form } from './form.ts';

/** A page of a list, newest first, as Stripe cuts it: by `limit`, `starting_after`, `ending_before` and `created`. */
export function listOf<T extends { id: string; created?: number }>(
  all: Iterable<T>,
  form: Form,
  keep: (item: T) => boolean = () => true,
): { object: 'list'; data: T[]; has_more: boolean; url: string } {
  const items = [...all].filter((item) => keep(item) && inRange(item.created, form)).toReversed();
  const limit = Math.min(numberOf(form, 'limit') ?? 10, 100);
  const after = items.findIndex(({ id }) => id === textOf(form, 'starting_after'));
  const before = items.findIndex(({ id }) => id === textOf(form, 'ending_before'));
  const url = '/v1/list';
  if (before >= 0) {
    const newer = items.slice(0, before);
    return { object: 'list', data: newer.slice(-limit), has_more: newer.length > limit, url };
  }
  const rest = items.slice(after + 1);
  return { object: 'list', data: rest.slice(0, limit), has_more: rest.length > limit, url };
}

function inRange(created: number | undefined, form: Form): boolean {
  const range = formOf(form['created']);
  const from = numberOf(range, 'gte');
  const to = numberOf(range, 'lte');
  return created === undefined || ((from === null || created >= from) && (to === null || created <= to));
}
