import { advanceClock, newClock } from '../../../emulators/stripe/clocks.ts';
import { closeDispute, failRefund, openDispute, refundCharge } from '../../../emulators/stripe/charging.ts';
import { actOnSession, endLaterPayment } from '../../../emulators/stripe/checkout.ts';
import type { StripeEmulator } from '../../../emulators/stripe/emulator.ts';
import type { TestClock } from '../../../emulators/stripe/objects.ts';
import { StripeRefusal } from '../../../emulators/stripe/account.ts';
import { buyPack, ensureCustomer, subscribe } from '../../../src/payments/buy.ts';
import type { PaymentDeps } from '../../../src/payments/deps.ts';
import { PaymentError } from '../../../src/payments/errors.ts';
import { changePlan, previewChange } from '../../../src/payments/plans.ts';
import { newId } from '../../../src/platform/ids.ts';

export interface Buyer {
  readonly id: string;
  clock: TestClock | null;
  subscription: string | null;
  spent: bigint;
}

export interface Stage {
  readonly deps: PaymentDeps;
  readonly stripe: StripeEmulator;
  readonly random: () => number;
  readonly buyers: Buyer[];
}

const back = { successUrl: '/wallet', cancelUrl: '/pricing' };
const packs = ['starter', 'creator', 'studio'];

export function pick<T>(stage: Stage, all: readonly T[]): T | undefined {
  return all[Math.floor(stage.random() * all.length)];
}

export async function addBuyer(stage: Stage): Promise<Buyer> {
  const buyer: Buyer = { id: newId('per'), clock: null, subscription: null, spent: 0n };
  await stage.deps.db.query(`insert into holdfast.person (id, name) values ($1, 'Storm')`, [buyer.id]);
  stage.buyers.push(buyer);
  return buyer;
}

/** A pack: paid at once, by bank debit, declined first, or never. */
export async function buy(stage: Stage, buyer: Buyer): Promise<void> {
  const { account } = stage.stripe;
  const { order } = await buyPack(stage.deps, {
    personId: buyer.id,
    product: pick(stage, packs) ?? 'starter',
    ...back,
  });
  const session = order.objectId ?? '';
  const luck = stage.random();
  if (luck < 0.08) return;
  if (luck < 0.2) actOnSession(account, session, 'decline');
  if (luck > 0.9) {
    actOnSession(account, session, 'pay_later');
    endLaterPayment(account, session, stage.random() < 0.8);
    return;
  }
  actOnSession(account, session, 'pay');
}

export async function beginPlan(stage: Stage, buyer: Buyer): Promise<void> {
  if (buyer.subscription !== null) return;
  const { account } = stage.stripe;
  const { stripe } = stage.deps;
  if (stripe === null) return;
  const customer = account.customers.get(await ensureCustomer(stage.deps, stripe, buyer.id));
  if (!customer) return;
  // Months end on other days than they begin on.
  const start = Date.UTC(2027, 0, 1 + Math.floor(stage.random() * 31), 12) / 1000;
  buyer.clock = newClock(account, { frozen_time: String(start) });
  customer.test_clock = buyer.clock.id;
  const { order } = await subscribe(stage.deps, {
    personId: buyer.id,
    product: stage.random() < 0.7 ? 'plan-creator' : 'plan-studio',
    ...back,
  });
  actOnSession(account, order.objectId ?? '', 'pay');
  buyer.subscription = account.sessions.get(order.objectId ?? '')?.subscription ?? null;
}

export function renew(stage: Stage, buyer: Buyer): void {
  if (buyer.clock === null) return;
  advanceClock(
    stage.stripe.account,
    buyer.clock,
    buyer.clock.frozen_time + Math.ceil((10 + stage.random() * 30) * 86_400),
  );
}

/** Up or down, by the product's own door. What it refuses (a payment is due, the webhook has not come yet) changes nothing. */
export async function changeTo(stage: Stage, buyer: Buyer): Promise<void> {
  if (buyer.clock === null) return;
  const wanted = stage.random() < 0.6 ? 'plan-studio' : 'plan-creator';
  try {
    const preview = await previewChange(
      stage.deps,
      buyer.id,
      wanted,
      new Date(buyer.clock.frozen_time * 1000),
    );
    await changePlan(stage.deps, buyer.id, preview);
  } catch (error) {
    if (!(error instanceof PaymentError)) throw error;
  }
}

/** Money goes back: parts of it, all of it, by a bank, or not after all. */
export function giveBack(stage: Stage): void {
  const { account } = stage.stripe;
  const charge = pick(
    stage,
    [...account.charges.values()].filter(({ paid }) => paid),
  );
  if (!charge) return;
  const by = { charge: charge.id, intent: null };
  const luck = stage.random();
  try {
    if (luck < 0.6) {
      const amount = Math.max(1, Math.floor(charge.amount * stage.random()));
      const pending = stage.random() < 0.3;
      const refund = refundCharge(account, by, { amount, reason: null, pending });
      if (pending) failRefund(account, refund.id);
    } else if (luck < 0.8) {
      openDispute(account, by, { amount: null, inquiry: stage.random() < 0.2 });
    } else {
      const open = pick(
        stage,
        [...account.disputes.values()].filter(({ status }) => status === 'needs_response'),
      );
      const outcome = pick(stage, ['won', 'lost', 'prevented'] as const) ?? 'lost';
      if (open) closeDispute(account, open.id, outcome);
    }
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error;
  }
}

/** Cards begin to be refused, and work again. */
export function changeLuckOfCards(stage: Stage): void {
  const { account } = stage.stripe;
  const method = pick(stage, [...account.methods.keys()]);
  if (method !== undefined)
    account.cards.set(method, account.cards.get(method) === 'pays' ? 'declines' : 'pays');
}

/** Some of what was bought is used, so that taking it back may leave a debt. */
export async function spend(stage: Stage, buyer: Buyer, key: string): Promise<void> {
  const { ledger } = stage.deps.credits;
  await ledger.openAccount({ account: buyer.id });
  const { available } = await ledger.balance({ account: buyer.id });
  if (available <= 0n) return;
  const amount = (available * BigInt(Math.floor(stage.random() * 60))) / 100n;
  if (amount === 0n) return;
  // Taken back meanwhile: then there is a debt, within what was there.
  const receipt = await ledger.charge({
    account: buyer.id,
    key: `storm/${key}`,
    amount,
    debtLimit: 1_000_000n,
  });
  buyer.spent += receipt.amount;
}
