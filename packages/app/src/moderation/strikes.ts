import type { Db } from '../platform/database.ts';

export interface Standing {
  /** Refusals in the last day that no pardon has wiped away. */
  readonly strikes: number;
  /** Until when new requests are paused, if so many refusals are too many: a day after the one that made it so many. */
  readonly pausedSeconds: number;
  /** This request was answered before: whatever was said then counts. */
  readonly answered: boolean;
}

/** What providers refuse counts as much as what is refused here. */
const refusals = `
  select at from (
    select s.at from holdfast.moderation_strike s
     where s.person_id = $1 and s.at > holdfast.clock() - interval '24 hours'
    union all
    select g.finished_at from (
      select finished_at, error_class from holdfast.generation
       where person_id = $1 and created_at > holdfast.clock() - interval '48 hours'
       order by id desc limit 500) as g
     where g.error_class = 'USER_POLICY' and g.finished_at > holdfast.clock() - interval '24 hours') as refused
   where at > coalesce((select max(p.at) from holdfast.moderation_pardon p where p.person_id = $1), '-infinity')`;

/** @param most refusals in a day that are too many; 0 is never */
export async function readStanding(
  db: Db,
  request: { personId: string; command: string; key: string; most: number },
): Promise<Standing> {
  const { rows } = await db.query<{ strikes: number; paused: number | null; answered: boolean }>({
    name: 'moderation_standing',
    text: `with refused as (${refusals})
           select (select count(*)::integer from refused) as strikes,
                  (select extract(epoch from at + interval '24 hours' - holdfast.clock())::double precision
                     from refused where $4 > 0 order by at desc offset greatest($4 - 1, 0) limit 1) as paused,
                  exists (select from holdfast.generation_request r
                           where r.person_id = $1 and r.command = $2 and r.key = $3) as answered`,
    values: [request.personId, request.command, request.key, request.most],
  });
  const row = rows[0];
  return {
    strikes: row?.strikes ?? 0,
    pausedSeconds: Math.max(0, row?.paused ?? 0),
    answered: row?.answered ?? false,
  };
}

/** Once for each request, however often it is repeated. */
export async function noteStrike(
  db: Db,
  strike: { personId: string; key: string; moderator: string; reason: string },
): Promise<void> {
  await db.query(
    `insert into holdfast.moderation_strike (person_id, key, moderator, reason) values ($1, $2, $3, $4)
     on conflict (person_id, key) do nothing`,
    [strike.personId, strike.key.slice(0, 200), strike.moderator, strike.reason.slice(0, 500)],
  );
}

/** What was refused so far counts no more. */
export async function pardon(db: Db, personId: string): Promise<void> {
  await db.query('insert into holdfast.moderation_pardon (person_id) values ($1)', [personId]);
}
