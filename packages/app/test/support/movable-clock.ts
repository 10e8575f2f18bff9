import pg from 'pg';
import type { Database } from '../../src/platform/database.ts';

export interface MovableClock {
  now(): Date;
  /** Moves the time for everybody in this database: an interval as Postgres reads it, such as '6 months' or '90 seconds'. */
  advance(interval: string): Promise<void>;
  /** Makes it that time now, and lets it run on from there. */
  set(time: Date): Promise<void>;
  /** Makes it stand still at that time, until `advance` or `set`. `advance` moves a standing clock and leaves it standing. */
  freeze(time?: Date): Promise<void>;
}

/** Puts a clock that a test can move behind both schemas' clock functions. */
export async function installMovableClock(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    create schema test_clock;
    create table test_clock.setting (
      id boolean primary key default true check (id),
      shift interval not null default '0',
      frozen_at timestamptz
    );
    insert into test_clock.setting default values;
    create function test_clock.now() returns timestamptz
    language sql stable security definer
    as $$ select coalesce(frozen_at, clock_timestamp() + shift) from test_clock.setting $$;
    grant usage on schema test_clock to public;
    create or replace function holdfast.clock() returns timestamptz language sql stable as 'select test_clock.now()';
    create or replace function ledger.clock() returns timestamptz language sql stable as 'select test_clock.now()';
  `);
  await client.end();
}

export async function movableClock(admin: Database): Promise<MovableClock> {
  let shift_ms = 0;
  let frozen: Date | undefined;
  const change = async (sql: string, values: unknown[]) => {
    await admin.query(`update test_clock.setting set ${sql}`, values);
    const { rows } = await admin.query<{ frozen_at: Date | null; ahead_ms: number }>(
      `select frozen_at, extract(epoch from (test_clock.now() - clock_timestamp()))::float8 * 1000 as ahead_ms
       from test_clock.setting`,
    );
    frozen = rows[0]?.frozen_at ?? undefined;
    shift_ms = rows[0]?.ahead_ms ?? 0;
  };
  await change('id = id', []);
  return {
    now: () => frozen ?? new Date(Date.now() + shift_ms),
    advance: (interval) =>
      change(
        `shift = test_clock.now() + $1::interval - clock_timestamp(), frozen_at = frozen_at + $1::interval`,
        [interval],
      ),
    set: (time) => change(`shift = $1::timestamptz - clock_timestamp(), frozen_at = null`, [time]),
    freeze: (time) => change(`frozen_at = coalesce($1::timestamptz, test_clock.now())`, [time ?? null]),
  };
}
