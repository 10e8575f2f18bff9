import { need, newStripeId, StripeRefusal } from './account.ts';
import type { Account } from './account.ts';
import type { Charge, Dispute, FraudWarning, PaymentIntent, PaymentMethod, Refund } from './objects.ts';

/** A card of this customer's, which will do as it is told when it is charged. */
export function addCard(account: Account, customer: string | null, card: 'pays' | 'declines'): PaymentMethod {
  const method: PaymentMethod = {
    id: newStripeId('pm'),
    object: 'payment_method',
    created: account.now(customer),
    customer,
    livemode: account.livemode,
    type: 'card',
    card: {
      brand: 'visa',
      last4: card === 'pays' ? '4242' : '0002',
      exp_month: 12,
      exp_year: 2039,
      fingerprint: newStripeId('fp'),
    },
  };
  account.methods.set(method.id, method);
  account.cards.set(method.id, card);
  return method;
}

export interface ChargeRequest {
  readonly amount: number;
  readonly currency: string;
  readonly customer: string | null;
  readonly method: PaymentMethod;
  readonly metadata: Record<string, string>;
}

/** Charges a card once. The intent says whether it was paid; every step is told. */
export function chargeCard(account: Account, request: ChargeRequest): PaymentIntent {
  const pays = account.cards.get(request.method.id) === 'pays';
  const created = account.now(request.customer);
  const intent: PaymentIntent = {
    id: newStripeId('pi'),
    object: 'payment_intent',
    created,
    amount: request.amount,
    amount_received: pays ? request.amount : 0,
    currency: request.currency,
    customer: request.customer,
    livemode: account.livemode,
    metadata: request.metadata,
    latest_charge: null,
    payment_method: request.method.id,
    status: pays ? 'succeeded' : 'requires_payment_method',
    last_payment_error: pays
      ? null
      : {
          code: 'card_declined',
          decline_code: 'generic_decline',
          message: 'Your card was declined.',
          type: 'card_error',
        },
  };
  const charge: Charge = {
    id: newStripeId('ch'),
    object: 'charge',
    created,
    amount: request.amount,
    amount_captured: intent.amount_received,
    amount_refunded: 0,
    captured: pays,
    currency: request.currency,
    customer: request.customer,
    disputed: false,
    livemode: account.livemode,
    metadata: request.metadata,
    paid: pays,
    payment_intent: intent.id,
    receipt_url: pays ? `${account.url}/receipts/${intent.id}` : null,
    refunded: false,
    status: pays ? 'succeeded' : 'failed',
  };
  intent.latest_charge = charge.id;
  account.intents.set(intent.id, intent);
  account.charges.set(charge.id, charge);
  account.tell('payment_intent.created', intent);
  account.tell(pays ? 'charge.succeeded' : 'charge.failed', charge);
  account.tell(pays ? 'payment_intent.succeeded' : 'payment_intent.payment_failed', intent);
  return intent;
}

function chargeFor(account: Account, by: { charge: string | null; intent: string | null }): Charge {
  if (by.charge !== null) return need(account.charges, by.charge, 'charge');
  return need(account.charges, need(account.intents, by.intent, 'payment_intent').latest_charge, 'charge');
}

/** Gives money back: all that is left of the charge unless told how much. */
export function refundCharge(
  account: Account,
  by: { charge: string | null; intent: string | null },
  options: {
    amount: number | null;
    reason: string | null;
    pending?: boolean;
    metadata?: Record<string, string>;
  },
): Refund {
  const charge = chargeFor(account, by);
  const left = charge.amount_captured - charge.amount_refunded;
  const amount = options.amount ?? left;
  if (amount < 1 || amount > left) {
    throw new StripeRefusal(
      400,
      'invalid_request_error',
      left === 0
        ? `Charge ${charge.id} has already been refunded.`
        : `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
      { code: left === 0 ? 'charge_already_refunded' : 'amount_too_large' },
    );
  }
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount_captured;
  const refund: Refund = {
    id: newStripeId('re'),
    object: 'refund',
    created: account.now(charge.customer),
    amount,
    charge: charge.id,
    currency: charge.currency,
    metadata: options.metadata ?? {},
    payment_intent: charge.payment_intent,
    reason: options.reason,
    status: options.pending ? 'pending' : 'succeeded',
  };
  account.refunds.set(refund.id, refund);
  account.tell('refund.created', refund);
  account.tell('charge.refunded', charge);
  return refund;
}

/** The bank sends the money back: the refund has failed, and the charge is whole again by so much. */
export function failRefund(account: Account, id: string): Refund {
  const refund = need(account.refunds, id, 'refund');
  if (refund.status === 'failed') return refund;
  const charge = need(account.charges, refund.charge, 'charge');
  charge.amount_refunded -= refund.amount;
  charge.refunded = false;
  refund.status = 'failed';
  refund.failure_reason = 'lost_or_stolen_card';
  account.tell('refund.updated', refund);
  account.tell('refund.failed', refund);
  return refund;
}

/** A customer disputes a charge at their bank: the money is withdrawn at once, but not by a mere inquiry. */
export function openDispute(
  account: Account,
  by: { charge: string | null; intent: string | null },
  options: { amount: number | null; inquiry?: boolean },
): Dispute {
  const charge = chargeFor(account, by);
  const dispute: Dispute = {
    id: newStripeId('dp'),
    object: 'dispute',
    created: account.now(charge.customer),
    // A bank may dispute all of it, whatever was refunded before.
    amount: options.amount ?? charge.amount,
    balance_transactions: [],
    charge: charge.id,
    currency: charge.currency,
    is_charge_refundable: false,
    livemode: account.livemode,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason: 'fraudulent',
    status: options.inquiry ? 'warning_needs_response' : 'needs_response',
  };
  charge.disputed = true;
  account.disputes.set(dispute.id, dispute);
  account.tell('charge.dispute.created', dispute);
  if (!options.inquiry) withdraw(account, dispute);
  return dispute;
}

function withdraw(account: Account, dispute: Dispute): void {
  move(dispute, -dispute.amount);
  account.tell('charge.dispute.funds_withdrawn', dispute);
}

function move(dispute: Dispute, amount: number): void {
  dispute.balance_transactions.push({
    id: newStripeId('txn'),
    object: 'balance_transaction',
    amount,
    currency: dispute.currency,
  });
}

/** How it ends. Won and prevented give the money back. */
export function closeDispute(
  account: Account,
  id: string,
  outcome: 'won' | 'lost' | 'prevented' | 'warning_closed',
): Dispute {
  const dispute = need(account.disputes, id, 'dispute');
  dispute.status = outcome;
  const taken = dispute.balance_transactions.reduce((sum, { amount }) => sum + amount, 0);
  account.tell('charge.dispute.closed', dispute);
  if (outcome !== 'lost' && taken < 0) {
    move(dispute, -taken);
    account.tell('charge.dispute.funds_reinstated', dispute);
  }
  return dispute;
}

/** The card's network tells of a suspicion, before any dispute. */
export function warnOfFraud(
  account: Account,
  by: { charge: string | null; intent: string | null },
): FraudWarning {
  const charge = chargeFor(account, by);
  const warning: FraudWarning = {
    id: newStripeId('issfr'),
    object: 'radar.early_fraud_warning',
    created: account.now(charge.customer),
    actionable: true,
    charge: charge.id,
    fraud_type: 'made_with_stolen_card',
    livemode: account.livemode,
    payment_intent: charge.payment_intent,
  };
  account.tell('radar.early_fraud_warning.created', warning);
  return warning;
}
