import type { Db } from '../../platform/database.ts';
import type { CircuitReason } from './circuits.ts';
import type { CallKind, Limit } from './limits.ts';

/** What stands between a provider and its next submit, as it was a moment ago. */
export interface Gate {
  readonly paused: boolean;
  readonly capUsd: number | null;
  readonly maxRunning: number | null;
  readonly limits: Partial<Record<CallKind, Limit | null>>;
  /** Open ones. `''` is the whole provider. */
  readonly circuits: readonly {
    readonly provider_model: string;
    readonly reason: CircuitReason;
    readonly probe_due: boolean;
  }[];
  /** Until when (by `performance.now()`) the vendor wants no calls of a kind. */
  readonly pushedBackUntilMs: Partial<Record<CallKind, number>>;
}

/** What another process decides is seen within this time; what this one does, at once. */
const fresh_ms = 300;
/** What one process knows at the moment. */
export type Gates = Map<string, { at: number; gate: Promise<Gate> }>;
const cached = new WeakMap<Db, Gates>();

export function gatesOf(db: Db): Gates {
  const gates = cached.get(db) ?? (new Map() as Gates);
  cached.set(db, gates);
  return gates;
}

/** One short statement, kept for a moment: thousands of pick-ups and questions ask for it. */
export function readGate(db: Db, providerId: string): Promise<Gate> {
  const gates = gatesOf(db);
  const now = performance.now();
  const known = gates.get(providerId);
  if (known && now - known.at < fresh_ms) return known.gate;
  const gate = loadGate(db, providerId);
  gates.set(providerId, { at: now, gate });
  gate.catch(() => gates.delete(providerId));
  return gate;
}

/** What was written just now is seen at the next look, in this process. */
export function forgetGates(db: Db): void {
  cached.delete(db);
}

/** 0: go. */
export function secondsPushedBack(gate: Gate, kind: CallKind): number {
  return Math.max(0, (gate.pushedBackUntilMs[kind] ?? 0) - performance.now()) / 1000;
}

interface GateRow {
  paused: boolean;
  cap: string | null;
  max_running: number | null;
  limits: Gate['limits'] | null;
  circuits: Gate['circuits'];
  waits: Partial<Record<CallKind, number>> | null;
}

async function loadGate(db: Db, providerId: string): Promise<Gate> {
  const { rows } = await db.query<GateRow>({
    name: 'read_gate',
    text: `select coalesce(a.paused_at is not null, false) as paused, a.daily_cap_usd as cap, a.max_running, a.limits,
                  (select coalesce(jsonb_agg(jsonb_build_object('provider_model', c.provider_model, 'reason', c.reason,
                            'probe_due', coalesce(c.probe_at <= holdfast.clock(), false)
                              and (c.probing_until is null or c.probing_until <= holdfast.clock()))), '[]')
                     from holdfast.provider_circuit c where c.provider_id = $1 and c.state = 'open') as circuits,
                  (select jsonb_object_agg(b.kind, extract(epoch from b.pushed_back_until - holdfast.clock()))
                     from holdfast.provider_bucket b where b.provider_id = $1 and b.pushed_back_until > holdfast.clock()) as waits
             from (values (1)) as one (row)
             left join holdfast.provider_account a on a.provider_id = $1`,
    values: [providerId],
  });
  const row = rows[0];
  const now = performance.now();
  const until = Object.entries(row?.waits ?? {}).map(([kind, seconds]) => [kind, now + seconds * 1000]);
  return {
    paused: row?.paused ?? false,
    capUsd: row?.cap == null ? null : Number(row.cap),
    maxRunning: row?.max_running ?? null,
    limits: row?.limits ?? {},
    circuits: row?.circuits ?? [],
    pushedBackUntilMs: Object.fromEntries(until) as Gate['pushedBackUntilMs'],
  };
}
