import { parseArgs } from 'node:util';
import type pg from 'pg';
import { createLedger, type Ledger } from '../src/index.ts';
import { createTestLedger } from '../test/support/database.ts';
import { createNaive, naiveCycle } from './naive.ts';
import { measure, type Measured } from './measure.ts';
import { fillExpired, fillOperations, fillSegments } from './fill.ts';
import { createYardstick, yardstick } from './yardstick.ts';

/**
 * `npm run bench:ledger -- --json`: rates beside a yardstick measured in the same process, on the same server, with
 * durability on. A cycle is a hold and a capture, with keys, three lots an account, double entry and hash chain.
 * `--long` adds reading at ten million operations and holds beside the sweep of a million expired lots, `--only a,b` measures
 * some.
 */
const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    only: { type: 'string' },
    seconds: { type: 'string', default: '1.5' },
  },
});
const adminUrl = process.env['DATABASE_URL'];
if (adminUrl === undefined) throw new Error('DATABASE_URL is needed; run it by `npm run bench:ledger`');

const connections = 16;
const accounts = 10_000;
const seconds = Number(flags.seconds);
const wanted = flags.only?.split(',');

const t = await createTestLedger(adminUrl, { clock: false, connections, durable: true });
const single = createLedger(t.pool, { prepare: true });
const batching = createLedger(t.pool, { prepare: true, batching: true });
await createYardstick(t.admin, accounts);
await createNaive(t.admin, accounts);
await seedAccounts(t.admin, accounts);

let next = 0;
/** Keys in the order of time, as applications make them. */
const key = (): string => `k${(next += 1).toString().padStart(12, '0')}`;
const spread = (): string => `acc-${1 + Math.floor(Math.random() * accounts)}`;
const hot = (): string => 'acc-hot';

async function cycle(ledger: Ledger, account: string): Promise<void> {
  const { hold } = await ledger.placeHold({ account, key: key(), amount: 10n, leaseSeconds: 600 });
  await ledger.capture({ account, key: key(), hold: hold.id, amount: 8n });
}

const runs: { name: string; clients: number; run: () => Promise<unknown>; long?: boolean }[] = [
  { name: 'single_spread', clients: connections, run: () => cycle(single, spread()) },
  { name: 'single_hot', clients: connections, run: () => cycle(single, hot()) },
  { name: 'batched_spread', clients: 300, run: () => cycle(batching, spread()) },
  { name: 'batched_hot', clients: 300, run: () => cycle(batching, hot()) },
  {
    name: 'grant',
    clients: connections,
    run: () => single.grant({ account: spread(), key: key(), amount: 10n, validFor: { days: 180 } }),
  },
  {
    name: 'naive_spread',
    clients: connections,
    run: () => naiveCycle(t.pool, 1 + Math.floor(Math.random() * accounts)),
  },
  { name: 'naive_hot', clients: connections, run: () => naiveCycle(t.pool, 0) },
  { name: 'balance_10k', clients: 4, run: () => single.balance({ account: 'acc-10k' }) },
  { name: 'page_10k', clients: 4, run: () => single.statement({ account: 'acc-10k' }) },
  { name: 'balance_10m', clients: 4, run: () => single.balance({ account: 'acc-10m' }), long: true },
  { name: 'page_10m', clients: 4, run: () => single.statement({ account: 'acc-10m' }), long: true },
];

if (flags.long) {
  let sweeping: Promise<unknown> | undefined;
  runs.push({
    name: 'hold_during_sweep',
    clients: 2,
    long: true,
    run: () => {
      // beside the holds one sweeper works its way through a million expired lots
      sweeping ??= t.ledger.expireDue({ maxAccounts: 50 }).finally(() => {
        sweeping = undefined;
      });
      return cycle(single, spread());
    },
  });
}

const chosen = runs.filter(
  (run) => (wanted === undefined || wanted.includes(run.name)) && (flags.long || run.long !== true),
);
if (chosen.some((run) => run.name.endsWith('10k'))) await fillOperations(t.admin, 'acc-10k', 10_000);
if (chosen.some((run) => run.name.endsWith('10m'))) await fillOperations(t.admin, 'acc-10m', 10_000_000);
if (chosen.some((run) => run.name === 'hold_during_sweep')) await fillExpired(t.admin, 100_000, 10);
await t.admin.query('vacuum analyze');
await fillSegments(t.admin, Math.ceil(16 * seconds));

const yardsticks: Measured[] = [];
const results: (Measured & { name: string; ratio: number })[] = [];
const measureYardstick = async (): Promise<void> => {
  yardsticks.push(
    await measure(connections, seconds / 2, () =>
      yardstick(t.pool, 1 + Math.floor(Math.random() * accounts)),
    ),
  );
};

const measured: (Measured & { name: string })[] = [];
await measureYardstick();
for (const { name, clients, run } of chosen) {
  measured.push({ name, ...(await measure(clients, seconds, run)) });
  // the machine may change its mood: the yardstick is taken again between the runs
  await measureYardstick();
}
const unit = yardsticks.reduce((sum, { per_second }) => sum + per_second, 0) / yardsticks.length;
for (const result of measured) results.push({ ...result, ratio: round(result.per_second / unit) });

if (flags.json) {
  console.log(JSON.stringify({ yardstick_per_second: round(unit), results }));
} else {
  console.log(`U = ${round(unit)} per second (update, select and insert in one commit)`);
  console.table([{ name: 'U', ...yardsticks[0], ratio: 1 }, ...results]);
}
await t.close();

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Accounts with three lots each. */
async function seedAccounts(admin: pg.Pool, count: number): Promise<void> {
  await admin.query(
    `do $$ begin
       for n in 0 .. ${count} loop
         perform ledger.open_account(case n when 0 then 'acc-hot' else 'acc-' || n end);
         for lot in 1 .. 3 loop
           perform ledger."grant"(case n when 0 then 'acc-hot' else 'acc-' || n end, 'seed-' || lot, 1000000000000,
             valid_for => make_interval(days => 100 + lot));
         end loop;
       end loop;
     end $$`,
  );
}
