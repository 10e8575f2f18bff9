import type { Tx } from '../../platform/database.ts';
import type { GenerationRow } from '../rows.ts';

export interface Taking {
  readonly providerId: string;
  /** Of the provider's models, by its own names: this one alone, and none of those. */
  readonly only: string | null;
  readonly except: readonly string[];
  /** Where the person's tier says nothing else. */
  readonly maxRunningPerPerson: number;
  readonly claimSeconds: number;
  /** The worker whose machine makes it, and for how long that worker is believed to live. */
  readonly bind: { readonly id: string; readonly machine: string; readonly seconds: number } | null;
}

/** What may be taken, but for its person's limit. */
const waits = `state = 'queued' and provider_id = $1 and due_at <= holdfast.clock() and deadline_at > holdfast.clock()
  and provider_model <> all($7) and ($8::text is null or provider_model = $8)`;
const limit_of = (person: string) => `coalesce((select t.max_running from holdfast.person p
  join holdfast.tier t on t.id = p.tier where p.id = ${person}), $2)`;
/** Each is counted for before they are put in order, so not many; and more than workers take at the same instant. */
const first_in_line = 12;

/** Looks at the first few alone: whoever is next is nearly always among them. */
const among_the_first = `
  select g.id from (select id from holdfast.generation where ${waits} order by turn, id limit ${first_in_line}) as first
    join holdfast.generation g on g.id = first.id
   where g.state = 'queued'
     and (select count(*) from holdfast.generation r
           where r.person_id = g.person_id and r.due_at is not null and r.state <> 'queued') < ${limit_of('g.person_id')}
   order by g.turn, g.id
   limit 1
   for update of g skip locked`;

/** Where those are all of people who have as many under way as they may: thousands of one person's are passed over at once. */
const among_all = `
  select g.id from holdfast.generation g
   where ${waits} and g.person_id not in (select person_id from busy)
   order by g.turn, g.id
   limit 1
   for update of g skip locked`;

/** Materialized: the planner, which can't know how many that will be, must not ask again for each candidate. */
const busy = `
  counted as materialized (
    select r.person_id, count(*) as running from holdfast.generation r
     where r.due_at is not null and r.state <> 'queued'
     group by r.person_id
    having count(*) >= least($2, (select min(max_running) from holdfast.tier))
  ), busy as materialized (
    select person_id from counted where running >= ${limit_of('person_id')}
  ),`;

const take = (next: string, before = ''): string => `
  with ${before} next as (${next})
  update holdfast.generation g
     set state = 'submitting',
         timeline = timeline || jsonb_build_array(jsonb_build_object('status', 'submitting', 'at', holdfast.clock())),
         claim = claim + 1,
         claimed_until = holdfast.clock() + make_interval(secs => $3),
         due_at = holdfast.clock() + make_interval(secs => $3),
         pickups = pickups + 1,
         picked_up_at = holdfast.clock(),
         bound_to = $4, bound_machine = $5,
         bound_until = case when $4::text is not null then holdfast.clock() + make_interval(secs => $6) end
    from next
   where g.id = next.id
  returning g.*`;

/** Takes the next in turn whose person may have one more at once, and claims it. */
export async function takeNext(tx: Tx, taking: Taking): Promise<GenerationRow | null> {
  const values = [
    taking.providerId,
    taking.maxRunningPerPerson,
    taking.claimSeconds,
    taking.bind?.id ?? null,
    taking.bind?.machine ?? null,
    taking.bind?.seconds ?? 0,
    taking.except,
    taking.only,
  ];
  const first = await tx.query<GenerationRow>({ name: 'take_first', text: take(among_the_first), values });
  if (first.rows[0] !== undefined) return first.rows[0];
  const any = await tx.query<GenerationRow>({ name: 'take_any', text: take(among_all, busy), values });
  return any.rows[0] ?? null;
}
