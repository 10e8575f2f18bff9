/** Calls that vendors count separately. */
export type CallKind = 'submit' | 'status';
export const callKinds: readonly CallKind[] = ['submit', 'status'];

/** So many calls in any so many seconds. */
export interface Limit {
  readonly count: number;
  readonly seconds: number;
}

/** As the vendors document them, a little below. What isn't here has no limit that is known. */
const documented: Readonly<Record<string, Partial<Record<CallKind, Limit>>>> = {
  kie: { submit: { count: 20, seconds: 10 } },
  replicate: { submit: { count: 590, seconds: 60 }, status: { count: 2_900, seconds: 60 } },
};

/** Null is no limit. What an operator has set comes first. */
export function limitOf(
  providerId: string,
  kind: CallKind,
  set: Partial<Record<CallKind, Limit | null>>,
): Limit | null {
  const chosen = set[kind];
  return chosen === undefined ? (documented[providerId]?.[kind] ?? null) : chosen;
}

/** Clocks differ and networks jitter: what left evenly may arrive closer together. */
const margin = 1.05;

/**
 * A limit as evenly spaced calls with a burst: at no time do more than `count` leave within `seconds`. A quarter of them may leave at
 * once, the others follow one by one.
 */
export function spacingOf({ count, seconds }: Limit): { everySeconds: number; burst: number } {
  const burst = Math.max(1, Math.floor(count / 4));
  return { everySeconds: (margin * seconds) / Math.max(1, count - burst), burst };
}
