import { inTransaction } from '../../platform/database.ts';
import type { Tx } from '../../platform/database.ts';
import { newId, newToken } from '../../platform/ids.ts';
import { isRemoved } from '../../platform/test-switch.ts';
import { claimProbe, nameProbe } from '../../providers/health/circuits.ts';
import type { CircuitKey } from '../../providers/health/circuits.ts';
import { readGate } from '../../providers/health/gate.ts';
import type { Gate } from '../../providers/health/gate.ts';
import { limitOf } from '../../providers/health/limits.ts';
import { giveTokenBack, takeToken } from '../../providers/health/tokens.ts';
import type { Provider } from '../../providers/port.ts';
import { models } from '../catalogue/catalogue.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';
import { bindingSeconds, claimSeconds, submitMarginSeconds } from '../rules.ts';
import { makerOf } from '../steps/attempt-of.ts';
import { runningAt, spentToday } from './spend.ts';
import { takeNext } from './take-next.ts';
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
/** Undoes a pick-up for somebody of whom others took as many at the same instant as they may have. */
class NoRoom extends Error {}
const looks = 3;

async function takeOne(
  ctx: WorkContext,
  provider: Provider,
  gate: Gate,
  choice: Choice,
): Promise<PickedUp | null> {
  const markedAtMs = performance.now();
  const perMachine = provider.capabilities.concurrencyPerMachine;
  const capacity = perMachine === null ? null : (ctx.rendersPerMachine ?? perMachine);
  const catalogue = await models(ctx.deps.db);
  const probe = choice.kind === 'probe' ? choice.circuit : null;
  const work = async (tx: Tx): Promise<PickedUp | null> => {
    if (capacity !== null && !(await hasCapacity(tx, ctx, provider, capacity))) return null;
    if (!(await hasRoom(tx, provider.id, gate))) return null;
    if (probe !== null && !(await claimProbe(tx, probe, probe_seconds))) return null;
    const row = await takeNext(tx, {
      providerId: provider.id,
      only: onlyOf(choice),
      except: choice.except,
      maxRunningPerPerson: ctx.deps.settings.maxRunningPerPerson,
      claimSeconds,
      bind: capacity === null ? null : { ...ctx.worker, seconds: bindingSeconds },
    });
    if (row === null) {
      if (probe === null) return null;
      throw new NothingToTry();
    }
    const unitPrice = makerOf(catalogue, row)?.providerPriceUsd ?? null;
    const attempt = await writeMarker(tx, row, {
      mayRepeat: provider.capabilities.idempotentSubmit || isRemoved('marker'),
      estimatedUsd: unitPrice === null ? null : unitPrice * row.quoted_units,
      maxRunningPerPerson: ctx.deps.settings.maxRunningPerPerson,
    });
    if (probe !== null) await nameProbe(tx, probe, attempt.id);
    return { row, attempt, markedAtMs, probe };
  };
  for (let look = 1; ; look += 1) {
    try {
      return await inTransaction(ctx.deps.db, work);
    } catch (error) {
      if (error instanceof NothingToTry) return null;
      if (!(error instanceof NoRoom)) throw error;
      if (look >= looks) return null;
    }
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

/**
 * A new attempt; or the one that is still alive, where the provider allows the same to be submitted again (a render whose machine was
 * lost). For any other provider a live attempt of something queued can't exist, and the table's unique index says so.
 */
async function writeMarker(
  tx: Tx,
  row: GenerationRow,
  how: { mayRepeat: boolean; estimatedUsd: number | null; maxRunningPerPerson: number },
): Promise<AttemptRow> {
  const { rows } = await tx.query<AttemptRow>({
    name: 'write_marker',
    text: `
      insert into holdfast.attempt (id, generation_id, number, provider_id, token, provider_model, estimated_usd)
      select $1, $2, 1 + count(*), $3, $4, $6, $7 from holdfast.attempt where generation_id = $2
      having holdfast.person_has_room($8, $9)
      on conflict (generation_id) where state in ('submitting', 'submitted', 'submit_unknown')
      do update set submit_started_at = holdfast.clock(), state = 'submitting'
         where $5
      returning *`,
    values: [
      newId('att'),
      row.id,
      row.provider_id,
      newToken(),
      how.mayRepeat,
      row.provider_model,
      how.estimatedUsd,
      row.person_id,
      how.maxRunningPerPerson,
    ],
  });
  const attempt = rows[0];
  if (attempt !== undefined) return attempt;
  const { rows: looked } = await tx.query<{ room: boolean }>(
    'select holdfast.person_has_room($1, $2) as room',
    [row.person_id, how.maxRunningPerPerson],
  );
  if (looked[0]?.room === false) throw new NoRoom();
  throw new Error(`${row.id} is queued and has a live attempt that must not be repeated`);
}
