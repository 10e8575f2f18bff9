import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { createTestLedger } from './support/database.ts';

/**
 * `npm run test:kill -- --kills N --seed S`: clients hammer the ledger while client processes and the database itself are
 * killed with -9. After each recovery every acknowledged operation must be there and `verify` must find nothing in the
 * accounts written since the last, at the end in all.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);
const adminUrl = process.env['DATABASE_URL'];
const cluster = process.env['TEST_PGDATA'];
if (
  adminUrl === undefined ||
  cluster === undefined ||
  !Number.isSafeInteger(kills) ||
  !Number.isSafeInteger(seed)
) {
  throw new Error('DATABASE_URL, TEST_PGDATA, --kills and --seed are needed; run it by `npm run test:kill`');
}

const t = await createTestLedger(adminUrl, { clock: false, durable: true, retries: 60 });
const [plan = []] = fc.sample(
  fc.array(
    fc.record({ database: fc.boolean(), client: fc.nat(2), wait_ms: fc.integer({ min: 100, max: 900 }) }),
    {
      minLength: kills,
      maxLength: kills,
      size: 'max',
    },
  ),
  { numRuns: 1, seed },
);

type Acknowledged = { account: string; key: string };
let fresh: Acknowledged[] = [];
let operations = 0;
let lost = 0;
let violations = 0;
let stopping = false;
let epoch = 1;
const names = ['one', 'two-b', 'three'];
const clients: ChildProcess[] = names.map(startClient);

function startClient(name: string): ChildProcess {
  const child = fork(new URL('support/kill-client.ts', import.meta.url), [t.appUrl, name, `${epoch}`], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.on('message', (message) => {
    operations += 1;
    fresh.push(message as Acknowledged);
  });
  child.on('exit', () => {
    if (!stopping) clients[names.indexOf(name)] = startClient(name);
  });
  return child;
}

async function killDatabase(): Promise<void> {
  const pid = await serverProcess();
  process.kill(Number(pid), 'SIGKILL');
  // its orphaned backends answer for a moment: only the next server counts
  for (let attempt = 0; attempt < 600 && (await serverProcess()) === pid; attempt += 1) await after(50);
}

async function serverProcess(): Promise<string> {
  try {
    return (await readFile(`${cluster}/postmaster.pid`, 'utf8')).split('\n')[0] ?? '';
  } catch {
    return '';
  }
}

async function recovered(): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    try {
      await t.admin.query('select 1');
      return;
    } catch {
      await after(50);
    }
  }
  throw new Error('the database did not come back within 30 seconds');
}

/** Everything acknowledged since the last check is there; the accounts of that time, or all of them, are in order. */
async function check(everything: boolean): Promise<void> {
  await recovered();
  const told = fresh;
  fresh = [];
  const accounts = await t.admin.query<{ id: string }>('select id from ledger.account where id like $1', [
    `%-${epoch}`,
  ]);
  epoch += 1;
  for (const child of clients) {
    // one that was killed this instant learns it from its successor's arguments
    if (child.connected) child.send(epoch, () => undefined);
  }
  const { rows } = await t.admin.query<Acknowledged>(
    `select a.id as account, o.key from ledger.operation o join ledger.account a on a.account_no = o.account_no
     where o.key = any ($1)`,
    [told.map((one) => one.key)],
  );
  const there = new Set(rows.map((row) => `${row.account} ${row.key}`));
  lost += told.filter((one) => !there.has(`${one.account} ${one.key}`)).length;
  for (const account of everything ? [undefined] : accounts.rows.map(({ id }) => id)) {
    violations += (await t.ledger.verify(account === undefined ? {} : { account })).violations;
  }
}

let killed = 0;
for (const { database, client, wait_ms } of plan) {
  await after(wait_ms);
  if (database) await killDatabase();
  else clients[client]?.kill('SIGKILL');
  killed += 1;
  if (database || killed === kills) await check(false);
  if (process.stderr.isTTY) process.stderr.write(`\r${killed} of ${kills} kills, ${operations} operations`);
}
stopping = true;
for (const child of clients) child.kill('SIGKILL');
await check(true);
await t.close();
console.log(JSON.stringify({ kills: killed, operations, acknowledged_lost: lost, violations, seed }));
process.exitCode = lost + violations === 0 ? 0 : 1;
