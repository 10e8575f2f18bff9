/** What one send came to. */
export type Sent =
  | { readonly kind: 'delivered'; readonly facts?: Readonly<Record<string, unknown>> }
  /** Proven not to have been taken, and not for ever: asked again later. `counts` where the other side refused it as it is. */
  | {
      readonly kind: 'again';
      readonly reason: string;
      readonly detail: string;
      readonly afterSeconds: number | null;
      readonly counts: boolean;
      readonly httpStatus?: number;
    }
  /** Proven not to have been taken, and the person is not there: no use in asking again. */
  | {
      readonly kind: 'gone';
      readonly reason: string;
      readonly detail: string;
      readonly httpStatus?: number;
    }
  /** It may have been taken. */
  | { readonly kind: 'uncertain'; readonly reason: string; readonly detail: string };

export type Channel = 'library' | 'telegram' | 'mail' | 'webhook';

export interface ChannelRules {
  /** So many refusals by the other side end it. */
  readonly mostRefusals: number;
  /** What is proven not to have been taken for other reasons is tried for so long. */
  readonly patienceSeconds: number;
  /** Whether the receiver can tell a second copy from a new message: only then may what is uncertain be sent again. */
  readonly repeatable: boolean;
}

/** By channel. The wait grows from seconds to hours, so that the patience is used up in a few dozen tries at most. */
export const channelRules: Readonly<Record<Exclude<Channel, 'library'>, ChannelRules>> = {
  telegram: { mostRefusals: 3, patienceSeconds: 86_400, repeatable: false },
  mail: { mostRefusals: 3, patienceSeconds: 86_400, repeatable: false },
  webhook: { mostRefusals: Number.POSITIVE_INFINITY, patienceSeconds: 86_400, repeatable: true },
};

const longest_wait_seconds = 2 * 3_600;

/** 5 s, 15 s, 45 s, … two hours at most, jittered by a fifth. */
export function backoffSeconds(failures: number, random: number): number {
  const base = Math.min(longest_wait_seconds, 5 * 3 ** Math.max(0, failures - 1));
  return base * (0.9 + 0.2 * random);
}

/** What becomes of a delivery after a send. */
export type Next =
  | { readonly state: 'delivered'; readonly facts: Readonly<Record<string, unknown>> }
  | { readonly state: 'refused'; readonly reason: string; readonly detail: string; readonly proven: boolean }
  | { readonly state: 'uncertain'; readonly reason: string; readonly detail: string }
  | {
      readonly state: 'pending';
      readonly reason: string;
      readonly detail: string;
      readonly afterSeconds: number;
      readonly refusals: number;
    };

/**
 * `proven`: the other side has refused it as often as it may, which is nobody's doing here; a person who is not there is their own doing.
 */
export function afterSend(
  sent: Sent,
  facts: {
    readonly rules: ChannelRules;
    readonly attempts: number;
    readonly refusals: number;
    readonly ageSeconds: number;
    readonly random: number;
  },
): Next {
  const { rules } = facts;
  switch (sent.kind) {
    case 'delivered':
      return { state: 'delivered', facts: sent.facts ?? {} };
    case 'gone':
      return { state: 'refused', reason: sent.reason, detail: sent.detail, proven: false };
    case 'uncertain':
      return rules.repeatable
        ? later({ ...sent, kind: 'again', afterSeconds: null, counts: false }, facts)
        : { state: 'uncertain', reason: sent.reason, detail: sent.detail };
    case 'again':
      return later(sent, facts);
    default:
      throw new Error(`unknown end of a send ${JSON.stringify(sent satisfies never)}`);
  }
}

function later(
  sent: Sent & { kind: 'again' },
  facts: {
    rules: ChannelRules;
    attempts: number;
    refusals: number;
    ageSeconds: number;
    random: number;
  },
): Next {
  const { reason, detail } = sent;
  const refusals = facts.refusals + (sent.counts ? 1 : 0);
  if (refusals >= facts.rules.mostRefusals) return { state: 'refused', reason, detail, proven: true };
  const afterSeconds = sent.afterSeconds ?? backoffSeconds(facts.attempts, facts.random);
  if (facts.ageSeconds + afterSeconds > facts.rules.patienceSeconds) {
    return { state: 'refused', reason, detail, proven: sent.counts };
  }
  return { state: 'pending', reason, detail, afterSeconds, refusals };
}
