import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../src/platform/database.ts';

const look_ms = 1_000;
const jump_seconds = 600;
/** A jump passes every deadline and every wait there is within a few. */
const most_jumps = 40;
const after_jump_ms = 4_000;

/**
 * Waits until everything has ended: first as time goes by, as long as something does; then what only waits for its deadline has it passed, by
 * moving the database's clock on.
 */
export async function drain(
  admin: Database,
  options: { patienceMs: number; signal: AbortSignal; say: (line: string) => void },
): Promise<void> {
  let last = -1;
  let changedAt = performance.now();
  while (!options.signal.aborted) {
    const left = await unfinished(admin);
    if (left === 0) return;
    if (left !== last) changedAt = performance.now();
    last = left;
    options.say(`${left} to end`);
    if (performance.now() - changedAt > options.patienceMs) break;
    await pause(look_ms, undefined, { signal: options.signal }).catch(() => undefined);
  }
  for (let jump = 1; jump <= most_jumps && !options.signal.aborted; jump += 1) {
    await moveClock(admin, jump * jump_seconds);
    for (let looks = 0; looks < after_jump_ms / look_ms; looks += 1) {
      const left = await unfinished(admin);
      if (left === 0) return;
      options.say(`${left} to end, the clock ${jump * jump_seconds} s ahead`);
      await pause(look_ms, undefined, { signal: options.signal }).catch(() => undefined);
    }
  }
}

async function unfinished(admin: Database): Promise<number> {
  const { rows } = await admin.query<{ count: bigint }>(
    'select count(*) as count from holdfast.generation where due_at is not null',
  );
  return Number(rows[0]?.count ?? 0n);
}

/** So many seconds ahead of the true time, for everybody in this database. */
export async function moveClock(admin: Database, aheadSeconds: number): Promise<void> {
  for (const schema of ['holdfast', 'ledger']) {
    await admin.query(
      `create or replace function ${schema}.clock() returns timestamptz language sql stable
       as $$ select clock_timestamp() + interval '${Math.round(aheadSeconds)} seconds' $$`,
    );
  }
}
