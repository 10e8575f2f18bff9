-- A smaller plan takes effect at Stripe at once and is billed from the next period on; what was paid for is kept until its end.
alter table holdfast.subscription
  drop column next_offer_id,
  add column paid_offer_id text references holdfast.offer (id),
  add column paid_until timestamptz,
  -- When the invoice was made that says so: an older one says nothing any more.
  add column paid_invoice_at timestamptz;
