import type { Db } from '../../platform/database.ts';
import { newId, newToken } from '../../platform/ids.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';

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
  /** The provider allows the attempt that is still alive to be submitted again. */
  readonly mayRepeat: boolean;
}

export interface Taken {
  readonly row: GenerationRow;
  readonly attempt: AttemptRow;
}

type TakenRow = GenerationRow & { [Key in keyof AttemptRow as `attempt_${Key}`]: AttemptRow[Key] };

const attempt_columns = [
  'id',
  'generation_id',
  'number',
  'provider_id',
  'provider_model',
  'token',
  'state',
  'submit_started_at',
  'submitted_at',
  'task_id',
  'task_urls',
  'outputs',
  'declared_seconds',
  'error_code',
  'unknown_until',
  'resubmitted_by',
] as const satisfies readonly (keyof AttemptRow)[];

const text = `select (p.generation).*, ${attempt_columns.map((name) => `(p.attempt).${name} as attempt_${name}`).join(', ')}
  from holdfast.pick_up($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as p`;

/**
 * Takes the next in turn whose people may have one more at once, so many at most, claims them and writes their markers: from its commit on each
 * may have been submitted. One statement.
 */
export async function takeNext(db: Db, taking: Taking, most: number): Promise<Taken[]> {
  const { bind } = taking;
  const { rows } = await db.query<TakenRow>({
    name: 'pick_up',
    text,
    values: [
      taking.providerId,
      taking.only,
      taking.except,
      taking.maxRunningPerPerson,
      taking.claimSeconds,
      bind?.id ?? null,
      bind?.machine ?? null,
      bind?.seconds ?? 0,
      Array.from({ length: most }, () => newId('att')),
      Array.from({ length: most }, () => newToken()),
      taking.mayRepeat,
    ],
  });
  return rows.map(apart);
}

function apart(taken: TakenRow): Taken {
  const { attempt_id: id, attempt_generation_id: generation_id, attempt_number: number, ...others } = taken;
  const {
    attempt_provider_id: provider_id,
    attempt_provider_model: provider_model,
    attempt_token: token,
    attempt_state: state,
    attempt_submit_started_at: submit_started_at,
    attempt_submitted_at: submitted_at,
    attempt_task_id: task_id,
    attempt_task_urls: task_urls,
    attempt_outputs: outputs,
    attempt_declared_seconds: declared_seconds,
    attempt_error_code: error_code,
    attempt_unknown_until: unknown_until,
    attempt_resubmitted_by: resubmitted_by,
    ...row
  } = others;
  const attempt: AttemptRow = {
    id,
    generation_id,
    number,
    provider_id,
    provider_model,
    token,
    state,
    submit_started_at,
    submitted_at,
    task_id,
    task_urls,
    outputs,
    declared_seconds,
    error_code,
    unknown_until,
    resubmitted_by,
  };
  return { row, attempt };
}
