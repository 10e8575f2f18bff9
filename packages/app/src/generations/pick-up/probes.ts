import { closeCircuit, putOffProbe } from '../../providers/health/circuits.ts';
import type { CircuitReason } from '../../providers/health/circuits.ts';
import type { ErrorClass } from '../../providers/port.ts';
import type { GenerationDeps } from '../deps.ts';
import type { AttemptState } from '../rules.ts';

interface Probe {
  provider_id: string;
  provider_model: string;
  reason: CircuitReason;
  probes: number;
  attempt_id: string;
  generation_id: string;
  state: AttemptState;
  submitted_at: Date | null;
  error_class: ErrorClass | null;
  error_detail: string | null;
  late: boolean;
}

/** A probe was accepted, or says that it is not over, or says nothing; null while it is under way. */
type Verdict = 'over' | 'not_over' | 'unclear' | null;

/**
 * Looks what became of the attempts that were made to try open circuits. Accepted: it is over, and what waits goes on. Called after
 * each, and every so often for those whose worker was lost.
 */
export async function settleProbes(deps: GenerationDeps): Promise<void> {
  const { rows } = await deps.db.query<Probe>({
    name: 'made_probes',
    text: `select c.provider_id, c.provider_model, c.reason, c.probes, a.id as attempt_id, a.generation_id, a.state,
                  a.submitted_at, a.error_class, a.error_detail, c.probing_until <= holdfast.clock() as late
             from holdfast.provider_circuit c
             join holdfast.attempt a on a.id = c.probe_attempt_id
            where c.state = 'open'`,
  });
  for (const probe of rows) {
    const key = { providerId: probe.provider_id, providerModel: probe.provider_model };
    const verdict = verdictOf(probe);
    if (verdict === 'over') {
      if (await closeCircuit(deps, key)) deps.wake.queued(probe.generation_id);
    } else if (verdict !== null) {
      await putOffProbe(deps, key, {
        attemptId: probe.attempt_id,
        reason: probe.reason,
        probes: probe.probes,
        told: verdict === 'not_over',
        detail: verdict === 'not_over' ? probe.error_detail : null,
      });
    }
  }
}

function verdictOf(probe: Probe): Verdict {
  if (probe.submitted_at !== null || probe.state === 'submitted' || probe.state === 'succeeded')
    return 'over';
  if (probe.state === 'submitting') return probe.late ? 'unclear' : null;
  // It may have cost something: the next is not made at once.
  if (probe.state === 'submit_unknown') return 'not_over';
  const ofMoney = probe.reason === 'balance' || probe.reason === 'auth';
  switch (probe.error_class) {
    case 'OPERATOR_BALANCE':
    case 'OPERATOR_AUTH':
    case 'OPERATOR_CONFIG':
      return 'not_over';
    // It looked at the request: it is there, whether or not it would take money.
    case 'USER_INPUT':
    case 'USER_POLICY':
      return ofMoney ? 'unclear' : 'over';
    case 'TRANSIENT':
    case 'SYSTEM':
    case 'UNKNOWN':
      return probe.reason === 'failures' ? 'not_over' : 'unclear';
    case 'CANCELLED':
    case null:
      return 'unclear';
    default:
      throw new Error(`unknown class of error ${String(probe.error_class satisfies never)}`);
  }
}

const quiet = '10 minutes';

/** Failures that nobody waits to see the end of: after a while the next request may simply try. */
export async function closeQuietCircuits(deps: GenerationDeps): Promise<void> {
  const { rows } = await deps.db.query<{ provider_id: string; provider_model: string }>(
    `select c.provider_id, c.provider_model from holdfast.provider_circuit c
      where c.state = 'open' and c.reason = 'failures' and c.opened_at < holdfast.clock() - $1::interval
        and c.probe_attempt_id is null
        and not exists (select from holdfast.generation g
                         where g.state = 'queued' and g.provider_id = c.provider_id
                           and c.provider_model in ('', g.provider_model))`,
    [quiet],
  );
  for (const row of rows) {
    await closeCircuit(deps, { providerId: row.provider_id, providerModel: row.provider_model });
  }
}
