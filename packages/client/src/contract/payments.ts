import { z } from 'zod';
import { credits, instant } from './common.ts';

/** Money: whole minor units of its currency (cents). */
export const minorUnits = z.int();
export const currency = z.string().regex(/^[a-z]{3}$/);

/** `off`: nothing is sold. `test`: no real money moves. */
export const paymentMode = z.enum(['off', 'test', 'live']);

const prices = z.record(z.string(), minorUnits);

export const pack = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  credits,
  /** On top, for nothing. */
  bonus_credits: credits,
  /** The credits live so many calendar months; null: for ever. */
  lot_months: z.int().nullable(),
  prices,
});
export type Pack = z.infer<typeof pack>;

export const plan = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  tier: z.string(),
  /** Added each month that is paid. */
  monthly_credits: credits,
  /** They live so many months beyond the period they were paid for. */
  rollover_months: z.int(),
  /** How many generations may run at once; null: as many as anybody's. */
  max_running: z.int().nullable(),
  prices,
});
export type Plan = z.infer<typeof plan>;

export const catalogue = z.object({
  mode: paymentMode,
  currencies: z.array(currency),
  packs: z.array(pack),
  plans: z.array(plan),
  /** How a bigger plan is charged. */
  change_policy: z.enum(['prorated', 'full']),
  /** Whether automatic top-up can be turned on. */
  auto_top_up: z.boolean(),
});
export type Catalogue = z.infer<typeof catalogue>;

const address = z.string().min(1).max(2_000);

export const buyCreditsRequest = z.strictObject({
  /** A pack's id, such as `creator`. */
  credit_package: z.string().min(1).max(40),
  /** On this site, or on an origin that the operator allowed; `order` is added to it. */
  success_url: address,
  cancel_url: address,
  currency: currency.optional(),
  /** Keep the card for automatic top-ups. */
  save_card: z.boolean().optional(),
});

export const subscribeRequest = z.strictObject({
  plan: z.string().min(1).max(40),
  success_url: address,
  cancel_url: address,
  currency: currency.optional(),
});

export const checkout = z.object({ checkout_url: z.string(), order: z.string() });
export type Checkout = z.infer<typeof checkout>;

export const portalRequest = z.strictObject({ return_url: address });
export const portal = z.object({ url: z.string() });

export const order = z.object({
  id: z.string(),
  kind: z.enum(['pack', 'plan', 'refill', 'top_up']),
  state: z.enum(['pending', 'paid', 'failed', 'expired']),
  product: z.string().nullable(),
  currency,
  amount: minorUnits,
  /** Of the amount: what a promotion code took off, and what is tax. */
  discount: minorUnits,
  tax: minorUnits,
  /** What went back of it, by refunds and disputes. */
  returned: minorUnits,
  /** What it brought; null while nothing. */
  credits: credits.nullable(),
  /** Where it can still be paid. */
  checkout_url: z.string().nullable(),
  /** The invoice or receipt. */
  document_url: z.string().nullable(),
  test: z.boolean(),
  created_at: instant,
  paid_at: instant.nullable(),
});
export type Order = z.infer<typeof order>;
export const orderList = z.object({ items: z.array(order) });

export const paymentCheck = z.object({
  outcome: z.enum(['repaired', 'pending', 'nothing_missing']),
  /** What was added just now. */
  credits,
  /** A sentence for the person. */
  says: z.string(),
  orders: z.array(order),
});
export type PaymentCheck = z.infer<typeof paymentCheck>;

export const subscription = z.object({
  id: z.string(),
  plan: z.string(),
  name: z.string(),
  /** What is paid for until `paid_until`, where another plan follows. */
  paid_plan: z.string().nullable(),
  status: z.string(),
  tier: z.string(),
  period_end: instant,
  paid_until: instant.nullable(),
  cancel_at_period_end: z.boolean(),
  paused: z.boolean(),
});
export type Subscription = z.infer<typeof subscription>;
export const subscriptionAnswer = z.object({ subscription: subscription.nullable() });

export const previewRequest = z.strictObject({ plan: z.string().min(1).max(40) });
export const changePreview = z.object({
  plan: z.string(),
  from: z.string(),
  kind: z.enum(['now', 'undo', 'at_period_end', 'none']),
  policy: z.enum(['prorated', 'full']),
  currency,
  /** Charged now. */
  due: minorUnits,
  /** Granted now, on top of what there is. */
  credits_now: credits,
  monthly_credits: credits,
  monthly_amount: minorUnits,
  effective_at: instant,
  next_billing_at: instant,
  /** To be sent back with the confirmation. */
  at: instant,
});
export type ChangePreview = z.infer<typeof changePreview>;

/** A change exactly as previewed, or a refusal. */
export const changeRequest = z.strictObject({
  plan: z.string().min(1).max(40),
  at: instant,
  due: minorUnits.min(0),
});
export const planAction = z.strictObject({ action: z.enum(['cancel', 'keep', 'pause', 'unpause']) });

export const autoTopUpRequest = z.strictObject({
  enabled: z.boolean(),
  /** Bought when less than this is available. */
  threshold: credits.min(0).max(1_000_000_000),
  pack: z.string().min(1).max(40),
  currency,
  /** The most in a calendar month (UTC). */
  monthly_cap: minorUnits.min(1).max(1_000_000_000_000),
});
export const autoTopUp = z.object({
  enabled: z.boolean(),
  threshold: credits,
  pack: z.string(),
  currency,
  monthly_cap: minorUnits,
  spent_this_month: minorUnits,
  /** Why it stopped by itself; null while it goes on. */
  paused_reason: z.string().nullable(),
});
export type AutoTopUp = z.infer<typeof autoTopUp>;
export const autoTopUpAnswer = z.object({ auto_top_up: autoTopUp.nullable() });

/** What operators see. */
export const operatorOrder = order.extend({ person: z.string(), object: z.string().nullable() });
export const operatorOrderList = z.object({ items: z.array(operatorOrder), next: z.string().nullable() });
export type OperatorOrder = z.infer<typeof operatorOrder>;

export const stripeEvent = z.object({
  id: z.string(),
  type: z.string(),
  state: z.enum(['received', 'done', 'ignored', 'parked', 'unmatched']),
  result: z.string().nullable(),
  object: z.string().nullable(),
  attempts: z.int(),
  livemode: z.boolean(),
  received_at: instant,
});
export type StripeEvent = z.infer<typeof stripeEvent>;
export const stripeEventList = z.object({ items: z.array(stripeEvent), next: z.string().nullable() });
export const stripeEventBody = stripeEvent.extend({ body: z.string() });

export const reconcileRequest = z.strictObject({
  dry_run: z.boolean(),
  days: z.int().min(1).max(90).default(30),
  /** Why it is repaired, 3 to 500 characters, kept for ever; a dry run needs none. */
  reason: z.string().max(500).optional(),
});
export const reconciliation = z.object({
  id: z.string(),
  dry_run: z.boolean(),
  repaired: z.int(),
  /** Events that matter and never arrived; fetched by now, unless it was a dry run. */
  undelivered: z.int(),
  findings: z.array(
    z.object({
      kind: z.string(),
      id: z.string(),
      person: z.string().nullable(),
      amount: minorUnits.nullable(),
      currency: z.string().nullable(),
      age_seconds: z.int(),
      repaired: z.boolean(),
      problem: z.string().nullable(),
    }),
  ),
});
export type Reconciliation = z.infer<typeof reconciliation>;
