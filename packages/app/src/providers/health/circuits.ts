import { clearAlert, raiseAlert } from '../../alerts/commands.ts';
import { inTransaction } from '../../platform/database.ts';
import type { Database, Db, Tx } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';
import { alertOf } from './circuit-words.ts';
import { forgetGates } from './gate.ts';

/** `balance` and `auth` are of the whole provider, `config` of a model, `failures` of either. */
export type CircuitReason = 'balance' | 'auth' | 'config' | 'failures';

export interface CircuitKey {
  readonly providerId: string;
  /** The provider's own name of a model; `''` is the whole provider. */
  readonly providerModel: string;
}

export interface HealthDeps {
  readonly db: Database;
  readonly log: Logger;
}

/** Seconds to the first probe, and the most between two. */
const waits: Readonly<Record<CircuitReason, readonly [number, number]>> = {
  balance: [30, 300],
  auth: [60, 300],
  config: [60, 600],
  failures: [20, 300],
};

/** Until the next probe, after so many in a row that found it not over: doubling. */
export function probeWaitSeconds(reason: CircuitReason, probes: number): number {
  const [first, most] = waits[reason];
  return Math.min(most, first * 2 ** Math.min(probes, 10));
}

/** A circuit that opens again so soon was never well: its waits go on growing. */
const relapse = '10 minutes';

/**
 * Opens a circuit, with an alert. Nothing happens where it is open already, or where it was closed after the attempt that failed had
 * left: that failure is of before.
 * @returns whether this call opened it
 */
export async function openCircuit(
  deps: HealthDeps,
  key: CircuitKey,
  why: { reason: CircuitReason; detail: string; since?: Date | undefined },
): Promise<boolean> {
  const opened = await inTransaction(deps.db, async (tx) => {
    const { rows } = await tx.query<{ probes: number }>({
      name: 'open_circuit',
      text: `insert into holdfast.provider_circuit as c (provider_id, provider_model, state, reason, detail, probe_at)
             values ($1, $2, 'open', $3, $4, holdfast.clock() + make_interval(secs => $6))
             on conflict (provider_id, provider_model) do update
                set state = 'open', reason = $3, detail = $4, opened_at = holdfast.clock(), closed_at = null,
                    probes = case when c.closed_at > holdfast.clock() - $7::interval then c.probes else 0 end,
                    probe_at = holdfast.clock() + least(make_interval(secs => $8), make_interval(secs => $6 * case
                      when c.closed_at > holdfast.clock() - $7::interval then power(2, least(c.probes, 10)) else 1 end)),
                    probe_attempt_id = null, probing_until = null
              where (c.state = 'closed' and ($5::timestamptz is null or c.closed_at < $5))
                 or (c.state = 'open' and c.reason = 'failures' and $3 <> 'failures')
             returning probes`,
      values: [
        key.providerId,
        key.providerModel,
        why.reason,
        why.detail.slice(0, 2_000),
        why.since ?? null,
        waits[why.reason][0],
        relapse,
        waits[why.reason][1],
      ],
    });
    if (rows.length === 0) return false;
    await raiseAlert({ db: tx }, alertOf(key, why));
    return true;
  });
  if (opened) {
    forgetGates(deps.db);
    deps.log.error({ provider: key.providerId, model: key.providerModel, ...why }, 'a circuit was opened');
  }
  return opened;
}

/** Closes a circuit, with the all-clear. @returns false where it was not open */
export async function closeCircuit(deps: HealthDeps, key: CircuitKey): Promise<boolean> {
  const closed = await inTransaction(deps.db, async (tx) => {
    const { rows } = await tx.query<{ reason: CircuitReason; detail: string }>({
      name: 'close_circuit',
      text: `update holdfast.provider_circuit
                set state = 'closed', closed_at = holdfast.clock(), probe_attempt_id = null, probing_until = null
              where provider_id = $1 and provider_model = $2 and state = 'open'
              returning reason, detail`,
      values: [key.providerId, key.providerModel],
    });
    const [row] = rows;
    if (row === undefined) return false;
    await clearAlert({ db: tx }, alertOf(key, row).key);
    return true;
  });
  if (closed) {
    forgetGates(deps.db);
    deps.log.info({ provider: key.providerId, model: key.providerModel }, 'a circuit was closed');
  }
  return closed;
}

/**
 * Takes the right to make the one probe of an open circuit, for so long as its answer may take. In the transaction that picks something up:
 * where there is nothing, the right comes back with it.
 */
export async function claimProbe(tx: Tx, key: CircuitKey, seconds: number): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'claim_probe',
    text: `update holdfast.provider_circuit
              set probing_until = holdfast.clock() + make_interval(secs => $3), probe_attempt_id = null
            where provider_id = $1 and provider_model = $2 and state = 'open' and probe_at <= holdfast.clock()
              and (probing_until is null or probing_until <= holdfast.clock())`,
    values: [key.providerId, key.providerModel, seconds],
  });
  return rowCount === 1;
}

export async function nameProbe(tx: Tx, key: CircuitKey, attemptId: string): Promise<void> {
  await tx.query({
    name: 'name_probe',
    text: `update holdfast.provider_circuit set probe_attempt_id = $3 where provider_id = $1 and provider_model = $2`,
    values: [key.providerId, key.providerModel, attemptId],
  });
}

/** A probe found it not over, or found out nothing: the next comes later. @param told whether it says that it is not over */
export async function putOffProbe(
  deps: HealthDeps,
  key: CircuitKey,
  how: { attemptId: string; reason: CircuitReason; probes: number; told: boolean; detail: string | null },
): Promise<void> {
  await deps.db.query({
    name: 'put_off_probe',
    text: `update holdfast.provider_circuit
              set probes = $4, probe_at = holdfast.clock() + make_interval(secs => $5), detail = coalesce($6, detail),
                  probe_attempt_id = null, probing_until = null
            where provider_id = $1 and provider_model = $2 and state = 'open' and probe_attempt_id = $3`,
    values: [
      key.providerId,
      key.providerModel,
      how.attemptId,
      how.told ? how.probes + 1 : how.probes,
      how.told ? probeWaitSeconds(how.reason, how.probes + 1) : 5,
      how.detail,
    ],
  });
  forgetGates(deps.db);
}

export interface CircuitRow {
  readonly provider_id: string;
  readonly provider_model: string;
  readonly state: 'closed' | 'open';
  readonly reason: CircuitReason;
  readonly detail: string;
  readonly opened_at: Date;
  readonly probes: number;
  readonly probe_at: Date | null;
  readonly probe_attempt_id: string | null;
}

export async function listOpenCircuits(db: Db): Promise<CircuitRow[]> {
  const { rows } = await db.query<CircuitRow>(
    `select provider_id, provider_model, state, reason, detail, opened_at, probes, probe_at, probe_attempt_id
       from holdfast.provider_circuit where state = 'open' order by provider_id, provider_model`,
  );
  return rows;
}
