import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { fillExpired } from '../bench/fill.ts';
import { createTestLedger, type TestLedger } from './support/database.ts';

let t: TestLedger;

beforeAll(async () => {
  t = await createTestLedger(inject('adminUrl'), { clock: false });
});
afterAll(() => t.close());

test('one sweep books at most a thousand operations, however many accounts and lots are due', async () => {
  await fillExpired(t.admin, 3, 600);
  expect(await t.ledger.expireDue()).toMatchObject({ accounts: 2, lotsExpired: 1000, more: true });
  expect(await t.ledger.expireDue()).toMatchObject({ accounts: 2, lotsExpired: 800, more: false });
  expect(await t.ledger.expireDue()).toMatchObject({ accounts: 0, lotsExpired: 0, more: false });
});
