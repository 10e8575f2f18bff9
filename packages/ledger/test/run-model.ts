import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { createLedger } from '../src/index.ts';
import { createTestLedger } from './support/database.ts';
import { draws } from './support/histories.ts';
import { playInterleaved } from './support/interleaved.ts';
import { Difference, playSequence } from './support/sequential.ts';

/**
 * `npm run test:model -- --commands N --seed S`: random histories on model and database until N commands were played, or
 * `--minutes M` have passed, by `--workers W` processes with a database and a part of the seeds each. Prints
 * `{commands, sequences, differences, seed}`; the first difference of each is shrunk and shown.
 */
const { values } = parseArgs({
  options: {
    commands: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    workers: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1440' },
  },
});
const wanted = Number(values.commands);
const seed = Number(values.seed);
const workers = Number(values.workers);
const end = Date.now() + Number(values.minutes) * 60_000;
const adminUrl = process.env['DATABASE_URL'];
if (adminUrl === undefined || ![wanted, seed, workers].every(Number.isSafeInteger)) {
  throw new Error('DATABASE_URL, --commands and --seed are needed; run it by `npm run test:model`');
}

const shrinkingMs = 120_000;

type Played = { commands: number; sequences: number; differences: number };

async function play(url: string, tell: (played: Played) => void): Promise<Played> {
  const t = await createTestLedger(url, { connections: 6 });
  const batching = createLedger(t.pool, { batching: true });
  const played: Played = { commands: 0, sequences: 0, differences: 0 };

  let failedAt: number | undefined;
  const history = (round: number) =>
    fc.asyncProperty(draws(80), async (drawn) => {
      // out of time: the rest of the round, and of the making small, passes unplayed
      if (Date.now() > (failedAt === undefined ? end : failedAt + shrinkingMs)) return;
      played.sequences += 1;
      // in turn: one after the other, through batches, and several clients at once
      const name = `s${played.sequences}`;
      const start = Date.UTC(2026, 0, 1);
      try {
        played.commands +=
          round % 3 === 2
            ? await playInterleaved(t, [t.ledger, batching, t.ledger], name, drawn, start)
            : await playSequence(t, round % 3 === 1 ? batching : t.ledger, name, drawn, start);
      } catch (error) {
        // told at once: making it small takes a while
        if (played.differences === 0)
          console.error(`seed ${seed + round}, sequence ${name}: ${String(error)}`);
        played.differences = 1;
        failedAt ??= Date.now();
        throw error;
      }
      tell(played);
    });

  for (let round = 0; played.commands < wanted && played.differences === 0 && Date.now() < end; round += 1) {
    // never interrupted: what was left running would move the clock of the next
    const result = await fc.check(history(round), { numRuns: 50, seed: seed + round });
    if (result.failed) {
      played.differences = 1;
      const error = result.errorInstance;
      console.error(error instanceof Difference ? error.message : error);
      console.error(JSON.stringify(result.counterexample));
    }
  }
  played.differences += (await t.ledger.verify()).violations;
  await t.close();
  return played;
}

/** Each worker's seeds begin a million after the last one's. */
async function playInWorkers(tell: (played: Played) => void): Promise<Played> {
  const parts: Played[] = [];
  const sum = (): Played => ({
    commands: parts.reduce((all, part) => all + part.commands, 0),
    sequences: parts.reduce((all, part) => all + part.sequences, 0),
    differences: parts.reduce((all, part) => all + part.differences, 0),
  });
  await Promise.all(
    Array.from({ length: workers }, async (_, index) => {
      const args = ['--commands', `${Math.ceil(wanted / workers)}`, '--seed', `${seed + index * 1_000_000}`];
      const child = fork(fileURLToPath(import.meta.url), [...args, '--minutes', values.minutes]);
      child.on('message', (part) => {
        parts[index] = part as Played;
        tell(sum());
      });
      const [status] = (await once(child, 'exit')) as [number | null];
      if (status !== 0) parts[index] = { ...(parts[index] ?? { commands: 0, sequences: 0 }), differences: 1 };
    }),
  );
  return sum();
}

let shown = Date.now();
const everyMs = process.stderr.isTTY ? 500 : 60_000;

function show({ commands, sequences }: Played): void {
  if (Date.now() - shown < everyMs) return;
  shown = Date.now();
  process.stderr.write(
    `${process.stderr.isTTY ? '\r' : ''}${commands} of ${wanted} commands, ${sequences} sequences${process.stderr.isTTY ? '' : '\n'}`,
  );
}

const send = process.send?.bind(process);
const result = workers > 1 ? await playInWorkers(show) : await play(adminUrl, send ?? show);
if (send === undefined) console.log(JSON.stringify({ ...result, seed }));
else send(result);
process.exitCode = result.differences === 0 ? 0 : 1;
if (send !== undefined) process.disconnect();
