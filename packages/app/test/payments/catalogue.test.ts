import { afterAll, beforeAll, expect, test } from 'vitest';
import { actOnSession } from '../../emulators/stripe/checkout.ts';
import { applyCatalogue, readCatalogueFile } from '../../src/payments/catalogue-file.ts';
import type { CatalogueFile } from '../../src/payments/catalogue-file.ts';
import { currentOffers } from '../../src/payments/catalogue.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';

let payments: PaymentWorld;
let file: CatalogueFile;

beforeAll(async () => {
  payments = await createPaymentWorld();
  file = await readCatalogueFile();
});
afterAll(() => payments.close());

function withStarter(change: Partial<CatalogueFile['packs'][number]>): CatalogueFile {
  return {
    ...file,
    packs: file.packs.map((pack) => (pack.id === 'starter' ? Object.assign({}, pack, change) : pack)),
  };
}

async function starter() {
  return (await currentOffers(payments.world.db)).find(({ productId }) => productId === 'starter');
}

test('the file that comes along is sold, and applying it again changes nothing', async () => {
  const again = await applyCatalogue(payments.world.db, file, { operator: false });
  expect(again.every(({ change }) => change === 'none')).toBe(true);
  expect(await starter()).toMatchObject({ id: 'starter/1', credits: 200n, prices: { usd: 990n } });
});

test('a dry run says what would change and changes nothing', async () => {
  const changes = await applyCatalogue(payments.world.db, withStarter({ credits: 250 }), {
    operator: true,
    dryRun: true,
  });
  expect(changes.find(({ product }) => product === 'starter')).toEqual({
    product: 'starter',
    change: 'new_version',
    offer: 'starter/2',
  });
  expect(await starter()).toMatchObject({ id: 'starter/1', credits: 200n });
});

test('an operator’s change is a newer offer; a checkout that was opened before it still brings what it promised', async () => {
  const person = await payments.person();
  const before = await payments.buy(person, 'starter', 'nothing');
  await applyCatalogue(payments.world.db, withStarter({ credits: 150, prices: { usd: 1290 } }), {
    operator: true,
  });
  expect(await starter()).toMatchObject({ id: 'starter/2', credits: 150n, prices: { usd: 1290n } });
  actOnSession(payments.stripe.account, before, 'pay');
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(200n);
  await payments.buy(person, 'starter');
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(350n);
});

test('a new version of the product leaves an operator’s change alone; what the operator drops is no longer sold', async () => {
  await applyCatalogue(payments.world.db, file, { operator: false });
  expect(await starter()).toMatchObject({ id: 'starter/2' });
  const without = { ...file, packs: file.packs.filter(({ id }) => id !== 'starter') };
  const changes = await applyCatalogue(payments.world.db, without, { operator: true });
  expect(changes).toContainEqual({ product: 'starter', change: 'withdrawn', offer: null });
  const person = await payments.person();
  await expect(payments.buy(person, 'starter')).rejects.toMatchObject({ code: 'product_unknown' });
});

test('an offer is never changed or removed, by whomever', async () => {
  for (const statement of [
    'update holdfast.offer set credits = 1',
    'delete from holdfast.offer_price',
    'truncate holdfast.offer cascade',
  ]) {
    await expect(payments.world.admin.query(statement)).rejects.toThrow('is kept as it is');
  }
});
