import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { openAccount } from '../../credits/commands.ts';
import { isConnectionLoss, isRetryable, sqlState } from '../../platform/database.ts';
import { NotFoundError } from '../../platform/errors.ts';
import type { HoldfastError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { decideTogether } from './accept-together.ts';
import type { AcceptCommand, AcceptOutcome, RefusedAmounts } from './acceptance-queries.ts';
import { isAvailable } from '../catalogue/catalogue.ts';
import type { GenerationDeps } from '../deps.ts';
import { AccountFrozenError, DebtOpenError, InsufficientCreditsError } from '../errors.ts';
import { failpoint } from '../failpoint.ts';
import { moderateRequest } from './moderate.ts';
import type { GenerationInput } from '../catalogue/model.ts';
import { planNow, planQuoted } from './plan.ts';
import type { Plan } from './plan.ts';
import { findGeneration } from '../queries.ts';
import { getGeneration } from '../view/read.ts';
import { refusalError } from './refusals.ts';
import type { ViewedGeneration } from '../rows.ts';
import { viewOf } from '../view/view.ts';
import type { GenerationView } from '../view/views.ts';
import { wordsIn } from '../view/words.ts';

export type AcceptRequest =
  | { readonly quote: string }
  | { readonly model: string; readonly input: GenerationInput };

export interface Accepted {
  readonly generation: GenerationView;
  /** True where this key had already been answered: nothing was done again. */
  readonly replayed: boolean;
}

/** Against deadlocks and lost connections, and to open an account that isn't there yet. */
const tries = 5;

/**
 * Accepts a request: hold (or charge, or check, by the price's policy), row and idempotency record in one statement; a worker is woken after it. A retry with the same key gets the
 * first answer, also where that was a refusal for lack of credit (a new attempt is a new key); cooldown and concurrency are not
 * remembered, since they ask for the same request later.
 * @throws InvalidInputError, NotFoundError, ModerationError, IdempotencyConflictError, QuoteExpiredError, ModelUnavailableError, CooldownError,
 *   TooManyGenerationsError, InsufficientCreditsError; in this order of checks, and nothing is held
 */
export async function acceptGeneration(
  deps: GenerationDeps,
  command: { personId: string; key: string; request: AcceptRequest },
): Promise<Accepted> {
  const { personId, key, request } = command;
  const plan =
    'quote' in request
      ? await planQuoted(deps, personId, request.quote)
      : await planNow(deps, { personId, ...request });
  return accept(deps, { personId, name: 'create', key, fingerprint: fingerprintOf(request) }, plan);
}

/**
 * The same model and inputs as an earlier one of this person's, at today's price: another film of them, unless they name a seed. Throws as
 * `acceptGeneration`.
 */
export async function generateAgain(
  deps: GenerationDeps,
  command: { personId: string; key: string; generationId: string },
): Promise<Accepted> {
  const { personId, key, generationId } = command;
  const earlier = await findGeneration(deps.db, personId, generationId);
  if (earlier === null) throw new NotFoundError('generation');
  const plan = await planNow(deps, { personId, model: earlier.model_id, input: earlier.input });
  return accept(deps, { personId, name: 'again', key, fingerprint: fingerprintOf({ generationId }) }, plan);
}

async function accept(deps: GenerationDeps, command: AcceptCommand, plan: Plan): Promise<Accepted> {
  const { personId, key, name } = command;
  await moderateRequest(deps, { personId, command: name, key, input: plan.input });
  const generationId = newId('gen');
  const outcome = await decide(deps, command, plan, generationId);
  switch (outcome.kind) {
    case 'accepted': {
      failpoint('accept.after_commit');
      logDecision(deps, command, plan, generationId, outcome);
      deps.wake.queued(generationId, plan.model.providerId);
      deps.estimates?.note(generationId);
      deps.metrics.accepted({ model: plan.model.id });
      const row = justQueued(command, plan, generationId, outcome);
      return { generation: await viewOf(deps, row), replayed: false };
    }
    case 'replayed':
      return {
        generation: await getGeneration(deps, command.personId, outcome.generationId),
        // After a lost connection our own earlier try may be what is found.
        replayed: outcome.generationId !== generationId,
      };
    case 'refused':
      if (!outcome.replayed) logDecision(deps, command, plan, generationId, outcome);
      throw refused(deps, plan, new InsufficientCreditsError(outcome.amounts, deps.locale));
    case 'conflict':
    case 'unavailable':
    case 'quote_expired':
    case 'cooldown':
    case 'too_many':
      throw refused(deps, plan, refusalError(outcome, { key: command.key, plan, locale: deps.locale }));
    default:
      throw new Error(`unknown outcome ${JSON.stringify(outcome satisfies never)}`);
  }
}

/**
 * Has the database decide. A person who never had credit has no account: it is opened, and they are judged once more. The key makes
 * repeating harmless, also after a connection that was lost at the wrong moment.
 */
async function decide(
  deps: GenerationDeps,
  command: AcceptCommand,
  plan: Plan,
  generationId: string,
): Promise<AcceptOutcome> {
  const available = isAvailable(deps, plan.model);
  const acceptance = { command, plan, generationId, available, settings: deps.settings };
  failpoint('accept.before');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await decideTogether(deps.db, acceptance);
    } catch (error) {
      if (attempt >= tries) throw error;
      switch (sqlState(error)) {
        case 'LG001':
          await openAccount(deps.credits, command.personId);
          continue;
        case 'HF001':
          throw new DebtOpenError(String((error as { detail?: unknown }).detail));
        case 'LG003':
          throw new AccountFrozenError(
            'account_frozen',
            wordsIn(deps.locale ?? 'en').refusals.account_frozen,
          );
        default:
          if (!isRetryable(error) && !isConnectionLoss(error)) throw error;
          await pause(10 * 4 ** attempt * (0.5 + Math.random()));
      }
    }
  }
}

