/** Stripe's objects as its API answers them, with the fields that an integration of this kind reads. Amounts in the currency's minor unit, times in seconds. */
type Metadata = Record<string, string>;
export interface List<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

export interface Customer {
  id: string;
  object: 'customer';
  created: number;
  email: string | null;
  name: string | null;
  livemode: boolean;
  metadata: Metadata;
  test_clock: string | null;
  invoice_settings: { default_payment_method: string | null };
  deleted?: true;
}

export interface Product {
  id: string;
  object: 'product';
  created: number;
  active: boolean;
  name: string;
  description: string | null;
  livemode: boolean;
  metadata: Metadata;
}

export interface Price {
  id: string;
  object: 'price';
  created: number;
  active: boolean;
  currency: string;
  product: string;
  livemode: boolean;
  lookup_key: string | null;
  metadata: Metadata;
  type: 'one_time' | 'recurring';
  unit_amount: number;
  recurring: { interval: 'month' | 'year'; interval_count: number; usage_type: 'licensed' } | null;
}

export interface LineItem {
  id: string;
  object: 'item';
  amount_subtotal: number;
  amount_discount: number;
  amount_tax: number;
  amount_total: number;
  currency: string;
  description: string;
  price: Price;
  quantity: number;
}

export interface Coupon {
  id: string;
  object: 'coupon';
  created: number;
  amount_off: number | null;
  currency: string | null;
  duration: 'once' | 'forever';
  livemode: boolean;
  metadata: Metadata;
  name: string | null;
  percent_off: number | null;
  valid: boolean;
}

export interface PromotionCode {
  id: string;
  object: 'promotion_code';
  created: number;
  active: boolean;
  code: string;
  livemode: boolean;
  metadata: Metadata;
  promotion: { type: 'coupon'; coupon: string };
}

export interface Session {
  id: string;
  object: 'checkout.session';
  created: number;
  expires_at: number;
  mode: 'payment' | 'subscription';
  status: 'open' | 'complete' | 'expired';
  payment_status: 'paid' | 'unpaid' | 'no_payment_required';
  allow_promotion_codes: boolean | null;
  automatic_tax: { enabled: boolean; status: 'complete' | null };
  client_reference_id: string | null;
  customer: string | null;
  customer_details: { email: string | null } | null;
  discounts: { coupon: string; promotion_code: string | null }[];
  currency: string;
  amount_subtotal: number;
  amount_total: number;
  total_details: { amount_discount: number; amount_shipping: number; amount_tax: number };
  livemode: boolean;
  metadata: Metadata;
  payment_intent: string | null;
  invoice: string | null;
  subscription: string | null;
  success_url: string;
  cancel_url: string | null;
  url: string | null;
}

export interface PaymentMethod {
  id: string;
  object: 'payment_method';
  created: number;
  customer: string | null;
  livemode: boolean;
  type: 'card';
  card: { brand: string; last4: string; exp_month: number; exp_year: number; fingerprint: string };
}

export interface PaymentIntent {
  id: string;
  object: 'payment_intent';
  created: number;
  amount: number;
  amount_received: number;
  currency: string;
  customer: string | null;
  livemode: boolean;
  metadata: Metadata;
  latest_charge: string | null;
  payment_method: string | null;
  status: 'succeeded' | 'processing' | 'requires_payment_method' | 'canceled';
  last_payment_error: { code: string; decline_code: string; message: string; type: 'card_error' } | null;
}

export interface Charge {
  id: string;
  object: 'charge';
  created: number;
  amount: number;
  amount_captured: number;
  amount_refunded: number;
  captured: boolean;
  currency: string;
  customer: string | null;
  disputed: boolean;
  livemode: boolean;
  metadata: Metadata;
  paid: boolean;
  payment_intent: string | null;
  receipt_url: string | null;
  refunded: boolean;
  status: 'succeeded' | 'failed' | 'pending';
}

export interface Refund {
  id: string;
  object: 'refund';
  created: number;
  amount: number;
  charge: string | null;
  currency: string;
  failure_reason?: string;
  metadata: Metadata;
  payment_intent: string | null;
  reason: string | null;
  status: 'pending' | 'succeeded' | 'failed' | 'canceled' | 'requires_action';
}

export interface Dispute {
  id: string;
  object: 'dispute';
  created: number;
  amount: number;
  balance_transactions: { id: string; object: 'balance_transaction'; amount: number; currency: string }[];
  charge: string;
  currency: string;
  is_charge_refundable: boolean;
  livemode: boolean;
  metadata: Metadata;
  payment_intent: string | null;
  reason: string;
  status:
    | 'needs_response'
    | 'under_review'
    | 'won'
    | 'lost'
    | 'prevented'
    | 'warning_needs_response'
    | 'warning_under_review'
    | 'warning_closed';
}

