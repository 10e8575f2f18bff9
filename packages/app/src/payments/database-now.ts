import type { Db } from '../platform/database.ts';

export async function databaseNow(db: Db): Promise<Date> {
  const { rows } = await db.query<{ now: Date }>('select holdfast.clock() as now');
  return rows[0]?.now ?? new Date();
}
