import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createLedger } from '../src/index.ts';
import { createTestLedger, type TestLedger } from './support/database.ts';
import { draws } from './support/histories.ts';
import { playInterleaved } from './support/interleaved.ts';
import { playSequence } from './support/sequential.ts';

const start = Date.UTC(2026, 0, 1);
let t: TestLedger;
let sequences = 0;

beforeAll(async () => {
  t = await createTestLedger(inject('adminUrl'));
});
afterAll(() => t.close());

test('random histories end on the database as in the model, step by step', { timeout: 120_000 }, async () => {
  const result = await fc.check(
    fc.asyncProperty(draws(60), async (history) => {
      await playSequence(t, t.ledger, `s${(sequences += 1)}`, history, start);
    }),
    { seed: 1, numRuns: 12, endOnFailure: true },
  );
  expect(result.errorInstance).toBeNull();
});

test('so do they through batches', { timeout: 120_000 }, async () => {
  const batching = createLedger(t.pool, { batching: true });
  const result = await fc.check(
    fc.asyncProperty(draws(60), async (history) => {
      await playSequence(t, batching, `s${(sequences += 1)}`, history, start);
    }),
    { seed: 2, numRuns: 6, endOnFailure: true },
  );
  expect(result.errorInstance).toBeNull();
});

test(
  'interleaved clients end as the model does in the order of the journal',
  { timeout: 120_000 },
  async () => {
    const ledgers = [t.ledger, createLedger(t.pool, { batching: true }), t.ledger];
    const result = await fc.check(
      fc.asyncProperty(draws(72), async (history) => {
        await playInterleaved(t, ledgers, `s${(sequences += 1)}`, history, start);
      }),
      { seed: 3, numRuns: 8, endOnFailure: true },
    );
    expect(result.errorInstance).toBeNull();
  },
);

test('after all of this nothing differs', async () => {
  expect((await t.ledger.verify()).differences).toEqual([]);
});
