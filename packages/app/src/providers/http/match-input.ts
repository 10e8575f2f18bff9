import { createHash } from 'node:crypto';
import type { Attempt } from '../port.ts';
import { fieldsOf } from './json.ts';

/** One of a provider's recent tasks. `input` is undefined where the list doesn't tell it (any more). */
export interface ListedTask {
  readonly taskId: string;
  readonly input: unknown;
}

/** What an attempt's files are recognized by in a provider's lists: says nothing of the token it is made of. */
export function markerOf(token: string): string {
  return createHash('sha256').update(`holdfast-attempt:${token}`).digest('hex').slice(0, 24);
}

/**
 * Looks for an attempt among a provider's tasks of its model and time. An input with files is its own only by the marker in their addresses. One without
 * is its own where it is the only one that is equal: another attempt that asked for exactly the same would have made the same.
 * `none` only where every listed task told its input, and, for files, where `marksAreKept`: a provider may name them anew in its list.
 */
export function findByInput(
  attempt: Pick<Attempt, 'token' | 'input' | 'files'>,
  listed: readonly ListedTask[],
  marksAreKept: boolean,
): { readonly taskId: string } | 'none' | 'unclear' {
  const told = listed.filter(({ input }) => input !== undefined);
  const places = new Set(Object.keys(attempt.files).map((place) => place.replace(/\[\d+\]$/, '')));
  const wanted = canonical(without(attempt.input, places));
  const equal = told.filter(({ input }) => canonical(without(fieldsOf(input), places)) === wanted);
  const marker = markerOf(attempt.token);
  const own = places.size === 0 ? equal : equal.filter(({ input }) => JSON.stringify(input).includes(marker));
  const [only] = own;
  if (only !== undefined && own.length === 1) return { taskId: only.taskId };
  const nothingLeft = own.length === 0 && (equal.length === 0 || marksAreKept);
  return nothingLeft && told.length === listed.length ? 'none' : 'unclear';
}

/**
 * Whether a task that asked for this is the attempt's. `cannot_tell` where the mark of its files may have been lost on the way, or
 * where nothing is told of its input any more.
 */
export function recognizeInput(
  attempt: Pick<Attempt, 'token' | 'input' | 'files'>,
  input: unknown,
  marksAreKept: boolean,
): 'own' | 'of_another' | 'cannot_tell' {
  if (input === undefined) return 'cannot_tell';
  const match = findByInput(attempt, [{ taskId: 'it', input }], marksAreKept);
  if (match === 'unclear') return 'cannot_tell';
  return match === 'none' ? 'of_another' : 'own';
}

function without(input: Readonly<Record<string, unknown>>, places: ReadonlySet<string>): unknown {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !places.has(name)));
}

/** The same text for values that mean the same: keys in order, nothing undefined. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
