import type { ErrorClass } from '../../providers/port.ts';
import { backoffSeconds } from '../rules.ts';

/** What follows a failure that is proven: the provider has not got it, or says it failed. */
export type Consequence =
  | { readonly kind: 'fail' }
  /** Again as soon as that may help, in a new attempt. */
  | { readonly kind: 'again'; readonly afterSeconds: number };

/** What holds it back is the open circuit: it may be the very next to try whether that is over. */
const operator_wait_seconds = 1;

/**
 * A person's fault ends it; a fault of the moment is tried again with growing pauses; a provider's fault gets as many attempts
 * as the model has; an operator's fault waits for the operator. Waiting always ends at the deadline.
 * @param facts.attempts those that failed by the provider's fault, this one included: what the operator or the moment was to blame
 *   for uses none up
 * @param facts.tries all attempts, this one included
 */
export function consequenceOf(
  errorClass: ErrorClass,
  facts: { attempts: number; tries: number; maxAttempts: number; random: number },
): Consequence {
  switch (errorClass) {
    case 'USER_INPUT':
    case 'USER_POLICY':
    case 'CANCELLED':
      return { kind: 'fail' };
    case 'TRANSIENT':
      return { kind: 'again', afterSeconds: backoffSeconds(facts.tries, facts.random) };
    case 'SYSTEM':
    case 'UNKNOWN':
      return facts.attempts < facts.maxAttempts
        ? { kind: 'again', afterSeconds: backoffSeconds(facts.attempts, facts.random) }
        : { kind: 'fail' };
    case 'OPERATOR_BALANCE':
    case 'OPERATOR_AUTH':
    case 'OPERATOR_CONFIG':
      return { kind: 'again', afterSeconds: operator_wait_seconds };
    default:
      throw new Error(`unknown class of error ${String(errorClass satisfies never)}`);
  }
}
