/** What the next question to a provider depends on. Times in seconds. */
export interface PollFacts {
  /** Since the provider has it. */
  readonly ranFor: number;
  readonly untilDeadline: number;
  /** How long such ones have taken of late, half of them and nearly all; null while nobody knows. */
  readonly pace: { readonly median: number; readonly p95: number } | null;
  /** The model's own measure of eagerness: 10, unless an operator has changed it. */
  readonly pollSeconds: number;
  /** Nearly everything that ended lately was told by a callback. */
  readonly callbacksHealthy: boolean;
  /** So long it takes to ask about all that its provider has, once, under the provider's limit; 0 without a limit. */
  readonly round: number;
  /** From 0 to 1. */
  readonly random: number;
}

/** Unless its pace is known, it is asked about eagerly for so many times the model's measure. */
const eager_turns = 60;
/** What is waited for at once at most, however long its kind takes. */
const longest_turns = 30;

/**
 * Seconds until the provider is asked again. Until eight tenths of the median nobody expects anything; then every 10 to 15 seconds until nearly
 * all are done; then every 30 to 60. While callbacks are healthy they tell sooner than any question, and this is only for those that get lost: every
 * two to three minutes. Where a provider has so many that its limit allows none to be asked about as often, each is asked about once a round. Near the deadline often enough that the last question comes before it. (All in measures of `pollSeconds` = 10.)
 */
export function pollDelay(facts: PollFacts): number {
  const { ranFor, pace, pollSeconds, random } = facts;
  const turns = (from: number, to: number): number => pollSeconds * (from + (to - from) * random);
  const soonest = pace === null ? 0 : pace.median * 0.8 * (0.95 + 0.1 * random) - ranFor;
  const late = ranFor > (pace?.p95 ?? pollSeconds * eager_turns);
  const usual = facts.callbacksHealthy ? turns(12, 18) : late ? turns(3, 6) : turns(1, 1.5);
  const shared = facts.round * (1.05 + 0.2 * random);
  const wanted = Math.max(usual, shared, Math.min(soonest, pollSeconds * longest_turns));
  const left = Math.max(0, facts.untilDeadline);
  return Math.min(wanted, Math.max(turns(1, 1.5), left / 4));
}
