import type { Tx } from '../platform/database.ts';
import type { GenerationRow } from './rows.ts';

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

/** Takes the next in turn whose person may have one more at once, and claims it. */
export async function takeNext(tx: Tx, taking: Taking): Promise<GenerationRow | null> {
  const { rows } = await tx.query<GenerationRow>({
    name: 'take_next',
    text: `
      with next as (
        select g.id from holdfast.generation g
         where g.state = 'queued' and g.provider_id = $1 and g.due_at <= holdfast.clock()
           and g.deadline_at > holdfast.clock()
           and g.provider_model <> all($7) and ($8::text is null or g.provider_model = $8)
           and (select count(*) from holdfast.generation r
                 where r.person_id = g.person_id and r.due_at is not null and r.state <> 'queued')
             < coalesce((select t.max_running from holdfast.person p join holdfast.tier t on t.id = p.tier
                          where p.id = g.person_id), $2)
         order by g.turn, g.id
         limit 1
         for update skip locked
      )
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
      returning g.*`,
    values: [
      taking.providerId,
      taking.maxRunningPerPerson,
      taking.claimSeconds,
      taking.bind?.id ?? null,
      taking.bind?.machine ?? null,
      taking.bind?.seconds ?? 0,
      taking.except,
      taking.only,
    ],
  });
  return rows[0] ?? null;
}
