import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, inTransaction, isConnectionLoss, sqlState } from '../../src/platform/database.ts';
import { createLogger, redactText } from '../../src/platform/logger.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;

beforeEach(async () => {
  world = await createWorld();
  await world.admin.query('create table public.account (name text primary key, amount bigint not null)');
  await world.admin.query('grant all on public.account to holdfast_app');
  await world.admin.query(`insert into public.account values ('one', 10), ('two', 10)`);
});

afterEach(() => world.close());

async function amounts(): Promise<bigint[]> {
  const { rows } = await world.db.query<{ amount: bigint }>(
    'select amount from public.account order by name',
  );
  return rows.map(({ amount }) => amount);
}

test('a transaction commits when its work returns and rolls back when it throws', async () => {
  const result = await inTransaction(world.db, async (tx) => {
    await tx.query(`update public.account set amount = amount - 3 where name = 'one'`);
    return 'done';
  });
  expect(result).toBe('done');
  const failing = inTransaction(world.db, async (tx) => {
    await tx.query('update public.account set amount = 0');
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect(await amounts()).toEqual([7n, 10n]);
});

test('a failed statement that was caught is not taken for success', async () => {
  const hiding = inTransaction(world.db, async (tx) => {
    await tx.query('update public.account set amount = 0');
    await tx.query('select 1 / 0').catch(() => {});
  });
  await expect(hiding).rejects.toMatchObject({ code: 'transaction_aborted' });
  expect(await amounts()).toEqual([10n, 10n]);
});

test('a deadlock is tried again until both have had their turn', async () => {
  const met = Promise.withResolvers<void>();
  let waiting = 0;
  let tries = 0;
  const move = (from: string, to: string) =>
    inTransaction(world.db, async (tx) => {
      tries += 1;
      await tx.query('update public.account set amount = amount - 1 where name = $1', [from]);
      waiting += 1;
      if (waiting >= 2) met.resolve();
      await met.promise;
      await tx.query('update public.account set amount = amount + 1 where name = $1', [to]);
    });
  await Promise.all([move('one', 'two'), move('two', 'one')]);
  expect(tries).toBe(3);
  expect(await amounts()).toEqual([10n, 10n]);
});

test('serializable work is tried again when the database asks for it', async () => {
  let tries = 0;
  const add = () =>
    inTransaction(
      world.db,
      async (tx) => {
        tries += 1;
        const { rows } = await tx.query<{ sum: string }>('select sum(amount) as sum from public.account');
        await tx.query(`update public.account set amount = $1 where name = 'one'`, [rows[0]?.sum]);
      },
      { isolation: 'serializable' },
    );
  await Promise.all([add(), add()]);
  expect(await amounts()).toEqual([30n, 10n]);
  expect(tries).toBeGreaterThanOrEqual(2);
});

test('a lost connection is tried again only where that is safe', async () => {
  const cut = async (idempotent: boolean) => {
    let tries = 0;
    await inTransaction(
      world.db,
      async (tx) => {
        tries += 1;
        const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
        if (tries === 1) await world.admin.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
        await tx.query('update public.account set amount = 5');
      },
      { idempotent },
    );
    return tries;
  };
  const failure: unknown = await cut(false).catch((error: unknown) => error);
  expect(isConnectionLoss(failure)).toBe(true);
  expect(await amounts()).toEqual([10n, 10n]);
  expect(await cut(true)).toBe(2);
  expect(await amounts()).toEqual([5n, 5n]);
});

test('a statement that takes too long is ended by the server', async () => {
  const hasty = createDatabase({
    url: world.appUrl,
    applicationName: 'hasty',
    log: world.log,
    statementTimeoutMs: 50,
  });
  const failure: unknown = await hasty.query('select pg_sleep(30)').catch((error: unknown) => error);
  expect(sqlState(failure)).toBe('57014');
  await hasty.end();
});

test('secrets never reach a log', () => {
  let text = '';
  const destination = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString();
      done();
    },
  });
  const log = createLogger({ level: 'info', destination });
  log.info(
    { headers: { authorization: 'Bearer s3cret', cookie: 'session=s3cret' }, password: 's3cret' },
    'asked',
  );
  log.warn(`connecting to postgres://holdfast:s3cret@db/holdfast with Bearer s3cret`);
  log.error({
    err: new Error('GET /files/x?signature=s3cret&expires=1 failed', {
      cause: new Error('redis://a:s3cret@b'),
    }),
  });
  log.info({ body: { token: 's3cret' }, deep: { inside: { api_key: 's3cret' } } }, 'signed in');
  expect(text).not.toContain('s3cret');
  expect(text.trim().split('\n')).toHaveLength(4);
  expect(redactText('postgresql://u:p%40@%2Ftmp%2Fx/db')).toBe('postgresql://u:[redacted]@%2Ftmp%2Fx/db');
});

test('a new connection that dies in the moment it is handed over ends nothing but itself', async () => {
  const db = createDatabase({ url: world.appUrl, applicationName: 'test', log: world.log, max: 1 });
  try {
    const handedOver = db.connect();
    // Its death comes in the same packet as its readiness: before anybody who awaits it can listen.
    db.once('connect', (client) =>
      queueMicrotask(() => client.emit('error', new Error('terminating connection'))),
    );
    const client = await handedOver;
    client.release(true);
    expect((await db.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await db.end();
  }
});
