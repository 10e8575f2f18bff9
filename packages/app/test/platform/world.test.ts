import pg from 'pg';
import { expect, test } from 'vitest';
import { createWorld } from '../support/world.ts';

test('a world is a migrated database of its own, in which the application owns nothing', async () => {
  const world = await createWorld();
  const { rows } = await world.db.query<{ name: string; rows: bigint }>(
    'select current_user as name, count(*) as rows from holdfast.installation',
  );
  expect(rows).toEqual([{ name: 'holdfast_app', rows: 1n }]);
  for (const sql of [
    'create table holdfast.mine ()',
    'drop table holdfast.installation',
    'alter table holdfast.installation disable trigger all',
    'truncate holdfast.installation',
    'create schema mine',
    'delete from holdfast.migration',
    'create or replace function holdfast.clock() returns timestamptz language sql as $$ select now() $$',
  ]) {
    await expect(world.db.query(sql)).rejects.toThrow(/permission denied|must be owner/);
  }
  await world.close();
});

test('its clock moves for both schemas and for TypeScript', async () => {
  const world = await createWorld();
  const read = async () => {
    const { rows } = await world.db.query<{ app: Date }>('select holdfast.clock() as app');
    const ledger = await world.admin.query<{ ledger: Date }>('select ledger.clock() as ledger');
    return [rows[0]?.app, ledger.rows[0]?.ledger];
  };
  await world.clock.freeze(new Date('2026-08-31T12:00:00Z'));
  expect(await read()).toEqual([world.clock.now(), world.clock.now()]);
  await world.clock.advance('6 months');
  expect(await read()).toEqual([new Date('2027-02-28T12:00:00Z'), new Date('2027-02-28T12:00:00Z')]);
  await world.clock.set(new Date('2030-01-01T00:00:00Z'));
  for (const time of [...(await read()), world.clock.now()]) {
    expect(Math.abs((time?.getTime() ?? 0) - Date.parse('2030-01-01T00:00:00Z'))).toBeLessThan(5000);
  }
  await world.close();
});

test('a connection that a test forgot fails it', async () => {
  const world = await createWorld();
  const forgotten = new pg.Client({ connectionString: world.adminUrl });
  const errors: unknown[] = [];
  forgotten.on('error', (error) => errors.push(error));
  const dropped = new Promise((resolve) => forgotten.once('end', resolve));
  await forgotten.connect();
  await expect(world.close()).rejects.toThrow(/Connections were left open/);
  await dropped;
  expect(errors[0]).toMatchObject({ code: '57P01' });
});
