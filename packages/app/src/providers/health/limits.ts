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

/** Clocks differ and networks jitter: what left in time may arrive closer together. */
const margin = 1.05;
/** So many calls are remembered at most. */
const longest_log = 100;

/** The limit that is kept: a little slower, and in shorter times where many calls are allowed, which keeps the longer one as well. */
export function keptLimit({ count, seconds }: Limit): Limit {
  const parts = Math.ceil(count / longest_log);
  return { count: Math.max(1, Math.floor(count / parts)), seconds: (margin * seconds) / parts };
}
