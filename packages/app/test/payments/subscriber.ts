import { advanceClock, newClock } from '../../emulators/stripe/clocks.ts';
import type { Subscription } from '../../emulators/stripe/objects.ts';
import { ensureCustomer } from '../../src/payments/buy.ts';
import { changePlan, previewChange } from '../../src/payments/plans.ts';
import type { ChangePreview } from '../../src/payments/plans.ts';
import { readPlan } from '../../src/payments/read-plan.ts';
import type { PaymentWorld } from './payment-world.ts';

export interface Subscriber {
  readonly person: string;
  readonly subscription: Subscription;
  total(): Promise<bigint>;
  tier(): Promise<string>;
  plan(): ReturnType<typeof readPlan>;
  /** What the invoices of the subscription have taken. */
  paid(): bigint;
  advance(to: string): Promise<void>;
  preview(wanted: string): Promise<ChangePreview>;
  /** Previews, confirms, and says what really came of it. */
  change(wanted: string): Promise<{ preview: ChangePreview; credits: bigint; paid: bigint }>;
}

const seconds = (date: string) => Math.floor(Date.parse(date) / 1000);

/** Somebody with a plan that began then, and a clock to move. */
export async function subscriber(
  world: PaymentWorld,
  from: string,
  plan = 'plan-creator',
): Promise<Subscriber> {
  const person = await world.person();
  const { account } = world.stripe;
  const { payments } = world.context;
  const clock = newClock(account, { frozen_time: String(seconds(from)) });
  if (payments.stripe === null) throw new Error('nothing is sold');
  const customer = account.customers.get(await ensureCustomer(payments, payments.stripe, person));
  if (!customer) throw new Error('no customer');
  customer.test_clock = clock.id;
  const { subscription: id } = await world.subscribe(person, plan);
  await world.settle();
  const subscription = account.subscriptions.get(id);
  if (!subscription) throw new Error('no subscription');
  const total = async () => (await world.balance(person)).total;
  const paid = () =>
    [...account.invoices.values()]
      .filter((invoice) => invoice.parent?.subscription_details.subscription === id)
      .reduce((sum, invoice) => sum + BigInt(invoice.amount_paid), 0n);
  const preview = (wanted: string) =>
    previewChange(payments, person, wanted, new Date(clock.frozen_time * 1000));
  return {
    person,
    subscription,
    total,
    tier: () => world.tier(person),
    plan: () => readPlan(payments, person),
    paid,
    async advance(to) {
      advanceClock(account, clock, seconds(to));
      await world.settle();
    },
    preview,
    async change(wanted) {
      const previewed = await preview(wanted);
      const before = { total: await total(), paid: paid() };
      await changePlan(payments, person, previewed);
      await world.settle();
      return {
        preview: previewed,
        credits: (await total()) - before.total,
        paid: paid() - before.paid,
      };
    },
  };
}
