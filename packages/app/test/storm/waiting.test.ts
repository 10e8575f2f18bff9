import { expect, test } from 'vitest';
import { watchWaiting } from '../../storm/waiting-storm.ts';

test("what waits at a slow vendor holds no worker and little memory, is in nobody's way, and asks no more than the vendor allows", async () => {
  const report = await watchWaiting(
    // Every ten seconds each would be half as much again as is allowed.
    { generations: 150, seconds: 20, questionsAMinute: 600 },
    { signal: AbortSignal.timeout(110_000), say: () => undefined },
  );
  expect(report.problems).toEqual([]);
  expect(report.waiting).toBe(150);
  // Neither does it fall silent.
  expect(report.questions).toBeGreaterThan(10);
}, 120_000);
