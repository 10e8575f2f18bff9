import { HoldfastError } from '../platform/errors.ts';
import type { Locale } from '../platform/locale.ts';
import { wordsIn } from './view/words.ts';

/** Refused before anything was held: too little credit. `code` is `insufficient_credits`. */
export class InsufficientCreditsError extends HoldfastError {
  constructor(
    amounts: { total: bigint; held: bigint; available: bigint; required: bigint; inFlight?: bigint },
    locale: Locale = 'en',
  ) {
    const shortfall = amounts.required - amounts.available;
    super('insufficient_credits', wordsIn(locale).refusals.insufficient({ ...amounts, shortfall }), {
      total: amounts.total.toString(),
      held: amounts.held.toString(),
      ...(amounts.inFlight ? { in_flight: amounts.inFlight.toString() } : {}),
      available: amounts.available.toString(),
      required: amounts.required.toString(),
      shortfall: shortfall.toString(),
    });
  }
}

/** `cooldown`: another start of the same kind came too soon. Data: `retry_after_seconds`, `kind`. */
export class CooldownError extends HoldfastError {}

/** `too_many_generations`: as many as allowed are unfinished. Data: `active`, `limit`. */
export class TooManyGenerationsError extends HoldfastError {}

/** `idempotency_conflict`: the key was used with another request. */
export class IdempotencyConflictError extends HoldfastError {}

/** `quote_expired`: ask for a new one. */
export class QuoteExpiredError extends HoldfastError {}

/** `model_unavailable`: its provider is paused. */
export class ModelUnavailableError extends HoldfastError {}

/** `not_cancellable`: it is final, or past the point where its provider can stop. Data: `status`. */
export class NotCancellableError extends HoldfastError {}

/** `account_frozen`: nothing can be held until an operator has thawed the account. */
export class AccountFrozenError extends HoldfastError {}

/** `debt_open`: credits of a payment that went back were spent, and are repaid first. Data: `debt`. */
export class DebtOpenError extends HoldfastError {
  constructor(debt: string) {
    super(
      'debt_open',
      `A payment of yours went back after its credits were spent: ${debt} are owed. Your next purchase repays them first; then you can start again. Nothing was held.`,
      { debt },
    );
  }
}
