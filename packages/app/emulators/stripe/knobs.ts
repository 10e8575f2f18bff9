/** What a card does when it is charged. */
export type Card = 'pays' | 'declines';

/** How webhooks go wrong, as shares from 0 to 1 of all deliveries; drawn with the seed. */
export interface StripeKnobs {
  /** Never sent (but listed as not delivered). */
  drop: number;
  /** Sent twice. */
  duplicate: number;
  /** The same object once more under another event's id. */
  sameObject: number;
  /** Kept back until a later one has gone. */
  reorder: number;
  /** Sent this much later. */
  delay: number;
  delayMs: number;
  /** The shape of older endpoints: anything before 2025-03-31 has the fields of that time. */
  olderShape: number;
  /** What a new session's card does, where the page doesn't ask. */
  card: Card;
  /** What automatic tax adds, in percent. */
  taxPercent: number;
  /** Refuses the next so many API calls with 500. */
  failCalls: number;
}

export const usualKnobs: StripeKnobs = {
  drop: 0,
  duplicate: 0,
  sameObject: 0,
  reorder: 0,
  delay: 0,
  delayMs: 50,
  olderShape: 0,
  card: 'pays',
  taxPercent: 20,
  failCalls: 0,
};
