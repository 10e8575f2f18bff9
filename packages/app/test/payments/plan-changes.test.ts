import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyCatalogue, readCatalogueFile } from '../../src/payments/catalogue-file.ts';
import { changePlan } from '../../src/payments/plans.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';
import { subscriber } from './subscriber.ts';

/** With a third plan above the two, for somebody to go up twice. */
async function worldWith(policy: 'prorated' | 'full'): Promise<PaymentWorld> {
  const world = await createPaymentWorld({ env: { PLAN_CHANGE_POLICY: policy } });
  const file = await readCatalogueFile();
  const [first] = file.plans;
  if (!first) throw new Error('no plans');
  const agency = { ...first, id: 'plan-agency', name: 'Agency', tier: 'studio', credits: 5_000 };
  const plans = [...file.plans, { ...agency, prices: { usd: 12_900 } }];
  await applyCatalogue(world.context.db, { ...file, plans }, { operator: true });
  return world;
}

const month = { 'plan-creator': 500n, 'plan-studio': 1_600n, 'plan-agency': 5_000n };
/** A beginning, a moment near the end of its first period, and the period after it. */
const ends = [
  ['on the last day', '2027-01-01T00:00:00Z', '2027-01-31T18:00:00Z', '2027-02-02T00:00:00Z'],
  ['around a 31st', '2027-01-31T00:00:00Z', '2027-02-27T18:00:00Z', '2027-03-01T00:00:00Z'],
  ['from a 31st to a 30th', '2027-03-31T00:00:00Z', '2027-04-29T18:00:00Z', '2027-05-01T00:00:00Z'],
  ['around 29 February', '2028-01-31T00:00:00Z', '2028-02-28T18:00:00Z', '2028-03-01T00:00:00Z'],
  ['begun on 29 February', '2028-02-29T00:00:00Z', '2028-03-28T18:00:00Z', '2028-03-30T00:00:00Z'],
] as const;

