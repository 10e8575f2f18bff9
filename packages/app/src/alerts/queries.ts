import type { Db } from '../platform/database.ts';
import type { Severity } from './deps.ts';

export interface AlertRow {
  readonly key: string;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly link: string | null;
  readonly opened_at: Date;
  readonly last_raised_at: Date;
  readonly raises: number;
  readonly openings: number;
  readonly cleared_at: Date | null;
}

/** Open ones first, critical before warnings, the newest first among equals; then what is over. */
export async function listAlerts(db: Db, limit = 100): Promise<AlertRow[]> {
  const { rows } = await db.query<AlertRow>(
    `select key, severity, title, detail, link, opened_at, last_raised_at, raises, openings, cleared_at
       from holdfast.alert
      order by cleared_at is not null, case when cleared_at is null then severity end, coalesce(cleared_at, opened_at) desc, key
      limit $1`,
    [limit],
  );
  return rows;
}
