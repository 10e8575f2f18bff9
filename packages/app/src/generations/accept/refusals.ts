import type { HoldfastError } from '../../platform/errors.ts';
import type { Locale } from '../../platform/locale.ts';
import type { AcceptOutcome } from './acceptance-queries.ts';
import {
  CooldownError,
  IdempotencyConflictError,
  ModelUnavailableError,
  QuoteExpiredError,
  TooManyGenerationsError,
} from '../errors.ts';
import type { Plan } from './plan.ts';
import { cooldownWords, wordsIn } from '../view/words.ts';

export type Refusal = Exclude<AcceptOutcome, { kind: 'accepted' | 'replayed' | 'refused' }>;

/** A refusal by the rules, as the error to throw; its sentence says what to do. */
export function refusalError(
  refusal: Refusal,
  asked: { key: string; plan: Plan; locale?: Locale | undefined },
): HoldfastError {
  const { key, plan } = asked;
  const { model } = plan;
  const { refusals: say } = wordsIn(asked.locale ?? 'en');
  switch (refusal.kind) {
    case 'conflict':
      return new IdempotencyConflictError(
        'idempotency_conflict',
        'This Idempotency-Key was used with another request: use a new key for a new request.',
        { key },
      );
    case 'unavailable': {
      const why = model.pausedReason ?? model.providerPausedReason;
      return new ModelUnavailableError('model_unavailable', say.unavailable(model.name, why), {
        model: model.id,
      });
    }
    case 'quote_expired':
      return new QuoteExpiredError('quote_expired', say.quote_expired, {
        expired_at: plan.quoteExpiresAt?.toISOString(),
      });
    case 'cooldown': {
      const seconds = Math.max(1, Math.ceil(refusal.seconds));
      return new CooldownError('cooldown', cooldownWords(model.kind, seconds, asked.locale), {
        retry_after_seconds: seconds,
        kind: model.kind,
      });
    }
    case 'too_many': {
      return new TooManyGenerationsError('too_many_generations', say.too_many(refusal.unfinished), {
        active: refusal.unfinished,
        limit: refusal.limit,
      });
    }
    default:
      throw new Error(`unknown refusal ${JSON.stringify(refusal satisfies never)}`);
  }
}