/** What was just written, as a view needs it: asking the database for it again would cost a quarter of accepting. */
function justQueued(
  command: AcceptCommand,
  plan: Plan,
  id: string,
  accepted: AcceptOutcome & { kind: 'accepted' },
): ViewedGeneration {
  const { at } = accepted;
  const { model, price } = plan;
  return {
    id,
    person_id: command.personId,
    model_id: model.id,
    provider_id: model.providerId,
    kind: model.kind,
    input: plan.input,
    state: 'queued',
    price_version: price.version,
    policy: price.policy,
    unit: price.unit,
    credits_per_unit: price.creditsPerUnit,
    quoted_units: plan.units,
    quoted: plan.credits,
    hold_id: accepted.hold,
    held: price.policy === 'reserve' ? plan.credits : 0n,
    captured: price.policy === 'prepaid' ? plan.credits : null,
    released: null,
    refunded: 0n,
    owed: 0n,
    delivered_units: null,
    cancel_requested_at: null,
    progress: null,
    error_code: null,
    error_class: null,
    timeline: [{ status: 'queued', at: at.toISOString() }],
    created_at: at,
    picked_up_at: null,
    finished_at: null,
    deadline_at: new Date(at.getTime() + model.deadlineSeconds * 1000),
    outputs: [],
    queue: null,
    now: at,
  };
}

function logDecision(
  deps: GenerationDeps,
  command: AcceptCommand,
  plan: Plan,
  generationId: string,
  decided: { kind: 'accepted' | 'refused'; amounts: RefusedAmounts },
): void {
  const { total, held, inFlight, available, required } = decided.amounts;
  deps.log.info(
    {
      person: command.personId,
      generation: generationId,
      model: plan.model.id,
      total: total.toString(),
      held: held.toString(),
      ...(inFlight === 0n ? {} : { in_flight: inFlight.toString() }),
      available: available.toString(),
      required: required.toString(),
      decision: decided.kind,
    },
    decided.kind === 'accepted' ? 'generation accepted' : 'generation refused',
  );
}

function refused<E extends HoldfastError>(deps: GenerationDeps, plan: Plan, error: E): E {
  deps.metrics.refused({ model: plan.model.id, code: error.code });
  return error;
}

/** Of what was asked for, with the names in one order, so that two ways of writing the same request are the same. */
function fingerprintOf(request: object): Buffer {
  return createHash('sha256').update(canonical(request)).digest();
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
}
