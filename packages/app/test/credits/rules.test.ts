import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chargeFor, quoteCredits } from '../../src/credits/rules.ts';
import type { Price } from '../../src/credits/rules.ts';

const price = (creditsPerUnit: bigint, policy: Price['policy'] = 'reserve'): Price => ({
  version: 'test/1',
  unit: 'second',
  creditsPerUnit,
  policy,
});

describe('prices', () => {
  test.each([
    [10n, 5, 50n],
    [14n, 5, 70n],
    [0n, 5, 0n],
  ])('%d a second for %d seconds is %d', (each, seconds, credits) => {
    expect(quoteCredits(price(each), seconds)).toBe(credits);
  });

  test.each([
    [10n, 4_200, 50n, 42n],
    [10n, 4_201, 50n, 43n],
    [14n, 4_200, 70n, 59n],
    [10n, 5_000, 50n, 50n],
    [10n, 5_021, 50n, 50n],
    [10n, 60_000, 50n, 50n],
    [5n, 1_000, 5n, 5n],
    [10n, 1, 50n, 1n],
  ])('%d a second, %d ms delivered, %d quoted: %d', (each, milliseconds, quoted, charge) => {
    expect(chargeFor(price(each), milliseconds, quoted)).toBe(charge);
  });

  test('a charge is never above the quote, never below the exact price, and less than a credit above it', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 1_000_000n),
        fc.integer({ min: 1, max: 3_600 }),
        fc.integer({ min: 0, max: 4_000_000 }),
        (each, seconds, milliseconds) => {
          const quoted = quoteCredits(price(each), seconds);
          const charge = chargeFor(price(each), milliseconds, quoted);
          const exact = each * BigInt(milliseconds);
          expect(charge).toBeLessThanOrEqual(quoted);
          const capped = charge === quoted;
          expect(capped || charge * 1000n >= exact).toBe(true);
          expect(capped || charge * 1000n - exact < 1000n).toBe(true);
        },
      ),
    );
  });

  test.each(['reserve', 'prepaid', 'postpaid'] as const)('the policy %s changes no price', (policy) => {
    expect(quoteCredits(price(10n, policy), 5)).toBe(50n);
  });
});
