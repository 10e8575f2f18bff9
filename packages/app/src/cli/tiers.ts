import { listTiers, readPersonTier, saveTier, setPersonTier } from '../accounts/tiers.ts';
import type { Tier } from '../accounts/tiers.ts';
import { findPersonByHint } from '../operations/find-person.ts';
import type { OperationsDeps } from '../operations/deps.ts';
import { inLog } from '../operations/operator-log.ts';
import type { ByHand } from '../operations/operator-log.ts';
import type { Db } from '../platform/database.ts';
import { InvalidInputError } from '../platform/errors.ts';
import { table } from './output.ts';
import type { CommandOutput } from './output.ts';

/** `holdfast tiers list`: what people of each tier may do at once. */
export async function tiersList(db: Db): Promise<CommandOutput> {
  const tiers = await listTiers(db);
  return { json: { tiers }, text: tableOf(tiers) };
}

/** `setting`: as the settings say. */
type Limit = number | 'setting' | undefined;

export interface TierOptions {
  readonly name?: string;
  readonly priority?: number;
  readonly maxRunning?: Limit;
  readonly maxUnfinished?: Limit;
  readonly videoCooldown?: Limit;
  readonly imageCooldown?: Limit;
  readonly debtLimit?: Limit;
}

/** `holdfast tiers set <id>`: makes a tier or edits it; what isn't given stays as it is. In force at once, everywhere. */
export async function tiersSet(db: Db, by: ByHand, id: string, options: TierOptions): Promise<CommandOutput> {
  if (!/^[a-z][a-z0-9_-]{0,39}$/.test(id)) {
    throw new InvalidInputError(
      'tier_id_invalid',
      `A tier's id has up to 40 small letters, digits, _ and -, and begins with a letter: "${id}" hasn't.`,
      { id },
    );
  }
  const limit = (value: Limit): number | null | undefined => (value === 'setting' ? null : value);
  const debtLimit = limit(options.debtLimit);
  const tier = await inLog(
    db,
    by,
    { action: 'set_tier', subject: id, asked: options },
    {
      standing: async () => (await listTiers(db)).find((each) => each.id === id) ?? null,
      doing: () =>
        saveTier(db, {
          id,
          name: options.name,
          priority: options.priority,
          maxRunning: limit(options.maxRunning),
          maxUnfinished: limit(options.maxUnfinished),
          videoCooldownSeconds: limit(options.videoCooldown),
          imageCooldownSeconds: limit(options.imageCooldown),
          debtLimit: typeof debtLimit === 'number' ? BigInt(debtLimit) : debtLimit,
        }),
    },
  );
  return { json: tier, text: tableOf([tier]) };
}

/** `holdfast tiers assign <who> <tier>`: puts one person into a tier, by hand. */
export async function tiersAssign(
  deps: OperationsDeps,
  by: ByHand,
  who: string,
  tier: string,
): Promise<CommandOutput> {
  const person = await findPersonByHint(deps, who);
  await inLog(
    deps.db,
    by,
    { action: 'assign_tier', subject: person.id, asked: { tier } },
    {
      standing: async () => ({ tier: await readPersonTier(deps.db, person.id) }),
      doing: () => setPersonTier(deps.db, person.id, tier),
    },
  );
  return {
    json: { person: person.id, tier },
    text: `${person.email ?? person.id} is of the tier "${tier}" now.`,
  };
}

function tableOf(tiers: readonly (Tier & { readonly people?: number })[]): string {
  const or = (value: number | bigint | null): string => (value === null ? '(setting)' : String(value));
  const head = [
    'tier',
    'name',
    'priority',
    'running',
    'unfinished',
    'video pause s',
    'image pause s',
    'debt up to',
    'people',
  ];
  const rows = tiers.map((tier) => [
    tier.id,
    tier.name,
    tier.priority,
    or(tier.maxRunning),
    or(tier.maxUnfinished),
    or(tier.videoCooldownSeconds),
    or(tier.imageCooldownSeconds),
    or(tier.debtLimit),
    tier.people ?? null,
  ]);
  return table(head, rows);
}
