import type { Db } from '../platform/database.ts';
import type { Kind } from './catalogue/model.ts';
import type { GenerationWithFiles } from './rows.ts';

/** Counting further would cost more than a person cares. */
const farthest_position = 1_000;

const with_files = `
  select g.*, coalesce(files.outputs, '[]') as outputs, queue.place as queue, refund.amount as given_back, refund.amount is not null and refund.unlocked_at is null as locked,
         holdfast.clock() as now
    from holdfast.generation g
    left join holdfast.generation_refund refund on refund.generation_id = g.id and g.state = 'succeeded'
    left join lateral (
      select json_agg(json_build_object(
               'id', a.id, 'kind', a.kind, 'sha256', a.sha256, 'content_type', a.content_type, 'bytes', a.bytes,
               'width', a.width, 'height', a.height, 'duration_ms', a.duration_ms,
               'has_poster', a.poster_sha256 is not null) order by a.output) as outputs
        from holdfast.asset a
       where a.generation_id = g.id and a.removed_at is null
    ) as files on g.state = 'succeeded'
    left join lateral (
      select json_build_object(
               'ahead', (select count(*)
                  from (select from holdfast.generation b
                         where b.state = 'queued' and b.provider_id = g.provider_id and (b.turn, b.id) < (g.turn, g.id)
                         limit ${farthest_position}) as before_it),
               'own_ahead', count(*) filter (where own.state = 'queued' and own.provider_id = g.provider_id
                                               and (own.turn, own.id) < (g.turn, g.id)),
               'own_running', count(*) filter (where own.state <> 'queued'),
               'own_limit', (select t.max_running
                  from holdfast.person p join holdfast.tier t on t.id = p.tier where p.id = g.person_id)) as place
        from (select u.state, u.provider_id, u.turn, u.id from holdfast.generation u
               where u.person_id = g.person_id and u.due_at is not null
               limit ${farthest_position}) as own
    ) as queue on g.state = 'queued'`;

/** Null also where it is another person's. */
export async function findGeneration(
  db: Db,
  personId: string,
  id: string,
): Promise<GenerationWithFiles | null> {
  const { rows } = await db.query<GenerationWithFiles>({
    name: 'find_generation',
    text: `${with_files} where g.id = $1 and g.person_id = $2`,
    values: [id, personId],
  });
  return rows[0] ?? null;
}

/** Those of these ids that exist, in no order. */
export async function findGenerations(db: Db, ids: readonly string[]): Promise<GenerationWithFiles[]> {
  const { rows } = await db.query<GenerationWithFiles>(`${with_files} where g.id = any($1)`, [ids]);
  return rows;
}

/** A person's, newest first, from `before` on. */
export async function pageOfGenerations(
  db: Db,
  page: {
    personId: string;
    before: string | null;
    limit: number;
    status: 'active' | 'succeeded' | 'failed' | 'cancelled' | null;
    kind: Kind | null;
  },
): Promise<GenerationWithFiles[]> {
  const { rows } = await db.query<GenerationWithFiles>(
    `${with_files}
      where g.person_id = $1
        and ($2::text is null or g.id < $2)
        and ($3::text is null or (case when $3 = 'active' then g.due_at is not null else g.state = $3 end))
        and ($4::text is null or g.kind = $4)
      order by g.id desc
      limit $5`,
    [page.personId, page.before, page.status, page.kind, page.limit],
  );
  return rows;
}
