import { expect, test } from 'vitest';
import { openDemoShop } from '../../src/cli/demo/shop.ts';
import { configuredPayments } from '../../src/configured-payments.ts';
import { paymentMode } from '../../src/payments/deps.ts';
import { readConfig } from '../../src/platform/config.ts';
import { createPaymentWorld } from './payment-world.ts';

test('the demo sells by the emulator, in test mode, and says so on its checkout; an operator’s own key is left alone', async () => {
  const payments = await createPaymentWorld();
  const shop = await openDemoShop(readConfig({}));
  try {
    const { context } = payments;
    const deps = await configuredPayments(shop.config, {
      db: context.db,
      log: context.log,
      credits: context.credits,
      mailer: context.payments.mailer,
    });
    expect(paymentMode(deps)).toBe('test');
    expect(shop.config.stripeApiUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const session = await deps.stripe?.createSession({
      orderId: 'ord_demo',
      mode: 'payment',
      customer:
        (await deps.stripe.createCustomer({ id: 'per_demo', email: null, name: 'Ada', gone: 0 })) ?? '',
      personId: 'per_demo',
      price: await deps.stripe.ensurePrice({
        key: 'demo',
        productId: 'starter',
        name: 'Starter',
        currency: 'usd',
        amount: 990n,
        monthly: false,
      }),
      quantity: 1,
      successUrl: 'http://127.0.0.1/payment',
      cancelUrl: 'http://127.0.0.1/pricing',
      saveCard: false,
      automaticTax: false,
      promotionCodes: false,
    });
    const page = await (await fetch(session?.url ?? '')).text();
    expect(page).toContain('Test mode: no real money moves here.');
  } finally {
    shop.stop();
    await payments.close();
  }
  const own = readConfig({ STRIPE_SECRET_KEY: 'sk_live_own', STRIPE_WEBHOOK_SECRET: 'whsec_own' });
  expect((await openDemoShop(own)).config).toBe(own);
});
