import type { Db } from '../platform/database.ts';

/** What a person is now. */
export async function findTier(db: Db, personId: string): Promise<string> {
  const { rows } = await db.query<{ tier: string }>('select tier from holdfast.person where id = $1', [
    personId,
  ]);
  return rows[0]?.tier ?? 'free';
}
