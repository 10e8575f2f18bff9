import { setTimeout as pause } from 'node:timers/promises';
import { failpoints } from '../src/generations/failpoint.ts';
import type { Fleet, Fuse, Part, Place } from './fleet.ts';
import { dice } from './random.ts';
import type { Dice } from './random.ts';

export interface KillOptions {
  readonly fleet: Fleet;
  readonly kills: number;
  readonly everyMs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** The database dies by -9; whoever runs it starts it again. False where it wasn't there. */
  readonly killPostgres: () => boolean;
  readonly died: (what: string) => void;
}

const victims = { worker: 70, server: 20, freeze: 10 } as const;
/** One in so many is the database. */
const every_postgres = 12;
/** Longer than a claim lives. */
const freeze_ms = 17_000;
const look_ms = 200;
const most_looks = 300;
/** So often a victim that isn't there is waited for. */
const most_misses = 50;

/** Kills until so many have died, at named failpoints and at any moment. @returns how many died */
export async function killAtRandom(options: KillOptions): Promise<number> {
  const { fleet, signal } = options;
  const roll = dice(options.seed, 'kills');
  const frozen: Promise<void>[] = [];
  let databases = 0;
  let turn = 0;
  const deaths = (): number => fleet.deaths() + databases;
  for (let misses = 0; deaths() < options.kills && !signal.aborted && misses < most_misses * options.kills;) {
    await pause(options.everyMs * (0.5 + roll.next()), undefined, { signal }).catch(() => undefined);
    if (signal.aborted || deaths() >= options.kills) break;
    turn += 1;
    const drawn = turn % every_postgres === every_postgres / 2 ? 'postgres' : roll.weighted(victims);
    // Nobody stands still for longer than the storm lasts.
    const lasts = (options.kills - deaths()) * options.everyMs > freeze_ms;
    const victim = drawn === 'freeze' && !lasts ? 'worker' : drawn;
    switch (victim) {
      case 'postgres':
        if (options.killPostgres()) {
          databases += 1;
          options.died('postgres');
        } else misses += 1;
        break;
      case 'freeze':
        frozen.push(placeOf(fleet, 'worker', roll).freeze(freeze_ms));
        break;
      case 'worker':
      case 'server': {
        const next = roll.chance(0.4) ? roll.pick(failpointsOf(victim)) : null;
        const place = placeOf(fleet, victim, roll);
        await someoneElseWorks(fleet, place, signal);
        if (!place.kill(next)) misses += 1;
        break;
      }
      default:
        throw new Error(`unknown victim ${String(victim satisfies never)}`);
    }
  }
  await Promise.all(frozen);
  return deaths();
}

/** A slow machine starts slowly: without this nobody might be there for minutes, and a storm without work proves little. */
async function someoneElseWorks(fleet: Fleet, victim: Place, signal: AbortSignal): Promise<void> {
  const others = fleet.places.filter((place) => place.part === victim.part && place !== victim);
  for (let looks = 0; looks < most_looks && !signal.aborted; looks += 1) {
    if (others.some((place) => place.works())) return;
    await pause(look_ms, undefined, { signal }).catch(() => undefined);
  }
}

function placeOf(fleet: Fleet, part: Part, roll: Dice): Place {
  return roll.pick(fleet.places.filter((place) => place.part === part));
}

/** Both parts answer in chats; only workers hand over there. */
function failpointsOf(part: Part): readonly Fuse[] {
  const own = failpoints.filter((name) => name.startsWith('accept.') === (part === 'server'));
  return part === 'server' ? [...own, 'bot.answered'] : [...own, ...in_chats];
}

const in_chats = ['bot.answered', 'delivery.marked', 'delivery.sent', 'delivery.uploaded'] as const;
