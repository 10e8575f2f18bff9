import { inTransaction } from '../../platform/database.ts';
import type { Tx } from '../../platform/database.ts';
import { isRemoved } from '../../platform/test-switch.ts';
import { claimProbe, nameProbe } from '../../providers/health/circuits.ts';
import type { CircuitKey } from '../../providers/health/circuits.ts';
import { readGate } from '../../providers/health/gate.ts';
import type { Gate } from '../../providers/health/gate.ts';
import { limitOf } from '../../providers/health/limits.ts';
import { giveTokenBack, takeToken } from '../../providers/health/tokens.ts';
import type { Provider } from '../../providers/port.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';
import { bindingSeconds, claimSeconds, submitMarginSeconds } from '../rules.ts';
import { runningAt, spentToday } from './spend.ts';
import { takeNext } from './take-next.ts';
import type { Taking } from './take-next.ts';
import { takeTogether } from './take-together.ts';
import type { WorkContext } from '../steps/work-context.ts';

export interface PickedUp {
  readonly row: GenerationRow;
  readonly attempt: AttemptRow;
  /** By this process' monotonic clock, taken before the marker was written. */
  readonly markedAtMs: number;
  /** The open circuit that this attempt is to try; null for an ordinary one. */
  readonly probe: CircuitKey | null;
}

/** What may be taken: everything, all but some of the provider's models, or one to try an open circuit with. */
type Choice =
  | { readonly kind: 'ordinary'; readonly except: readonly string[] }
  | { readonly kind: 'probe'; readonly circuit: CircuitKey; readonly except: readonly string[] };

/** The longest that a probe's answer may take: a submit's time-out, and a margin. */
const probe_seconds = 300 + submitMarginSeconds;

/**
 * Takes the next generation of a provider from its queue, in turn, and writes the marker of its attempt: from this commit on the
 * submit may have happened. Null where nothing waits, nobody may have more at once, this machine renders as much as it can, or the
 * provider is not to be asked now: switched off, its circuit open, at a limit or a cap. What waits so costs nothing but this look.
 */
export async function pickUp(ctx: WorkContext, provider: Provider): Promise<PickedUp | null> {
  const gate = await readGate(ctx.deps.db, provider.id);
  if (gate.paused) return null;
  for (const choice of choicesOf(gate, provider.id)) {
    if (isHeldBack(gate, provider.id, choice) && !(await hasQueued(ctx, provider.id, choice))) continue;
    if ((await takeToken(ctx.deps.db, provider.id, 'submit')) > 0) return null;
    const picked = await takeOne(ctx, provider, gate, choice);
    if (picked !== null) return picked;
    await giveTokenBack(ctx.deps.db, provider.id, 'submit');
  }
  return null;
}

/** Probes that are due first. While the whole provider's circuit is open there is nothing else. */
function choicesOf(gate: Gate, providerId: string): Choice[] {
  const closed = gate.circuits.map(({ provider_model }) => provider_model);
  const whole = closed.includes('');
  const except = closed.filter((model) => model !== '');
  const due = gate.circuits.filter((each) => each.probe_due && (each.provider_model === '') === whole);
  const probes = due.map(({ provider_model }): Choice => ({
    kind: 'probe',
    circuit: { providerId, providerModel: provider_model },
    except: whole ? except : [],
  }));
  return whole ? probes : [...probes, { kind: 'ordinary', except }];
}

/** Where something is counted or locked before anything is taken, it is worth asking first whether anything waits. */
function isHeldBack(gate: Gate, providerId: string, choice: Choice): boolean {
  return (
    choice.kind === 'probe' ||
    gate.maxRunning !== null ||
    gate.capUsd !== null ||
    limitOf(providerId, 'submit', gate.limits) !== null
  );
}

