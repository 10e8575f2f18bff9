import { HoldNotOpenError, RetryableError } from '@holdfast/ledger';
import type { HoldState } from '@holdfast/ledger';
import type { Tx } from '../platform/database.ts';
import type { CreditDeps } from './deps.ts';

export interface Amounts {
  readonly total: bigint;
  readonly held: bigint;
  readonly available: bigint;
}

/** What asks for the transaction to be tried again says so in the database's own words, which is what `inTransaction` listens for. */
export function forTransaction(error: unknown): unknown {
  return error instanceof RetryableError && error.cause !== undefined ? error.cause : error;
}

export type Settled =
  | { readonly ok: true; readonly captured: bigint; readonly released: bigint }
  /** The hold had ended before: nothing was charged. */
  | { readonly ok: false; readonly state: HoldState; readonly captured: bigint; readonly released: bigint };

/**
 * Captures what was delivered and releases the rest, inside the caller's transaction. Each amount is captured under a key of its own, that of
 * the output it pays for, and the last one ends the hold. Once per generation.
 * @param request.amounts one per output, in order; at least one
 */
export async function captureHold(
  deps: CreditDeps,
  tx: Tx,
  request: { personId: string; generationId: string; hold: string; amounts: readonly bigint[] },
): Promise<Settled> {
  return settle(deps, 'credits captured', request, async (ledger, write) => {
    const last = request.amounts.length - 1;
    for (const [output, amount] of request.amounts.slice(0, last).entries()) {
      const key = `${request.generationId}/capture/${output}`;
      await ledger.capture({ ...write, key, hold: request.hold, amount, final: false });
    }
    const { hold, balance } = await ledger.capture({
      ...write,
      key: `${request.generationId}/capture/${last}`,
      hold: request.hold,
      amount: request.amounts[last] ?? 0n,
      fault: 'provider',
    });
    return { hold, balance };
  })(tx);
}

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
): Promise<Settled> {
  return settle(deps, 'credits released', request, async (ledger, write) => {
    const { hold, balance } = await ledger.release({
      ...write,
      key: `${request.generationId}/release`,
      hold: request.hold,
      fault: request.fault,
    });
    return { hold, balance };
  })(tx);
}

interface Outcome {
  hold: { captured: bigint; released: bigint };
  balance: Amounts;
}

function settle(
  deps: CreditDeps,
  event: string,
  request: { personId: string; generationId: string; hold: string },
  write: (ledger: CreditDeps['ledger'], about: { account: string; reference: string }) => Promise<Outcome>,
): (tx: Tx) => Promise<Settled> {
  return async (tx) => {
    const facts = { person: request.personId, generation: request.generationId, hold: request.hold };
    try {
      const { hold, balance } = await write(deps.ledger.on(tx), {
        account: request.personId,
        reference: request.generationId,
      });
      logDecision(deps, event, facts, balance, hold.captured);
      return { ok: true, captured: hold.captured, released: hold.released };
    } catch (error) {
      if (!(error instanceof HoldNotOpenError)) throw forTransaction(error);
      deps.log.warn({ ...facts, state: error.state, event }, 'the hold had already ended');
      return { ok: false, state: error.state, captured: error.captured, released: error.released };
    }
  };
}

function logDecision(
  deps: CreditDeps,
  message: string,
  facts: Record<string, string>,
  balance: Amounts,
  required: bigint,
): void {
  deps.log.info(
    {
      ...facts,
      total: balance.total.toString(),
      held: balance.held.toString(),
      available: balance.available.toString(),
      required: required.toString(),
      decision: 'settled',
    },
    message,
  );
}
