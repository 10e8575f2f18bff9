import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestLedger, type TestLedger } from './support/database.ts';
import { draws } from './support/histories.ts';
import { playSequence } from './support/sequential.ts';

let t: TestLedger;
let sequences = 0;

beforeAll(async () => {
  t = await createTestLedger(inject('adminUrl'));
});
afterAll(() => t.close());

test('random histories on the database end as in the model, step by step', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(draws(60), async (history) => {
      await playSequence(t, `s${(sequences += 1)}`, history, Date.UTC(2026, 0, 1));
    }),
    { numRuns: 60, seed: 1, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: false },
  );
  expect((await t.ledger.verify()).differences).toEqual([]);
});
