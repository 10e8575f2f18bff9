import type { Database } from '../../platform/database.ts';
import { acceptInDatabase, acceptTogether } from './acceptance-queries.ts';
import type { Acceptance, AcceptOutcome } from './acceptance-queries.ts';

/** Requests that are decided by one statement, at most: they share its commit, and its locks. */
const most_together = 16;
/** Statements under way at once; what arrives meanwhile gathers. */
const most_statements = 2;

interface Waiting {
  readonly acceptance: Acceptance;
  readonly resolve: (outcome: AcceptOutcome) => void;
  readonly reject: (error: unknown) => void;
}

interface Gate {
  readonly waiting: Waiting[];
  underWay: number;
}

const gates = new WeakMap<Database, Gate>();

/**
 * Has the database decide, together with whatever else asks at the same time: alone when nothing else does, without waiting for company. A request
 * that is raised as an error leaves the others as they are: they are decided one by one then.
 */
export function decideTogether(db: Database, acceptance: Acceptance): Promise<AcceptOutcome> {
  let gate = gates.get(db);
  if (!gate) {
    gate = { waiting: [], underWay: 0 };
    gates.set(db, gate);
  }
  const { promise, resolve, reject } = Promise.withResolvers<AcceptOutcome>();
  gate.waiting.push({ acceptance, resolve, reject });
  open(db, gate);
  return promise;
}

function open(db: Database, gate: Gate): void {
  while (gate.underWay < most_statements && gate.waiting.length > 0) {
    const batch = gate.waiting.splice(0, most_together);
    gate.underWay += 1;
    void decideBatch(db, batch).finally(() => {
      gate.underWay -= 1;
      open(db, gate);
    });
  }
}

async function decideBatch(db: Database, batch: readonly Waiting[]): Promise<void> {
  if (batch.length > 1) {
    try {
      const outcomes = await acceptTogether(
        db,
        batch.map(({ acceptance }) => acceptance),
      );
      for (const [index, one] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome) one.resolve(outcome);
        else one.reject(new Error('a request was left undecided'));
      }
      return;
    } catch {
      // One of them can't be decided: nothing was written, and each is told its own error below.
    }
  }
  await Promise.all(batch.map((one) => acceptInDatabase(db, one.acceptance).then(one.resolve, one.reject)));
}
