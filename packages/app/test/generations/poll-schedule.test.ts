import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pollDelay } from '../../src/generations/steps/poll-schedule.ts';
import type { PollFacts } from '../../src/generations/steps/poll-schedule.ts';

const usual: PollFacts = {
  ranFor: 0,
  untilDeadline: 3_600,
  pace: { median: 120, p95: 300 },
  pollSeconds: 10,
  callbacksHealthy: false,
  round: 0,
  random: 0.5,
};

test('nobody expects anything before eight tenths of the median; then it is asked every 10 to 15 seconds, and later every 30 to 60', () => {
  expect(pollDelay(usual)).toBeCloseTo(96);
  expect(pollDelay({ ...usual, ranFor: 90 })).toBe(12.5);
  for (const random of [0, 0.5, 1]) {
    const eager = pollDelay({ ...usual, ranFor: 200, random });
    expect(eager).toBeGreaterThanOrEqual(10);
    expect(eager).toBeLessThanOrEqual(15);
    const late = pollDelay({ ...usual, ranFor: 400, random });
    expect(late).toBeGreaterThanOrEqual(30);
    expect(late).toBeLessThanOrEqual(60);
  }
});

test('while callbacks are healthy it is asked every two to three minutes', () => {
  for (const ranFor of [100, 200, 900]) {
    const delay = pollDelay({ ...usual, ranFor, callbacksHealthy: true });
    expect(delay).toBeGreaterThanOrEqual(120);
    expect(delay).toBeLessThanOrEqual(180);
  }
});

test('where a provider has more than it may be asked about so often, each is asked about once a round', () => {
  expect(pollDelay({ ...usual, ranFor: 200, round: 5 })).toBe(12.5);
  for (const random of [0, 0.5, 1]) {
    const delay = pollDelay({ ...usual, ranFor: 200, round: 108, random });
    expect(delay).toBeGreaterThan(108);
    expect(delay).toBeLessThanOrEqual(135);
  }
});

test('without a pace it is asked eagerly for ten minutes', () => {
  expect(pollDelay({ ...usual, pace: null })).toBe(12.5);
  expect(pollDelay({ ...usual, pace: null, ranFor: 601 })).toBe(45);
});

test("a run is asked about far fewer times than eagerness would, and a lost callback's within minutes", () => {
  const questions = (facts: Partial<PollFacts>, seconds: number): number => {
    let count = 0;
    for (let ranFor = 0; ranFor < seconds; count += 1) {
      ranFor += pollDelay({ ...usual, ...facts, ranFor, untilDeadline: 3_600 - ranFor });
    }
    return count;
  };
  expect(questions({}, 300)).toBeLessThanOrEqual(18);
  expect(questions({ callbacksHealthy: true }, 300)).toBeLessThanOrEqual(3);
});

test('it always goes on, never beyond a quarter of what is left once that is more than a turn, and scales with the model', () => {
  const facts = fc.record({
    ranFor: fc.double({ min: 0, max: 90_000, noNaN: true }),
    untilDeadline: fc.double({ min: -100, max: 90_000, noNaN: true }),
    pace: fc.option(
      fc.record({ median: fc.double({ min: 0, max: 9_000, noNaN: true }), p95: fc.constant(9_000) }),
    ),
    pollSeconds: fc.double({ min: 0.1, max: 600, noNaN: true }),
    callbacksHealthy: fc.boolean(),
    round: fc.double({ min: 0, max: 9_000, noNaN: true }),
    random: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(facts, (each) => {
      const delay = pollDelay(each);
      const turn = each.pollSeconds * 1.5;
      expect(delay).toBeGreaterThanOrEqual(each.pollSeconds * 0.999);
      expect(delay).toBeLessThanOrEqual(Math.max(turn, Math.max(0, each.untilDeadline) / 4) + 1e-6);
    }),
  );
});
