/** What the pipeline counts. The HTTP door registers counters and histograms behind it; everywhere else it is `noMetrics`. */
export interface GenerationMetrics {
  accepted(facts: { model: string }): void;
  refused(facts: { model: string; code: string }): void;
  finished(facts: { model: string; status: 'succeeded' | 'failed' | 'cancelled'; seconds: number }): void;
  step(facts: { step: string; provider: string; seconds: number; ok: boolean }): void;
  /** How long a generation waited in the queue before it was picked up. */
  pickedUp(facts: { provider: string; waitedSeconds: number }): void;
  /** A provider's callback came in, and what became of it. */
  callback?(facts: { provider: string; outcome: string }): void;
}

export const noMetrics: GenerationMetrics = {
  accepted: () => undefined,
  refused: () => undefined,
  finished: () => undefined,
  step: () => undefined,
  pickedUp: () => undefined,
};
