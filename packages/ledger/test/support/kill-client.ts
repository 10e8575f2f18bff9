import pg from 'pg';
import { createLedger, LedgerError } from '../../src/index.ts';

/** Hammers a few accounts until it is killed, and tells its parent each operation once it was acknowledged. */
const [url, name, firstEpoch] = process.argv.slice(2);
if (url === undefined || name === undefined || firstEpoch === undefined || process.send === undefined)
  throw new Error('started by run-kill.ts');
const send = process.send.bind(process);
const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 2000 });
pool.on('error', () => undefined);
const ledger = createLedger(pool, { batching: name.endsWith('b') });
/** After each check the accounts are new ones, so that a check reads what was written since the last. */
let epoch = firstEpoch;
process.on('message', (message) => {
  epoch = String(message);
});
let next = 0;
const key = (): string => `${name}-${process.pid}-${(next += 1)}`;
const one = <T>(choices: T[]): T | undefined => choices[Math.floor(Math.random() * choices.length)];

async function acknowledged(run: (key: string) => Promise<{ account: string }>): Promise<void> {
  const used = key();
  const { account } = await run(used);
  send({ account, key: used });
}

async function step(): Promise<void> {
  const account = `kill-${one(['a', 'b', 'c', name]) ?? ''}-${epoch}`;
  const amount = BigInt(1 + Math.floor(Math.random() * 30));
  const common = { account, amount };
  await ledger.openAccount({ account });
  await acknowledged((used) =>
    ledger.grant({ ...common, amount: 3n * amount, key: used, validFor: { seconds: 20 } }),
  );
  let hold = '';
  await acknowledged(async (used) => {
    const receipt = await ledger.placeHold({ ...common, key: used, leaseSeconds: 3 });
    hold = receipt.hold.id;
    return receipt;
  });
  const choice = Math.random();
  if (choice < 0.6) await acknowledged((used) => ledger.capture({ ...common, hold, key: used }));
  else if (choice < 0.8) await acknowledged((used) => ledger.release({ account, hold, key: used }));
  if (choice < 0.2) await acknowledged((used) => ledger.refund({ account, hold, key: used }));
}

async function client(): Promise<void> {
  for (;;) {
    try {
      await step();
    } catch (error) {
      // the database is down or coming back, and the ledger's own repeats have waited for it; or the rules said no
      if (!(error instanceof LedgerError)) throw error;
    }
  }
}

process.on('disconnect', () => process.exit(0));
await Promise.all([client(), client(), client()]);
