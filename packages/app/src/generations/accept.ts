import { createHash } from 'node:crypto';
import { openAccount } from '../credits/commands.ts';
import { isAccountMissing, placeHold } from '../credits/holds.ts';
import { inTransaction } from '../platform/database.ts';
import type { Tx } from '../platform/database.ts';
import { NotFoundError } from '../platform/errors.ts';
import { newId } from '../platform/ids.ts';
import { checkAcceptance, insertGeneration, rememberRefusal } from './acceptance-queries.ts';
import type { GenerationDeps } from './deps.ts';
import { isAvailable } from './catalogue.ts';
import {
  CooldownError,
  IdempotencyConflictError,
  InsufficientCreditsError,
  ModelUnavailableError,
  QuoteExpiredError,
  TooManyGenerationsError,
} from './errors.ts';
import { failpoint } from './failpoint.ts';
import type { GenerationInput } from './model.ts';
import { planNow, planQuoted } from './plan.ts';
import type { Plan } from './plan.ts';
import { findGeneration } from './queries.ts';
import { getGeneration } from './read.ts';
import type { GenerationRow } from './rows.ts';
import { leaseSlackSeconds } from './rules.ts';
import { viewOf } from './view.ts';
import type { GenerationView } from './views.ts';
import { cooldownWords } from './words.ts';

export type AcceptRequest =
  | { readonly quote: string }
  | { readonly model: string; readonly input: GenerationInput };

export interface Accepted {
  readonly generation: GenerationView;
  /** True where this key had already been answered: nothing was done again. */
  readonly replayed: boolean;
}

interface Command {
  readonly personId: string;
  readonly name: 'create' | 'again';
  readonly key: string;
  readonly fingerprint: Buffer;
}

type Outcome =
  | { readonly kind: 'accepted'; readonly row: GenerationRow; readonly now: Date }
  | { readonly kind: 'replayed'; readonly generationId: string }
  | { readonly kind: 'refused'; readonly error: InsufficientCreditsError };

/**
 * Accepts a request: hold, row and idempotency record in one transaction; a worker is woken after it. A retry with the same key gets the
 * first answer, also where that was a refusal for lack of credit (a new attempt is a new key); cooldown and concurrency are not
 * remembered, since they ask for the same request later.
 * @throws InvalidInputError, NotFoundError, IdempotencyConflictError, QuoteExpiredError, ModelUnavailableError, CooldownError,
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

/** The same model and inputs as an earlier one of this person's, at today's price. Throws as `acceptGeneration`. */
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

async function accept(deps: GenerationDeps, command: Command, plan: Plan): Promise<Accepted> {
  const generationId = newId('gen');
  const outcome = await openingAccount(deps, command.personId, () =>
    inTransaction(deps.db, (tx) => decide(deps, tx, command, plan, generationId), { idempotent: true }),
  ).catch((error: unknown) => {
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'string') deps.metrics.refused({ model: plan.model.id, code });
    throw error;
  });
  switch (outcome.kind) {
    case 'accepted': {
      failpoint('accept.after_commit');
      deps.wake.queued(generationId);
      deps.metrics.accepted({ model: plan.model.id });
      const { row, now } = outcome;
      return {
        generation: await viewOf(deps, { ...row, outputs: [], ahead: null, now }),
        replayed: false,
      };
    }
    case 'replayed':
      return {
        generation: await getGeneration(deps, command.personId, outcome.generationId),
        replayed: outcome.generationId !== generationId,
      };
    case 'refused':
      deps.metrics.refused({ model: plan.model.id, code: outcome.error.code });
      throw outcome.error;
    default:
      throw new Error(`unknown outcome ${JSON.stringify(outcome satisfies never)}`);
  }
}

/** The one transaction. What it throws leaves nothing behind; a refusal for lack of credit is returned, so that it is remembered. */
async function decide(
  deps: GenerationDeps,
  tx: Tx,
  command: Command,
  plan: Plan,
  generationId: string,
): Promise<Outcome> {
  const check = await checkAcceptance(tx, command, plan.model.kind);
  if (check.fingerprint !== null) {
    if (!check.fingerprint.equals(command.fingerprint)) throw conflict(command.key);
    if (check.refusal !== null) {
      return { kind: 'refused', error: new InsufficientCreditsError(check.refusal) };
    }
    return { kind: 'replayed', generationId: check.generationId };
  }
  refuseUnavailable(deps, plan, check.now);
  refuseTooSoon(deps, plan, check.secondsSinceStart);
  refuseTooMany(deps, check.unfinished);

  const placed = await placeHold(deps.credits, tx, {
    personId: command.personId,
    generationId,
    amount: plan.credits,
    leaseSeconds: plan.model.deadlineSeconds + leaseSlackSeconds,
  });
  if (!placed.ok) {
    const refusal = { ...placed.balance, required: placed.required };
    await rememberRefusal(tx, command, refusal);
    return { kind: 'refused', error: new InsufficientCreditsError(refusal) };
  }
  const row = await insertGeneration(tx, {
    ...command,
    generationId,
    plan,
    hold: placed.hold,
    leaseEndsAt: placed.leaseEndsAt,
  });
  failpoint('accept.before_commit');
  return { kind: 'accepted', row, now: row.created_at };
}

function refuseUnavailable(deps: GenerationDeps, plan: Plan, now: Date): void {
  if (!isAvailable(deps, plan.model)) {
    const why = plan.model.pausedReason === null ? '' : `: ${plan.model.pausedReason}`;
    throw new ModelUnavailableError(
      'model_unavailable',
      `${plan.model.name} is paused at the moment${why}. Please try another model, or later.`,
      { model: plan.model.id },
    );
  }
  if (plan.quoteExpiresAt !== null && plan.quoteExpiresAt.getTime() <= now.getTime()) {
    throw new QuoteExpiredError('quote_expired', 'This quote has expired: ask for a new one.', {
      expired_at: plan.quoteExpiresAt.toISOString(),
    });
  }
}

function refuseTooSoon(deps: GenerationDeps, plan: Plan, secondsSinceStart: number | null): void {
  const { cooldownSeconds } = deps.settings;
  if (secondsSinceStart === null || secondsSinceStart >= cooldownSeconds) return;
  const wait = Math.max(1, Math.ceil(cooldownSeconds - secondsSinceStart));
  throw new CooldownError('cooldown', cooldownWords(plan.model.kind, wait), {
    retry_after_seconds: wait,
    kind: plan.model.kind,
  });
}

function refuseTooMany(deps: GenerationDeps, unfinished: number): void {
  const limit = deps.settings.maxActivePerPerson;
  if (unfinished < limit) return;
  throw new TooManyGenerationsError(
    'too_many_generations',
    `You have ${unfinished} generations under way, which is as many as can be at once: please wait for one to finish, or cancel one.`,
    { active: unfinished, limit },
  );
}

function conflict(key: string): IdempotencyConflictError {
  return new IdempotencyConflictError(
    'idempotency_conflict',
    'This Idempotency-Key was used with another request: use a new key for a new request.',
    { key },
  );
}

/** A person who never had credit has no account; it is opened, and what they asked for is judged once more. */
async function openingAccount<T>(deps: GenerationDeps, personId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isAccountMissing(error)) throw error;
    await openAccount(deps.credits, personId);
    return work();
  }
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
