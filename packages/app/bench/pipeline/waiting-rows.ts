import type { Database } from '../../src/platform/database.ts';

/** So many generations that have long been submitted to a slow provider and are asked about in an hour, with the jobs that say so. */
export async function addWaiting(
  owner: Database,
  count: number,
  personIds: readonly string[],
): Promise<void> {
  await owner.query(
    `insert into holdfast.generation
       (id, person_id, model_id, provider_id, provider_model, kind, input, price_version, policy, unit, credits_per_unit,
        quoted_units, quoted, held, state, claim, due_at, deadline_at, timeline, turn, picked_up_at, running_at)
     select 'gen_' || lpad(n::text, 26, '0'), ($2::text[])[1 + n % cardinality($2::text[])], 'slow', 'slow', 'slow', 'video', '{}', 'slow/1', 'postpaid', 'second', 1,
            5, 5, 0, 'running', 3, holdfast.clock() + interval '1 hour', holdfast.clock() + interval '2 hours',
            '[{"status": "queued", "at": "2026-01-01T00:00:00Z"}]', 2520, holdfast.clock(), holdfast.clock()
       from generate_series(1, $1) n`,
    [count, personIds],
  );
  await owner.query(
    `insert into holdfast.attempt (id, generation_id, number, provider_id, token, state, submitted_at, task_id)
     select 'att_' || lpad(n::text, 26, '0'), 'gen_' || lpad(n::text, 26, '0'), 1, 'slow', 'waiting-' || n, 'submitted', holdfast.clock(), n::text
       from generate_series(1, $1) n`,
    [count],
  );
  await owner.query('analyze holdfast.generation, holdfast.attempt');
}
