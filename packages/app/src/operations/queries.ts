import type { Db } from '../platform/database.ts';

export async function generationOwner(db: Db, generationId: string): Promise<string | null> {
  const { rows } = await db.query<{ person_id: string }>(
    'select person_id from holdfast.generation where id = $1',
    [generationId],
  );
  return rows[0]?.person_id ?? null;
}

/** One try at making something, with the provider's own words. */
export interface AttemptLine {
  readonly number: number;
  readonly state: string;
  readonly provider: string;
  readonly task: string | null;
  readonly submitted_at: Date | null;
  readonly ended_at: Date | null;
  readonly error: string | null;
  readonly cost_usd: string | null;
}

export async function listAttempts(db: Db, generationId: string): Promise<AttemptLine[]> {
  const { rows } = await db.query<AttemptLine>(
    `select number, state, provider_id as provider, task_id as task, submitted_at, ended_at,
            nullif(concat_ws(' ', error_class, error_code, error_detail), '') as error, cost_usd::text
       from holdfast.attempt
      where generation_id = $1
      order by number
      limit 100`,
    [generationId],
  );
  return rows;
}

/** Why a generation ended as it did, in the provider's words. */
export async function readErrorDetail(db: Db, generationId: string): Promise<string | null> {
  const { rows } = await db.query<{ error_detail: string | null }>(
    'select error_detail from holdfast.generation where id = $1',
    [generationId],
  );
  return rows[0]?.error_detail ?? null;
}
