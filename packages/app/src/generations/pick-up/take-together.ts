import type { Database } from '../../platform/database.ts';
import { retrying } from '../steps/retrying.ts';
import { takeNext } from './take-next.ts';
import type { Taken, Taking } from './take-next.ts';

/** What one statement takes at most. */
const most_together = 16;

/** By this process' monotonic clock, taken before the markers were written. */
type Marked = Taken & { readonly markedAtMs: number };

interface Line {
  readonly waiting: {
    readonly resolve: (taken: Marked | null) => void;
    readonly reject: (error: unknown) => void;
  }[];
  underWay: boolean;
}

const lines = new WeakMap<Database, Map<string, Line>>();

/**
 * Takes the next in turn, together with whoever asks for the same while a statement is under way: they share its commit. Alone where nobody else
 * does, without waiting for company.
 */
export function takeTogether(db: Database, taking: Taking): Promise<Marked | null> {
  const known = lines.get(db) ?? new Map<string, Line>();
  lines.set(db, known);
  const key = JSON.stringify(taking);
  const line = known.get(key) ?? { waiting: [], underWay: false };
  known.set(key, line);
  const { promise, resolve, reject } = Promise.withResolvers<Marked | null>();
  line.waiting.push({ resolve, reject });
  if (!line.underWay) {
    line.underWay = true;
    void work(db, taking, line).finally(() => known.delete(key));
  }
  return promise;
}

async function work(db: Database, taking: Taking, line: Line): Promise<void> {
  while (line.waiting.length > 0) {
    const batch = line.waiting.splice(0, most_together);
    try {
      const markedAtMs = performance.now();
      const taken = await retrying(() => takeNext(db, taking, batch.length));
      for (const [index, { resolve }] of batch.entries()) {
        const mine = taken[index];
        resolve(mine === undefined ? null : { ...mine, markedAtMs });
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
  line.underWay = false;
}
