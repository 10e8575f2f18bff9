import { HoldNotOpenError, RetryableError } from '@holdfast/ledger';
import type { HoldState } from '@holdfast/ledger';
import type { Tx } from '../platform/database.ts';
import type { CreditDeps } from './deps.ts';

/** What asks for the transaction to be tried again says so in the database's own words, which is what `inTransaction` listens for. */
export function forTransaction(error: unknown): unknown {
  return error instanceof RetryableError && error.cause !== undefined ? error.cause : error;
}

export type Released =
  | { readonly ok: true; readonly captured: bigint; readonly released: bigint }
  /** The hold had ended before: nothing was given back. */
  | { readonly ok: false; readonly state: HoldState; readonly captured: bigint; readonly released: bigint };

/** Gives back all that is held, inside the caller's transaction. Once per generation. */
export async function releaseHold(
  deps: CreditDeps,
  tx: Tx,
  request: {
    personId: string;
    generationId: string;
    hold: string;
    fault: 'customer' | 'ours' | 'provider';
  },
): Promise<Released> {
  const facts = { person: request.personId, generation: request.generationId, hold: request.hold };
  try {
    const { hold, balance } = await deps.ledger.on(tx).release({
      account: request.personId,
      reference: request.generationId,
      key: `${request.generationId}/release`,
      hold: request.hold,
      fault: request.fault,
    });
    deps.log.info(
      {
        ...facts,
        total: balance.total.toString(),
        held: balance.held.toString(),
        available: balance.available.toString(),
        required: hold.captured.toString(),
        decision: 'settled',
      },
      'credits released',
    );
    return { ok: true, captured: hold.captured, released: hold.released };
  } catch (error) {
    if (!(error instanceof HoldNotOpenError)) throw forTransaction(error);
    deps.log.warn({ ...facts, state: error.state, event: 'credits released' }, 'the hold had already ended');
    return { ok: false, state: error.state, captured: error.captured, released: error.released };
  }
}