async function hasQueued(ctx: WorkContext, providerId: string, choice: Choice): Promise<boolean> {
  const { rows } = await ctx.deps.db.query<{ found: boolean }>({
    name: 'has_queued',
    text: `select exists (
             select from holdfast.generation
              where state = 'queued' and provider_id = $1 and due_at <= holdfast.clock() and deadline_at > holdfast.clock()
                and provider_model <> all($2) and ($3::text is null or provider_model = $3)) as found`,
    values: [providerId, choice.except, onlyOf(choice)],
  });
  return rows[0]?.found ?? false;
}

function onlyOf(choice: Choice): string | null {
  return choice.kind === 'probe' && choice.circuit.providerModel !== '' ? choice.circuit.providerModel : null;
}

/** Undoes the transaction that claimed a probe and found nothing to make it with. */
class NothingToTry extends Error {}

async function takeOne(
  ctx: WorkContext,
  provider: Provider,
  gate: Gate,
  choice: Choice,
): Promise<PickedUp | null> {
  const { db, settings } = ctx.deps;
  const perMachine = provider.capabilities.concurrencyPerMachine;
  const capacity = perMachine === null ? null : (ctx.rendersPerMachine ?? perMachine);
  const probe = choice.kind === 'probe' ? choice.circuit : null;
  const taking: Taking = {
    providerId: provider.id,
    only: onlyOf(choice),
    except: choice.except,
    maxRunningPerPerson: settings.maxRunningPerPerson,
    claimSeconds,
    bind: capacity === null ? null : { ...ctx.worker, seconds: bindingSeconds },
    mayRepeat: provider.capabilities.idempotentSubmit || isRemoved('marker'),
  };
  if (capacity === null && probe === null && gate.maxRunning === null && gate.capUsd === null) {
    const taken = await takeTogether(db, taking);
    return taken === null ? null : { ...taken, probe: null };
  }
  const markedAtMs = performance.now();
  const work = async (tx: Tx): Promise<PickedUp | null> => {
    if (capacity !== null && !(await hasCapacity(tx, ctx, provider, capacity))) return null;
    if (!(await hasRoom(tx, provider.id, gate))) return null;
    if (probe !== null && !(await claimProbe(tx, probe, probe_seconds))) return null;
    const [taken] = await takeNext(tx, taking, 1);
    if (taken === undefined) {
      if (probe === null) return null;
      throw new NothingToTry();
    }
    if (probe !== null) await nameProbe(tx, probe, taken.attempt.id);
    return { ...taken, markedAtMs, probe };
  };
  try {
    return await inTransaction(db, work);
  } catch (error) {
    if (error instanceof NothingToTry) return null;
    throw error;
  }
}

/** Counted under a lock of this machine's, so that its workers don't overrun it together. */
async function hasCapacity(tx: Tx, ctx: WorkContext, provider: Provider, capacity: number): Promise<boolean> {
  await tx.query({
    name: 'lock_lane',
    text: 'select pg_advisory_xact_lock(hashtextextended($1, 21))',
    values: [`${ctx.worker.machine}/${provider.id}`],
  });
  const { rows } = await tx.query<{ busy: number }>({
    name: 'count_lane',
    text: `select count(*)::integer as busy from holdfast.generation
            where bound_machine = $1 and provider_id = $2 and bound_to is not null
              and state in ('submitting', 'running') and bound_until > holdfast.clock()`,
    values: [ctx.worker.machine, provider.id],
  });
  return (rows[0]?.busy ?? 0) < capacity;
}

/** Tasks at once and the daily cap are counted under a lock of the provider's, where an operator has set them. */
async function hasRoom(tx: Tx, providerId: string, gate: Gate): Promise<boolean> {
  const { maxRunning, capUsd } = gate;
  if (maxRunning === null && capUsd === null) return true;
  await tx.query({
    name: 'lock_provider',
    text: 'select pg_advisory_xact_lock(hashtextextended($1, 24))',
    values: [providerId],
  });
  if (maxRunning !== null && (await runningAt(tx, providerId)) >= maxRunning) return false;
  return capUsd === null || (await spentToday(tx, providerId)) < capUsd;
}