describe.each(['prorated', 'full'] as const)('changes under the policy "%s"', (policy) => {
  let payments: PaymentWorld;
  beforeAll(async () => {
    payments = await worldWith(policy);
  });
  afterAll(() => payments.close());

  test.each(ends)('up %s: what was previewed is charged and granted, and no more', async (_n, from, to) => {
    const ada = await subscriber(payments, from);
    await ada.advance(to);
    const { preview, credits, paid } = await ada.change('plan-studio');
    expect({ credits, paid }).toEqual({ credits: preview.creditsNow, paid: preview.due });
    expect([await ada.tier(), (await ada.plan())?.plan]).toEqual(['studio', 'plan-studio']);
    // Pennies bring pennies' worth, at the rate of the difference; or a whole month is paid for a whole month.
    const least = policy === 'full' ? paid === 4_900n && credits === 1_600n : credits < 16n;
    const rate = policy === 'full' || credits * 3_000n <= (paid + 1n) * 1_100n + 3_000n;
    expect({ least, rate }).toEqual({ least: true, rate: true });
  });

  test.each(ends)('down %s: nothing now, the smaller plan afterwards', async (_n, from, to, next) => {
    const ada = await subscriber(payments, from, 'plan-studio');
    await ada.advance(to);
    const { preview, credits, paid } = await ada.change('plan-creator');
    expect(preview).toMatchObject({ kind: 'at_period_end', due: 0n, creditsNow: 0n, monthlyCredits: 500n });
    expect({ credits, paid, tier: await ada.tier() }).toEqual({ credits: 0n, paid: 0n, tier: 'studio' });
    await ada.advance(next);
    expect([await ada.total(), await ada.tier(), ada.paid()]).toEqual([2_100n, 'creator', 6_800n]);
  });

  test('up twice in one period: each is reckoned on what the plans are worth', async () => {
    const ada = await subscriber(payments, '2027-01-01T00:00:00Z');
    await ada.advance('2027-01-11T08:00:00Z');
    const first = await ada.change('plan-studio');
    await ada.advance('2027-01-21T16:00:00Z');
    const second = await ada.change('plan-agency');
    for (const { preview, credits, paid } of [first, second]) {
      expect({ credits, paid }).toEqual({ credits: preview.creditsNow, paid: preview.due });
    }
    // Two thirds of 3000 and 1100, one third of 8000 and 3400: not of what was charged last.
    expect([first.paid, first.credits, second.paid, second.credits]).toEqual(
      policy === 'full' ? [4_900n, 1_600n, 12_900n, 5_000n] : [2_000n, 733n, 2_667n, 1_133n],
    );
    expect(await ada.total()).toBe(500n + first.credits + second.credits);
  });

  test('up, down and up to another in one period: reckoned from what is paid for', async () => {
    const ada = await subscriber(payments, '2027-01-01T00:00:00Z');
    await ada.advance('2027-01-11T08:00:00Z');
    await ada.change('plan-studio');
    await ada.advance('2027-01-21T16:00:00Z');
    await ada.change('plan-creator');
    const up = await ada.change('plan-agency');
    expect({ credits: up.credits, paid: up.paid }).toEqual(
      policy === 'full' ? { credits: 5_000n, paid: 12_900n } : { credits: 1_133n, paid: 2_667n },
    );
    expect(up).toMatchObject({ preview: { due: up.paid, creditsNow: up.credits } });
  });

  test('whoever changes every day of a period never has more credits than what they paid would buy', async () => {
    const ada = await subscriber(payments, '2027-01-31T00:00:00Z');
    let day = 0;
    for (const plan of [
      'plan-studio',
      'plan-creator',
      'plan-studio',
      'plan-agency',
      'plan-creator',
    ] as const) {
      day += 5;
      await ada.advance(new Date(Date.UTC(2027, 0, 31 + day, 12)).toISOString());
      await ada.change(plan);
    }
    // The best rate of any plan is the largest one's; nobody gets a better one by going to and fro.
    const best = (ada.paid() * month['plan-agency']) / 12_900n;
    expect(await ada.total()).toBeLessThanOrEqual(best + 1n);
  });

  test('a refused card leaves a smaller plan that was chosen before as it was chosen', async () => {
    const ada = await subscriber(payments, '2027-01-01T00:00:00Z', 'plan-studio');
    await ada.advance('2027-01-11T00:00:00Z');
    await ada.change('plan-creator');
    payments.stripe.account.cards.set(ada.subscription.default_payment_method ?? '', 'declines');
    await expect(ada.change('plan-agency')).rejects.toMatchObject({ code: 'payment_refused' });
    await payments.settle();
    expect(await ada.plan()).toMatchObject({ plan: 'plan-creator', paid_plan: 'plan-studio' });
    expect(await ada.total()).toBe(1_600n);
  });

  test('two tabs that confirm in the same moment are charged once', async () => {
    const ada = await subscriber(payments, '2027-01-01T00:00:00Z');
    await ada.advance('2027-01-16T12:00:00Z');
    const [one, two] = [await ada.preview('plan-studio'), await ada.preview('plan-studio')];
    const before = ada.paid();
    const tabs = await Promise.allSettled(
      [one, { ...two, at: new Date(two.at.getTime() + 1_000) }].map((each) =>
        changePlan(payments.context.payments, ada.person, each),
      ),
    );
    await payments.settle();
    expect(ada.paid() - before).toBe(one.due);
    expect(await ada.total()).toBe(500n + one.creditsNow);
    const refused = tabs.flatMap((tab) =>
      tab.status === 'rejected' ? [tab.reason as { code: string }] : [],
    );
    expect(refused.every(({ code }) => code === 'change_under_way')).toBe(true);
    // Whoever came second may ask again: it is done.
    expect(await ada.preview('plan-studio')).toMatchObject({ kind: 'none' });
  });
});
