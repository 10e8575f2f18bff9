import { setTimeout as pause } from 'node:timers/promises';
import type { AssetFault, CallbackFault, Outcome, SubmitFault } from '../emulators/shared/knobs.ts';
import { dice } from './random.ts';
import type { Dice } from './random.ts';
import type { VendorId, Vendors } from './vendors.ts';

const submit_weights = {
  accept: 64,
  accept_then_drop: 6,
  drop_before_accept: 5,
  '5xx_after_accept': 5,
  garbage_after_accept: 3,
  hang: 4,
  throttle: 5,
  burst: 2,
  maintenance: 2,
} as const;
const outcome_weights = { succeed: 78, policy: 6, photo: 3, system: 9, stuck: 2 } as const;
const callback_weights = {
  usual: 4,
  none: 2,
  dup: 2,
  late: 2,
  out_of_order: 2,
  forged: 2,
  wrong_task: 2,
} as const;
const upload_weights = { usual: 10, broken: 1, drop: 1 } as const;
const asset_weights = { usual: 14, '404': 1, truncated: 1, html: 1, huge: 1, slow: 1 } as const;

/** A burst refuses so many in a row. */
const burst = 6;
/** Bad files last so long, and the account is dry for so long. */
const spell_ms = 1_200;
const dry_ms = 4_000;
const rich_usd = 1_000;

/** Makes the vendors as bad as they get, from the seed, until the signal. Submits and tasks meet their faults in the order in which they come. */
export async function blow(
  vendors: Vendors,
  options: { seed: number; tasks: number; signal: AbortSignal },
): Promise<void> {
  const all = Object.entries(vendors.services) as [VendorId, Vendors['services'][VendorId]][];
  for (const [name, { knobs }] of all) {
    const submits = dice(options.seed, `${name} submits`);
    knobs.submit = Array.from({ length: options.tasks * 2 }, () => submitFaults(submits, name)).flat();
    const outcomes = dice(options.seed, `${name} outcomes`);
    knobs.fail = Array.from({ length: options.tasks * 2 }, (): Outcome => outcomes.weighted(outcome_weights));
  }
  await Promise.all(all.map(([name]) => change(vendors, name, options)));
}

async function change(
  vendors: Vendors,
  name: VendorId,
  options: { seed: number; signal: AbortSignal },
): Promise<void> {
  const roll = dice(options.seed, `${name} weather`);
  const { knobs } = vendors.services[name];
  const wait = (ms: number): Promise<void> =>
    pause(ms, undefined, { signal: options.signal }).catch(() => undefined);
  while (!options.signal.aborted) {
    const callback = roll.weighted(callback_weights);
    knobs.callback = callback === 'usual' ? null : (callback satisfies CallbackFault);
    const asset = roll.weighted(asset_weights);
    knobs.asset = asset === 'usual' ? null : (asset satisfies AssetFault);
    const upload = roll.weighted(upload_weights);
    knobs.upload = upload === 'usual' ? null : upload;
    knobs.resultTtlMs = roll.chance(0.1) ? 500 : 3_600_000;
    knobs.slowMs = roll.chance(0.1) ? roll.below(800) : 0;
    if (roll.chance(0.015)) {
      knobs.balanceUsd = 0;
      await wait(dry_ms);
      knobs.balanceUsd = rich_usd;
    }
    await wait(spell_ms * (0.5 + roll.next()));
  }
}

/** The sky clears: whatever was planned is forgotten, and accounts are filled. What runs already ends as it was to end. */
export function clear(vendors: Vendors): void {
  for (const { knobs } of Object.values(vendors.services)) {
    knobs.submit = [];
    knobs.fail = [];
    knobs.callback = null;
    knobs.asset = null;
    knobs.upload = null;
    knobs.slowMs = 0;
    knobs.resultTtlMs = 3_600_000;
    knobs.balanceUsd = rich_usd;
  }
}

function submitFaults(roll: Dice, vendor: VendorId): SubmitFault[] {
  const fault = roll.weighted(submit_weights);
  if (fault === 'burst') return Array.from({ length: burst }, () => 'throttle');
  if (fault === 'maintenance') return [maintenance[vendor]];
  return [fault];
}

/** How each says that it is closed for the moment, having started nothing. */
const maintenance: Readonly<Record<VendorId, SubmitFault>> = {
  kie: { status: 200, body: { code: 455, msg: 'Service is under maintenance', data: null } },
  fal: { status: 429, body: { detail: 'Too many requests' } },
  replicate: { status: 429, body: { detail: 'Request was throttled. Your rate limit resets in ~1s.' } },
};
