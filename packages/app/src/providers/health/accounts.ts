import type { Db } from '../../platform/database.ts';
import { forgetGates } from './gate.ts';
import type { CallKind, Limit } from './limits.ts';

/** What an operator has decided about a provider. */
export interface ProviderAccount {
  readonly provider_id: string;
  readonly paused_at: Date | null;
  readonly paused_reason: string | null;
  /** numeric comes as text. */
  readonly daily_cap_usd: string | null;
  readonly max_running: number | null;
  readonly alert_below_usd: string | null;
  readonly limits: Partial<Record<CallKind, Limit | null>>;
}

export async function listAccounts(db: Db): Promise<ProviderAccount[]> {
  const { rows } = await db.query<ProviderAccount>(
    `select provider_id, paused_at, paused_reason, daily_cap_usd, max_running, alert_below_usd, limits
       from holdfast.provider_account order by provider_id`,
  );
  return rows;
}

/**
 * The switch. Paused: new requests are refused, what is queued waits, what runs is finished. Idempotent.
 * @param reason shown to people after the sentence that it isn't available; null resumes
 */
export async function pauseProvider(db: Db, providerId: string, reason: string | null): Promise<void> {
  await db.query(
    `insert into holdfast.provider_account as a (provider_id, paused_at, paused_reason)
     values ($1, case when $2::text is not null then holdfast.clock() end, $2)
     on conflict (provider_id) do update
        set paused_at = case when $2::text is not null then coalesce(a.paused_at, holdfast.clock()) end, paused_reason = $2`,
    [providerId, reason],
  );
  forgetGates(db);
}

/** @param capUsd dollars a day, from midnight UTC; null takes the cap away */
export async function capProvider(db: Db, providerId: string, capUsd: number | null): Promise<void> {
  await db.query(
    `insert into holdfast.provider_account (provider_id, daily_cap_usd) values ($1, $2)
     on conflict (provider_id) do update set daily_cap_usd = excluded.daily_cap_usd`,
    [providerId, capUsd],
  );
  forgetGates(db);
}

/** @param most tasks at once over all workers; null is as many as the provider takes */
export async function limitRunning(db: Db, providerId: string, most: number | null): Promise<void> {
  await db.query(
    `insert into holdfast.provider_account (provider_id, max_running) values ($1, $2)
     on conflict (provider_id) do update set max_running = excluded.max_running`,
    [providerId, most],
  );
  forgetGates(db);
}

/** @param limit null is no limit; undefined is what is known of the vendor */
export async function limitCalls(
  db: Db,
  providerId: string,
  kind: CallKind,
  limit: Limit | null | undefined,
): Promise<void> {
  await db.query(
    `insert into holdfast.provider_account as a (provider_id, limits)
     values ($1, case when $4 then '{}' else jsonb_build_object($2::text, $3::jsonb) end)
     on conflict (provider_id) do update
        set limits = case when $4 then a.limits - $2::text else a.limits || jsonb_build_object($2::text, $3::jsonb) end`,
    [providerId, kind, JSON.stringify(limit ?? null), limit === undefined],
  );
  forgetGates(db);
}

/** @param usd dollars; null: only the days that are left count */
export async function alertBelow(db: Db, providerId: string, usd: number | null): Promise<void> {
  await db.query(
    `insert into holdfast.provider_account (provider_id, alert_below_usd) values ($1, $2)
     on conflict (provider_id) do update set alert_below_usd = excluded.alert_below_usd`,
    [providerId, usd],
  );
}
