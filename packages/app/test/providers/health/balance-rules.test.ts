import { expect, test } from 'vitest';
import { burnOf, inDays } from '../../../src/providers/health/balance-rules.ts';

const now = new Date('2026-11-20T12:00:00Z');
const at = (hoursAgo: number, usd: number) => ({
  askedAt: new Date(now.getTime() - hoursAgo * 3_600_000),
  usd,
});

test('the rate is what was spent, whatever was added meanwhile', () => {
  const burn = burnOf([at(24, 30), at(18, 25), at(12, 20), at(11, 70), at(6, 65), at(0, 50)], now);
  expect(burn.perDay24h).toBeCloseTo(30);
  expect(burn.daysLeft).toBeCloseTo(50 / 30);
});

test('the faster of a day and a week counts', () => {
  const week = Array.from({ length: 7 }, (_, day) => at(24 * (7 - day), 1000 - day * 100));
  const burn = burnOf([...week, at(0, 390)], now);
  expect(burn.perDay24h).toBeCloseTo(10);
  expect(burn.perDay7d).toBeCloseTo(610 / 7);
  expect(burn.daysLeft).toBeCloseTo(390 / (610 / 7));
});

test('nothing is said of what is not known', () => {
  expect(burnOf([], now)).toEqual({ perDay24h: null, perDay7d: null, daysLeft: null });
  expect(burnOf([at(0.5, 10), at(0, 5)], now).daysLeft).toBeNull();
  expect(burnOf([at(20, 10), at(0, 10)], now)).toEqual({ perDay24h: 0, perDay7d: 0, daysLeft: null });
});

test('days as people say them', () => {
  expect([2.56, 1, 0.4, 12.8].map(inDays)).toEqual(['2.5 days', '1 day', '0.4 days', '12 days']);
});
