import { raiseAlert } from '../../alerts/commands.ts';
import { inTransaction } from '../../platform/database.ts';
import type { Db, Tx } from '../../platform/database.ts';
import { newId, newToken } from '../../platform/ids.ts';
import type { GenerationDeps } from '../deps.ts';

/** Marks an attempt that may have left between a backup and its restoring, under a token that the backup doesn't know. */
export const restoredCode = 'restored';

/**
 * After a backup was restored: what was waiting or being submitted when it was made may have been submitted since, by tokens that were lost. So nothing of it is
 * sent blindly: it counts as sent, with an unknown outcome, to be looked for at its provider or by the operator until its deadline. What a
 * provider makes once however often it is asked just goes on. Once, before any worker works; safe to call at every start.
 * @returns how many generations went to reconciliation; null where nothing was restored
 */
export async function settleRestore(deps: GenerationDeps): Promise<number | null> {
  const harmless = deps.providers
    .all()
    .filter(({ capabilities }) => capabilities.idempotentSubmit)
    .map(({ id }) => id);
  const moved = await inTransaction(deps.db, async (tx) => {
    const { rows: installed } = await tx.query<{ restored_at: Date; reconcile_since: Date }>(
      `select restored_at, reconcile_since from holdfast.installation
        where reconcile_since is not null and restored_at is not null for update`,
    );
    const [gap] = installed;
    if (gap === undefined) return null;
    const { rows: queued } = await tx.query<{ id: string; provider_id: string; deadline_at: Date }>(
      `update holdfast.generation
          set state = 'outcome_unknown', claim = claim + 1, claimed_until = null, due_at = holdfast.clock(),
              timeline = timeline || jsonb_build_array(
                jsonb_build_object('status', 'submitting', 'at', holdfast.clock()),
                jsonb_build_object('status', 'outcome_unknown', 'at', holdfast.clock()))
        where state = 'queued' and provider_id <> all($1) and created_at <= $2
        returning id, provider_id, deadline_at`,
      [harmless, gap.restored_at],
    );
    await tx.query(
      `insert into holdfast.attempt
         (id, generation_id, number, provider_id, token, state, submit_started_at, error_code, error_class, unknown_until)
       select new.id, new.generation, 1 + (select count(*) from holdfast.attempt a where a.generation_id = new.generation),
              new.provider, new.token, 'submit_unknown', $6, $7, 'UNKNOWN', new.deadline
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
              as new (id, generation, provider, token, deadline)`,
      [
        queued.map(() => newId('att')),
        queued.map(({ id }) => id),
        queued.map(({ provider_id }) => provider_id),
        queued.map(() => newToken()),
        queued.map(({ deadline_at }) => deadline_at),
        gap.reconcile_since,
        restoredCode,
      ],
    );
    const { rowCount: submitting } = await tx.query(
      `with moved as (
         update holdfast.generation
            set state = 'outcome_unknown', claim = claim + 1, claimed_until = null, due_at = holdfast.clock(),
                timeline = case state when 'outcome_unknown' then timeline else timeline || jsonb_build_array(
                  jsonb_build_object('status', 'outcome_unknown', 'at', holdfast.clock())) end
          where state in ('submitting', 'outcome_unknown') and provider_id <> all($1) and created_at <= $2
            and id <> all($4)
         returning id, deadline_at)
       update holdfast.attempt a
          set state = 'submit_unknown', error_code = $3, error_class = 'UNKNOWN', unknown_until = moved.deadline_at
         from moved where a.generation_id = moved.id and a.ended_at is null`,
      [harmless, gap.restored_at, restoredCode, queued.map(({ id }) => id)],
    );
    await tx.query('update holdfast.installation set reconcile_since = null');
    const count = queued.length + (submitting ?? 0);
    if (count > 0) {
      await raiseAlert(
        { db: tx },
        {
          key: 'generations/restored',
          severity: 'warning',
          title: `${count} generations are of a restored backup`,
          detail:
            `They waited or were being submitted when the backup of ${gap.reconcile_since.toISOString()} was made, and may have been made and paid for before it ` +
            'was restored. None is submitted again by itself: their providers are asked, and at their deadlines the credits go back. What is sure not to have ' +
            'started can be resubmitted by hand.',
        },
      );
    }
    return count;
  });
  if (moved !== null) deps.log.warn({ generations: moved }, 'a restored backup was taken up');
  return moved;
}

/**
 * Whether an attempt that was running when a backup was made may have failed, and been followed by another, before that backup was restored: then
 * making it anew could be paying for it twice.
 */
export async function mayHaveBeenFollowed(
  db: Db,
  attempt: { error_code: string | null; submit_started_at: Date },
): Promise<boolean> {
  // Of one that is in doubt itself it is known by now.
  if (attempt.error_code === restoredCode) return false;
  const { rows } = await db.query<{ followed: boolean }>({
    name: 'may_have_been_followed',
    text: 'select coalesce(restored_at >= $1, false) as followed from holdfast.installation',
    values: [attempt.submit_started_at],
  });
  return rows[0]?.followed ?? false;
}

/** What was just put back into the queue counts as sent again, with an unknown outcome: its provider is asked before anything more is. */
export async function doubtFollower(
  tx: Tx,
  generationId: string,
  failed: { submit_started_at: Date },
): Promise<void> {
  await tx.query(
    `with moved as (
       update holdfast.generation
          set state = 'outcome_unknown', claim = claim + 1, due_at = holdfast.clock(),
              timeline = timeline || jsonb_build_array(
                jsonb_build_object('status', 'submitting', 'at', holdfast.clock()),
                jsonb_build_object('status', 'outcome_unknown', 'at', holdfast.clock()))
        where id = $1 and state = 'queued'
       returning id, provider_id, deadline_at)
     insert into holdfast.attempt
       (id, generation_id, number, provider_id, token, state, submit_started_at, error_code, error_class, unknown_until)
     select $2, moved.id, 1 + (select count(*) from holdfast.attempt a where a.generation_id = moved.id),
            moved.provider_id, $3, 'submit_unknown', $4, $5, 'UNKNOWN', moved.deadline_at
       from moved`,
    [generationId, newId('att'), newToken(), failed.submit_started_at, restoredCode],
  );
}

/** Until when an attempt may have left, beyond its marker. Null: then or never. */
export async function mayHaveLeftUntil(
  db: GenerationDeps['db'],
  attempt: { error_code: string | null },
): Promise<Date | null> {
  if (attempt.error_code !== restoredCode) return null;
  const { rows } = await db.query<{ restored_at: Date | null }>(
    'select restored_at from holdfast.installation',
  );
  return rows[0]?.restored_at ?? null;
}
