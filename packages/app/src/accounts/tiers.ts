import type { Db } from '../platform/database.ts';
import { NotFoundError } from '../platform/errors.ts';

/** What people of one tier may do at once. Null is "as the settings say". */
export interface Tier {
  readonly id: string;
  readonly name: string;
  /** Turns per round of a provider's queue, 1 to 10. */
  readonly priority: number;
  readonly maxRunning: number | null;
  readonly maxUnfinished: number | null;
  readonly videoCooldownSeconds: number | null;
  readonly imageCooldownSeconds: number | null;
  /** How far postpaid charges may take an account into debt. */
  readonly debtLimit: bigint | null;
}

export interface CountedTier extends Tier {
  readonly people: number;
}

interface TierRow {
  id: string;
  name: string;
  priority: number;
  max_running: number | null;
  max_unfinished: number | null;
  video_cooldown_seconds: number | null;
  image_cooldown_seconds: number | null;
  debt_limit: bigint | null;
}

/** What to write; what is undefined stays as it is. */
export type TierChange = Pick<Tier, 'id'> & {
  readonly [Key in Exclude<keyof Tier, 'id'>]?: Tier[Key] | undefined;
};

/** Every tier, the lowest priority first, with how many people are in it. */
export async function listTiers(db: Db): Promise<CountedTier[]> {
  const { rows } = await db.query<TierRow & { people: bigint }>(
    `select t.*, (select count(*) from holdfast.person p where p.tier = t.id) as people
       from holdfast.tier t order by t.priority, t.id`,
  );
  return rows.map((row) => Object.assign(toTier(row), { people: Number(row.people) }));
}

/** Writes a tier: makes it where there is none of this id, and leaves what isn't given as it is. In force at once. */
export async function saveTier(db: Db, change: TierChange): Promise<Tier> {
  const columns: [string, unknown][] = [
    ['name', change.name],
    ['priority', change.priority],
    ['max_running', change.maxRunning],
    ['max_unfinished', change.maxUnfinished],
    ['video_cooldown_seconds', change.videoCooldownSeconds],
    ['image_cooldown_seconds', change.imageCooldownSeconds],
    ['debt_limit', change.debtLimit],
  ];
  const given = columns.filter(([, value]) => value !== undefined);
  const written: [string, unknown][] = [
    ['id', change.id],
    ...(change.name === undefined ? [['name', change.id] as [string, unknown]] : []),
    ...given,
  ];
  const updates = ['id', ...given.map(([column]) => column)].map(
    (column) => `${column} = excluded.${column}`,
  );
  const { rows } = await db.query<TierRow>(
    `insert into holdfast.tier (${written.map(([column]) => column).join(', ')})
     values (${written.map((_, index) => `$${index + 1}`).join(', ')})
     on conflict (id) do update set ${updates.join(', ')}
     returning *`,
    written.map(([, value]) => value),
  );
  const row = rows[0];
  if (!row) throw new NotFoundError('tier');
  return toTier(row);
}

export async function readPersonTier(db: Db, personId: string): Promise<string | null> {
  const { rows } = await db.query<{ tier: string }>('select tier from holdfast.person where id = $1', [
    personId,
  ]);
  return rows[0]?.tier ?? null;
}

/** @throws NotFoundError `tier`, `person` */
export async function setPersonTier(db: Db, personId: string, tier: string): Promise<void> {
  const { rowCount: known } = await db.query('select from holdfast.tier where id = $1', [tier]);
  if (known !== 1) throw new NotFoundError('tier');
  const { rowCount } = await db.query('update holdfast.person set tier = $2 where id = $1', [personId, tier]);
  if (rowCount !== 1) throw new NotFoundError('person');
}

function toTier(row: TierRow): Tier {
  return {
    id: row.id,
    name: row.name,
    priority: row.priority,
    maxRunning: row.max_running,
    maxUnfinished: row.max_unfinished,
    videoCooldownSeconds: row.video_cooldown_seconds,
    imageCooldownSeconds: row.image_cooldown_seconds,
    debtLimit: row.debt_limit,
  };
}
