import { afterEach, beforeEach, expect, test } from 'vitest';
import { refundCharge } from '../../emulators/stripe/charging.ts';
import { actOnSession } from '../../emulators/stripe/checkout.ts';
import { seededRandom } from '../../emulators/stripe/random.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';
import { findViolations } from './storm/checks.ts';
import type { Buyer, Stage } from './storm/deeds.ts';

let payments: PaymentWorld;
let stage: Stage;
let ada: Buyer;
let session: string;

beforeEach(async () => {
  payments = await createPaymentWorld();
  ada = { id: await payments.person(), clock: null, subscription: null, spent: 0n };
  stage = {
    deps: payments.context.payments,
    stripe: payments.stripe,
    random: seededRandom(1),
    buyers: [ada],
  };
  session = await payments.buy(ada.id, 'creator');
  ada.subscription = (await payments.subscribe(ada.id)).subscription;
  await payments.settle();
  const found = await findViolations(stage);
  if (found.length > 0) throw new Error(`seen where nothing is wrong: ${found.join(', ')}`);
});
afterEach(() => payments.close());

test.each<[string, RegExp, () => unknown]>([
  [
    'a payment that was not granted',
    /is paid and was not granted/,
    () => {
      payments.stripe.webhooks.endpoints.length = 0;
      return payments.buy(ada.id);
    },
  ],
  [
    'a grant beside the payment',
    /has 1161 instead of 1160/,
    () => {
      return payments.context.credits.ledger.grant({ account: ada.id, key: 'extra', amount: 1n });
    },
  ],
  [
    'a grant that nobody paid',
    /was granted and is not paid/,
    () => {
      const object = payments.stripe.account.sessions.get(session);
      if (object) object.payment_status = 'unpaid';
    },
  ],
  [
    'a refund that was not taken back',
    /has 1160 instead of 830/,
    () => {
      payments.stripe.webhooks.endpoints.length = 0;
      const intent = payments.stripe.account.sessions.get(session)?.payment_intent ?? '';
      refundCharge(payments.stripe.account, { charge: null, intent }, { amount: 1350, reason: null });
    },
  ],
  [
    'a wrong tier',
    /is free, and subscribes/,
    () => {
      return payments.world.admin.query(`update holdfast.person set tier = 'free' where id = $1`, [ada.id]);
    },
  ],
  [
    'an event that was left',
    /is not done/,
    () => {
      return payments.world.admin.query(
        `update holdfast.stripe_event set state = 'received', due_at = holdfast.clock() + interval '1 hour'
        where id = (select id from holdfast.stripe_event where state = 'done' limit 1)`,
      );
    },
  ],
  [
    'another sum than what was taken',
    /money: /,
    () => {
      actOnSession(payments.stripe.account, session, 'pay');
      const charge = [...payments.stripe.account.charges.values()][0];
      if (charge) charge.amount_captured += 1;
    },
  ],
])('the storm’s checks see %s', async (_name, said, tamper) => {
  await tamper();
  const found = await findViolations(stage);
  expect(found.some((violation) => said.test(violation))).toBe(true);
});
