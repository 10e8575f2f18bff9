import { setTimeout as pause } from 'node:timers/promises';
import type { StormWorld } from './world.ts';

const look_ms = 500;
/** What nothing happens to for so long only waits: the clock is moved on to what is due next. */
const still_ms = 3_000;
/** What is due and isn't taken waits for something else, such as a vendor's circuit. */
const step_seconds = 30;
const jump_seconds = 600;
/** A jump passes every deadline and every wait there is within a few. */
const most_jumps = 40;
const after_jump_ms = 4_000;

/**
 * Waits until everything has ended: first as time goes by, as long as something does; then, as nothing but waiting is left, by moving the
 * clock on, from one wait's end to the next; and what is still there after `patienceMs` in which nothing ended has every deadline passed.
 */
export async function drain(
  world: Pick<StormWorld, 'admin' | 'clock' | 'telegram'>,
  options: { patienceMs: number; signal: AbortSignal; say: (line: string) => void },
): Promise<void> {
  const { clock } = world;
  const { signal, say } = options;
  let last = '';
  const look = async (): Promise<Left> => {
    const left = await unfinished(world);
    const ahead = Math.round(clock.ahead());
    const words = `${left.count} to end${ahead === 0 ? '' : `, the clock ${ahead} s ahead`}`;
    if (words !== last) say(words);
    last = words;
    return left;
  };
  const rest = (): Promise<void> => pause(look_ms, undefined, { signal }).catch(() => undefined);
  let count = -1;
  let changedAt = performance.now();
  while (!signal.aborted) {
    const left = await look();
    if (left.count === 0) return;
    if (left.count !== count) changedAt = performance.now();
    count = left.count;
    const still = performance.now() - changedAt;
    if (still > options.patienceMs) break;
    if (still > still_ms && left.claimed === 0) {
      await clock.advance(left.seconds * 1000 > look_ms ? left.seconds : step_seconds);
    }
    await rest();
  }
  for (let jump = 1; jump <= most_jumps && !signal.aborted; jump += 1) {
    await clock.advance(jump_seconds);
    for (let looks = 0; looks < after_jump_ms / look_ms; looks += 1) {
      if ((await look()).count === 0) return;
      await rest();
    }
  }
}

interface Left {
  readonly count: number;
  /** Somebody works on them now. */
  readonly claimed: number;
  /** Until the next is due. */
  readonly seconds: number;
}

async function unfinished({ admin, telegram }: Parameters<typeof drain>[0]): Promise<Left> {
  const { rows } = await admin.query<Left>(
    `select count(*)::integer as count,
            count(*) filter (where claimed_until > holdfast.clock())::integer as claimed,
            coalesce(extract(epoch from min(due_at) - holdfast.clock()), 0)::double precision as seconds
       from (select due_at, claimed_until from holdfast.generation where due_at is not null
             union all select due_at, claimed_until from holdfast.delivery where due_at is not null
             union all select received_at, claimed_until from holdfast.bot_update where done_at is null) as waiting`,
  );
  const { count = 0, claimed = 0, seconds = 0 } = rows[0] ?? {};
  return { count: count + telegram.waiting(), claimed, seconds };
}
