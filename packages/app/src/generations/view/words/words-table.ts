import type { Kind } from '../../catalogue/model.ts';
import type { ErrorClass } from '../../../providers/port.ts';
import type { FailureCode } from './codes.ts';

/** Words, or two ways of saying it: where credits went back, and where there were none to go back. */
export type Said = string | { readonly back: string; readonly none: string };

/** Everything that this domain tells people, in one language. A snapshot keeps all of it. */
export interface Words {
  /** `1,234 credits` */
  readonly credits: (amount: bigint) => string;
  readonly codes: Readonly<Record<FailureCode, Said>>;
  readonly classes: Readonly<Record<ErrorClass, string>>;
  /** What every sentence about a failure ends with. */
  readonly clause: {
    readonly charged: (amount: bigint) => string;
    readonly released: (amount: bigint) => string;
    readonly refunded: (amount: bigint) => string;
    readonly nothing: string;
  };
  readonly receipt: {
    readonly held_by_second: (amount: bigint) => string;
    readonly held_by_piece: (amount: bigint) => string;
    readonly held_unknown: (amount: bigint) => string;
    readonly prepaid: (amount: bigint) => string;
    readonly postpaid: (most: bigint) => string;
    readonly delivered: string;
    readonly delivered_seconds: (seconds: number) => string;
    readonly delivered_some: (some: number, all: number) => string;
    readonly charged: (what: string, amount: bigint, released: bigint) => string;
    readonly charged_and_refunded: (what: string, amount: bigint, refunded: bigint) => string;
    readonly charged_and_owed: (what: string, amount: bigint, owed: bigint) => string;
    readonly not_charged: (what: string) => string;
  };
  readonly refusals: {
    readonly cooldown: (kind: Kind, wait: { unit: 'minute' | 'second'; amount: number }) => string;
    readonly too_many: (unfinished: number) => string;
    /** `why` is the operator's own words, for people. */
    readonly unavailable: (model: string, why: string | null) => string;
    readonly quote_expired: string;
    readonly account_frozen: string;
    readonly ended_already: string;
    readonly too_late_to_cancel: string;
    readonly insufficient: (amounts: { required: bigint; available: bigint; shortfall: bigint }) => string;
    readonly moderation_refused: string;
    readonly moderation_paused: (wait: { unit: 'minute' | 'hour'; amount: number }) => string;
  };
}

/** `one` where the language says 1 so, and so on: the plural that goes with a number. */
export function plural(
  locale: string,
): (amount: bigint | number, forms: Partial<Record<Intl.LDMLPluralRule, string>>) => string {
  const rules = new Intl.PluralRules(locale);
  return (amount, forms) => forms[rules.select(Number(amount))] ?? forms.other ?? '';
}