export interface FraudWarning {
  id: string;
  object: 'radar.early_fraud_warning';
  created: number;
  actionable: boolean;
  charge: string;
  fraud_type: string;
  livemode: boolean;
  payment_intent: string | null;
}

export interface InvoiceLine {
  id: string;
  object: 'line_item';
  amount: number;
  subtotal: number;
  currency: string;
  discount_amounts: { amount: number; discount: string }[];
  description: string;
  invoice: string;
  livemode: boolean;
  metadata: Metadata;
  parent: {
    type: 'subscription_item_details';
    invoice_item_details: null;
    subscription_item_details: {
      invoice_item: string | null;
      proration: boolean;
      proration_details: { credited_items: null } | null;
      subscription: string;
      subscription_item: string;
    };
  };
  period: { start: number; end: number };
  pricing: {
    type: 'price_details';
    price_details: { price: string; product: string };
    unit_amount_decimal: string;
  };
  quantity: number;
}

export interface Invoice {
  id: string;
  object: 'invoice';
  created: number;
  amount_due: number;
  amount_paid: number;
  amount_remaining: number;
  attempt_count: number;
  attempted: boolean;
  billing_reason: 'subscription_create' | 'subscription_cycle' | 'subscription_update' | 'manual';
  collection_method: 'charge_automatically';
  currency: string;
  customer: string;
  customer_email: string | null;
  hosted_invoice_url: string | null;
  invoice_pdf: string | null;
  lines: List<InvoiceLine>;
  livemode: boolean;
  metadata: Metadata;
  next_payment_attempt: number | null;
  number: string;
  parent: {
    type: 'subscription_details';
    quote_details: null;
    subscription_details: { metadata: Metadata; subscription: string };
  } | null;
  period_start: number;
  period_end: number;
  status: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';
  status_transitions: { finalized_at: number; paid_at: number | null; voided_at: number | null };
  subtotal: number;
  total: number;
  automatic_tax: { enabled: boolean };
  total_taxes: { amount: number }[];
  total_discount_amounts: { amount: number }[];
}

export interface InvoicePayment {
  id: string;
  object: 'invoice_payment';
  amount_paid: number;
  amount_requested: number;
  created: number;
  currency: string;
  invoice: string;
  is_default: boolean;
  livemode: boolean;
  payment: { type: 'payment_intent'; payment_intent: string };
  status: 'paid' | 'open';
}

export interface SubscriptionItem {
  id: string;
  object: 'subscription_item';
  created: number;
  current_period_start: number;
  current_period_end: number;
  metadata: Metadata;
  price: Price;
  quantity: number;
  subscription: string;
}

export interface Subscription {
  id: string;
  object: 'subscription';
  created: number;
  billing_cycle_anchor: number;
  automatic_tax: { enabled: boolean };
  billing_mode: { type: 'flexible'; flexible: { proration_discounts: 'itemized' } };
  cancel_at: number | null;
  cancel_at_period_end: boolean;
  canceled_at: number | null;
  collection_method: 'charge_automatically';
  currency: string;
  customer: string;
  default_payment_method: string | null;
  /** Coupons that still lower what is billed. */
  discounts: string[];
  ended_at: number | null;
  items: List<SubscriptionItem>;
  latest_invoice: string | null;
  livemode: boolean;
  metadata: Metadata;
  pause_collection: {
    behavior: 'void' | 'keep_as_draft' | 'mark_uncollectible';
    resumes_at: number | null;
  } | null;
  schedule: string | null;
  start_date: number;
  status: 'active' | 'past_due' | 'canceled' | 'unpaid' | 'incomplete' | 'incomplete_expired' | 'paused';
  test_clock: string | null;
}

export interface TestClock {
  id: string;
  object: 'test_helpers.test_clock';
  created: number;
  frozen_time: number;
  livemode: boolean;
  name: string | null;
  status: 'ready';
}

export interface PortalSession {
  id: string;
  object: 'billing_portal.session';
  created: number;
  customer: string;
  livemode: boolean;
  return_url: string | null;
  url: string;
}

export interface StripeEvent {
  id: string;
  object: 'event';
  api_version: string;
  account?: string;
  created: number;
  data: { object: StripeObject; previous_attributes?: Record<string, unknown> };
  livemode: boolean;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}

export type StripeObject =
  | Customer
  | Product
  | Price
  | Coupon
  | FraudWarning
  | PromotionCode
  | Session
  | PaymentMethod
  | PaymentIntent
  | Charge
  | Refund
  | Dispute
  | Invoice
  | InvoicePayment
  | Subscription
  | TestClock
  | PortalSession;
