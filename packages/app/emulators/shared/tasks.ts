import type { Knobs, Outcome } from './knobs.ts';

export interface EmulatedTask {
  readonly id: string;
  readonly model: string;
  readonly input: unknown;
  readonly callbackUrl: string | null;
  readonly outcome: Outcome;
  readonly usd: number;
  readonly acceptedAtMs: number;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  cancelledAtMs: number | null;
}

export type Phase = 'queued' | 'running' | 'cancelled' | 'succeeded' | 'failed';

export function phaseOf(task: EmulatedTask, nowMs: number): Phase {
  if (task.cancelledAtMs !== null) return 'cancelled';
  if (nowMs < task.startsAtMs) return 'queued';
  if (nowMs < task.endsAtMs) return 'running';
  return task.outcome === 'succeed' ? 'succeeded' : 'failed';
}

export function plan(
  asked: { id: string; model: string; input: unknown; callbackUrl: string | null; usd: number },
  knobs: Knobs,
): EmulatedTask {
  const acceptedAtMs = Date.now() + knobs.aheadMs;
  const startsAtMs = acceptedAtMs + knobs.queuedMs;
  const planned = knobs.fail.shift() ?? 'succeed';
  const refused = JSON.stringify(asked.input ?? null).includes(knobs.refuseWord);
  const outcome = refused ? 'policy' : planned;
  const endsAtMs = outcome === 'stuck' ? Number.POSITIVE_INFINITY : startsAtMs + knobs.runMs;
  return { ...asked, outcome, acceptedAtMs, startsAtMs, endsAtMs, cancelledAtMs: null };
}

/** Whether a model makes pictures, by its name: as emulators know no catalogue. */
export function makesPictures(model: string): boolean {
  return (
    /image|banana|flux|seedream|imagen|sdxl|z-image|photo|picture/i.test(model) && !/to-video/i.test(model)
  );
}

/** How many pictures were asked for, under the vendor's own name for it. */
export function piecesOf(task: Pick<EmulatedTask, 'input'>, name: string): number {
  const { input } = task;
  const asked = typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[name] : 1;
  return typeof asked === 'number' ? Math.min(16, Math.max(1, Math.trunc(asked))) : 1;
}
