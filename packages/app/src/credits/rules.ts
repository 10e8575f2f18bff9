export type Unit = 'second' | 'piece';

/**
 * When the charge is made. `reserve`: the quote is held, what was really delivered is captured, the rest goes back. `prepaid`: the quote is
 * charged at the start, what wasn't delivered is refunded. `postpaid`: nothing is held, what was delivered is charged at the end, and may
 * end in debt up to a limit.
 */
export type ChargePolicy = 'reserve' | 'prepaid' | 'postpaid';

/** A price as it was when something was quoted; it never changes. */
export interface Price {
  readonly version: string;
  readonly unit: Unit;
  readonly creditsPerUnit: bigint;
  readonly policy: ChargePolicy;
}

/** The most that can be charged: whole units, whole credits. */
export function quoteCredits(price: Price, units: number): bigint {
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

/**
 * The same for several outputs, one amount each: the first so many are charged as if there were no more, so that however they are
 * rounded, their sum is the charge for all of them together.
 */
export function chargesFor(price: Price, delivered: readonly number[], quoted: bigint): bigint[] {
  let thousandths = 0;
  let charged = 0n;
  return delivered.map((each) => {
    thousandths += each;
    const upToHere = chargeFor(price, thousandths, quoted);
    const amount = upToHere - charged;
    charged = upToHere;
    return amount;
  });
}

/** A unit's price in whole credits: a provider's dollars times rate and margin, rounded up once, and at least one. Exact to six decimals of each. */
export function creditsForUsd(usd: number, rule: { creditsPerUsd: number; margin: number }): bigint {
  const millionths = [usd, rule.creditsPerUsd, rule.margin].map((each) => BigInt(Math.round(each * 1e6)));
  const product = millionths.reduce((all, each) => all * each, 1n);
  const unit = 10n ** 18n;
  const credits = (product + unit - 1n) / unit;
  return credits > 0n ? credits : 1n;
}
