import { HoldfastError } from '../platform/errors.ts';

export type Unit = 'second' | 'piece';

/**
 * When the charge is made. `reserve`: the quote is held, what was really delivered is captured, the rest goes back.
 */
export type ChargePolicy = 'reserve' | 'prepaid' | 'postpaid';

/** A price as it was when something was quoted; it never changes. */
export interface Price {
  readonly version: string;
  readonly unit: Unit;
  readonly creditsPerUnit: bigint;
  readonly policy: ChargePolicy;
}

/** `policy_unavailable`: a price asks for a charge policy that can't be carried out. */
export class PolicyUnavailableError extends HoldfastError {}

/** The most that can be charged: whole units, whole credits. */
export function quoteCredits(price: Price, units: number): bigint {
  refuseUnavailablePolicy(price.policy);
  return price.creditsPerUnit * BigInt(units);
}

/**
 * What is charged for what was delivered: measured milliseconds (or pieces in thousandths), rounded up to a whole credit,
 * never above the quote.
 */
export function chargeFor(price: Price, deliveredThousandths: number, quoted: bigint): bigint {
  const exact = price.creditsPerUnit * BigInt(Math.round(deliveredThousandths));
  const credits = (exact + 999n) / 1000n;
  return credits < quoted ? credits : quoted;
}

function refuseUnavailablePolicy(policy: ChargePolicy): void {
  switch (policy) {
    case 'reserve':
      return;
    case 'prepaid':
    case 'postpaid':
      throw new PolicyUnavailableError(
        'policy_unavailable',
        `This price asks for the charge policy "${policy}", and Holdfast carries out "reserve" only: give the model a price with that policy.`,
        { policy },
      );
    default:
      throw new Error(`unknown charge policy ${String(policy satisfies never)}`);
  }
}

/** A unit's price in whole credits: a provider's dollars times rate and margin, rounded up once, and at least one. Exact to six decimals of each. */
export function creditsForUsd(usd: number, rule: { creditsPerUsd: number; margin: number }): bigint {
  const millionths = [usd, rule.creditsPerUsd, rule.margin].map((each) => BigInt(Math.round(each * 1e6)));
  const product = millionths.reduce((all, each) => all * each, 1n);
  const unit = 10n ** 18n;
  const credits = (product + unit - 1n) / unit;
  return credits > 0n ? credits : 1n;
}
