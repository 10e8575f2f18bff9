import { expect, test } from 'vitest';
import { storm } from '../../storm/storm.ts';

test('a small storm: kill -9 of servers, workers and Postgres among the faults of three vendors, and no violation', async () => {
  const said: string[] = [];
  const report = await storm(
    {
      generations: 60,
      kills: 8,
      seed: 7,
      timeScale: 8,
      dryHour: false,
      keep: false,
      json: false,
      without: null,
    },
    { signal: AbortSignal.timeout(200_000), say: (line) => void said.push(line) },
  );
  expect(report.found).toEqual([]);
  expect(report.generations).toBeGreaterThanOrEqual(60);
  expect(report.kills).toBeGreaterThanOrEqual(8);
  expect(report.succeeded + report.failed + report.cancelled).toBe(report.generations);
  // It was a storm, and the product did its work in it.
  expect(report.succeeded).toBeGreaterThan(report.generations / 2);
}, 240_000);
