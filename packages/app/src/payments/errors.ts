import { HoldfastError } from '../platform/errors.ts';

/** `payments_off`, `payment_refused`, `price_unavailable`, `subscription_exists`, ...: what a person is told. */
export class PaymentError extends HoldfastError {}

/** It can't be said yet whose this is, or what was bought: kept, and looked at again later. */
export class UnresolvedError extends HoldfastError {
  constructor(message: string, data: Readonly<Record<string, unknown>> = {}) {
    super('payment_unresolved', message, data);
  }
}
