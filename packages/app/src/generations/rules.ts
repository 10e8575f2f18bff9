/** A generation's states. The last three are final. */
export type GenerationStatus =
  | 'queued'
  | 'submitting'
  | 'running'
  | 'ingesting'
  | 'outcome_unknown'
  | 'succeeded'
  | 'failed'
  | 'cancelled';
