import { HoldfastError } from '../platform/errors.ts';

/**
 * The credential is missing or not valid. Codes: `unauthenticated` (none), `session_invalid`, `session_expired`, `key_invalid`,
 * `key_expired`.
 */
export class UnauthenticatedError extends HoldfastError {}

/** `insufficient_scope`: the key may not do this. Data: `required`, `scopes`. */
export class InsufficientScopeError extends HoldfastError {}
