import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { createLedger } from '../src/index.ts';
import { createTestLedger } from './support/database.ts';
import { draws } from './support/histories.ts';
import { playInterleaved } from './support/interleaved.ts';
import { Difference, playSequence } from './support/sequential.ts';

/**
 * `npm run test:model -- --commands N --seed S`: random histories on model and database until N commands were played.
 * Prints `{commands, sequences, differences, seed}`; the first difference is shrunk and shown.
 */
const { values } = parseArgs({
  options: {
    commands: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const wanted = Number(values.commands);
const seed = Number(values.seed);
const adminUrl = process.env['DATABASE_URL'];
if (adminUrl === undefined || !Number.isSafeInteger(wanted) || !Number.isSafeInteger(seed)) {
  throw new Error('DATABASE_URL, --commands and --seed are needed; run it by `npm run test:model`');
}

const t = await createTestLedger(adminUrl, { connections: 6 });
const batching = createLedger(t.pool, { batching: true });
let commands = 0;
let sequences = 0;
let differences = 0;
let shown = Date.now();

let done = false;
for (let round = 0; !done; round += 1) {
  const result = await fc.check(
    fc.asyncProperty(draws(80), async (history) => {
      sequences += 1;
      // in turn: one after the other, through batches, and several clients at once
      const name = `s${sequences}`;
      const start = Date.UTC(2026, 0, 1);
      try {
        commands +=
          round % 3 === 2
            ? await playInterleaved(t, [t.ledger, batching, t.ledger], name, history, start)
            : await playSequence(t, round % 3 === 1 ? batching : t.ledger, name, history, start);
      } catch (error) {
        // told at once: making it small takes a while
        if (differences === 0) console.error(`seed ${seed + round}, sequence ${name}: ${String(error)}`);
        differences = 1;
        throw error;
      }
      if (process.stderr.isTTY && Date.now() - shown > 500) {
        shown = Date.now();
        process.stderr.write(`\r${commands} of ${wanted} commands, ${sequences} sequences`);
      }
    }),
    { numRuns: 50, seed: seed + round, interruptAfterTimeLimit: 120_000 },
  );
  if (result.failed) {
    differences = 1;
    const error = result.errorInstance;
    console.error(error instanceof Difference ? error.message : error);
    console.error(JSON.stringify(result.counterexample));
  }
  done = commands >= wanted || differences > 0;
}
const { violations } = await t.ledger.verify();
await t.close();
console.log(JSON.stringify({ commands, sequences, differences: differences + violations, seed }));
process.exitCode = differences + violations === 0 ? 0 : 1;
