import type { Db } from '../platform/database.ts';

/** Stops a person's automatic top-ups until they start them again. */
export async function stopTopUps(db: Db, personId: string, reason: string): Promise<void> {
  await db.query(
    `update holdfast.auto_top_up set paused_reason = $2, updated_at = holdfast.clock()
      where person_id = $1 and enabled and paused_reason is null`,
    [personId, reason],
  );
}

export interface TopUp {
  readonly id: string;
  readonly personId: string;
  readonly offerId: string;
  readonly livemode: boolean;
  readonly currency: string;
  readonly amount: bigint;
  readonly state: 'charging' | 'paid' | 'failed';
  readonly createdAt: Date;
}

const columns = `id, person_id as "personId", offer_id as "offerId", livemode, currency, amount, state, created_at as "createdAt"`;

export async function findTopUp(db: Db, id: string): Promise<TopUp | null> {
  const { rows } = await db.query<TopUp>(`select ${columns} from holdfast.top_up where id = $1`, [id]);
  return rows[0] ?? null;
}

/** Once. A charge that was believed to have failed and was paid after all is paid. @returns whether it changed */
export async function endTopUp(
  db: Db,
  id: string,
  end: { state: 'paid' | 'failed'; intent: string | null; problem: string | null },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update holdfast.top_up set state = $2, intent_id = coalesce($3, intent_id), problem = $4, due_at = null, ended_at = holdfast.clock()
      where id = $1 and (state = 'charging' or (state = 'failed' and $2 = 'paid'))`,
    [id, end.state, end.intent, end.problem],
  );
  return rowCount === 1;
}
