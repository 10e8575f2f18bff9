import { randomBytes } from 'node:crypto';
import type { Db } from './database.ts';

/**
 * The secret that every server must share: what HOLDFAST_SECRET says, else one that the first server to ask makes and keeps in the
 * database, so that nobody has to invent and carry one about.
 */
export async function serverSecret(db: Db, configured: string | undefined): Promise<string> {
  if (configured !== undefined) return configured;
  await db.query(
    `insert into holdfast.server_secret (name, value) values ('signing', $1) on conflict (name) do nothing`,
    [randomBytes(32).toString('base64url')],
  );
  const { rows } = await db.query<{ value: string }>(
    `select value from holdfast.server_secret where name = 'signing'`,
  );
  const [row] = rows;
  if (!row) throw new Error('the secret that servers share could not be kept');
  return row.value;
}
