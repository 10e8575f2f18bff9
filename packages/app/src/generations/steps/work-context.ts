import type { GenerationDeps } from '../deps.ts';
import type { AttemptRow, ClaimedRow } from '../rows.ts';

/** Who works: one process on one machine. */
export interface WorkerIdentity {
  readonly id: string;
  /** The same for all workers of one machine, which share its cores. */
  readonly machine: string;
}

export interface WorkContext {
  readonly deps: GenerationDeps;
  readonly worker: WorkerIdentity;
  /** Local renders at once on this machine; where unset, what the provider says. */
  readonly rendersPerMachine?: number;
}

/** A worker takes no steps of a provider that it has no means to reach; another may. */
export function providerIds(ctx: WorkContext): string[] {
  return ctx.deps.providers.all().map((provider) => provider.id);
}

/** A generation under this worker's claim, with its live attempt where it has one. */
export interface Claimed {
  readonly row: ClaimedRow;
  readonly attempt: AttemptRow | null;
  /** Aborted when the claim was lost or the worker is to stop now. */
  readonly signal: AbortSignal;
}

/** What follows a step. */
export type Next =
  /** Its next step is due later; `local` when only this process can take it (its machine makes it). */
  | { readonly kind: 'wait'; readonly seconds: number; readonly local: boolean }
  /** It waits to be picked up again. */
  | { readonly kind: 'queued'; readonly seconds: number }
  | { readonly kind: 'ended' }
  /** Somebody else has claimed it meanwhile: nothing was written. */
  | { readonly kind: 'lost' };

export const lost: Next = { kind: 'lost' };
export const ended: Next = { kind: 'ended' };
