create table holdfast.stripe_customer (
  person_id text not null references holdfast.person (id),
  livemode boolean not null,
  customer_id text not null unique,
  created_at timestamptz not null default holdfast.clock(),
  primary key (person_id, livemode)
);

-- Something that somebody wants to pay, or has paid.
create table holdfast.payment_order (
  id text primary key check (id ~ '^ord_[0-9a-z]{26}$'),
  person_id text not null references holdfast.person (id),
  kind text not null check (kind in ('pack', 'plan', 'refill', 'top_up')),
  offer_id text references holdfast.offer (id),
  livemode boolean not null,
  -- Stripe's object that says whether it is paid: the Checkout session, the invoice, the payment intent. Null until there is one.
  object_id text unique check (length(object_id) between 1 and 200),
  subscription_id text,
  state text not null default 'pending' check (state in ('pending', 'paid', 'failed', 'expired')),
  -- In the currency's minor unit: what was asked for, then what was really paid.
  currency text not null check (currency ~ '^[a-z]{3}$'),
  amount_subtotal bigint not null,
  amount_discount bigint not null default 0,
  amount_tax bigint not null default 0,
  amount_total bigint not null,
  checkout_url text,
  -- The invoice or receipt, for the person.
  document_url text,
  created_at timestamptz not null default holdfast.clock(),
  paid_at timestamptz,
  closed_at timestamptz,
  check ((state = 'paid') = (paid_at is not null)),
  check ((state = 'pending') = (closed_at is null))
);
create index payment_order_person_idx on holdfast.payment_order (person_id, id desc);
create index payment_order_pending_idx on holdfast.payment_order (created_at) where state = 'pending';
create index payment_order_recent_idx on holdfast.payment_order (created_at desc);

-- What a paid object has brought, once: the row is written in the transaction that grants the credits, and there is one per object.
create table holdfast.payment_grant (
  object_id text primary key check (length(object_id) between 1 and 200),
  order_id text not null unique references holdfast.payment_order (id),
  person_id text not null references holdfast.person (id),
  livemode boolean not null,
  credits bigint not null check (credits >= 0),
  bonus_credits bigint not null check (bonus_credits >= 0),
  paid bigint not null check (paid >= 0),
  currency text not null,
  granted_at timestamptz not null default holdfast.clock()
);
create index payment_grant_person_idx on holdfast.payment_grant (person_id, granted_at desc);
create index payment_grant_recent_idx on holdfast.payment_grant (granted_at);

-- Through which it was paid: the name that refunds and disputes carry.
create table holdfast.payment_source (
  intent_id text primary key,
  object_id text not null references holdfast.payment_grant (object_id)
);
create index payment_source_object_idx on holdfast.payment_source (object_id);

-- Refunds and disputes as far as they are known; figures only grow.
create table holdfast.payment_return (
  id text primary key,
  object_id text not null references holdfast.payment_grant (object_id),
  kind text not null check (kind in ('refund', 'dispute')),
  status text not null,
  amount bigint not null check (amount >= 0),
  withdrawn bigint not null check (withdrawn >= 0),
  reinstated bigint not null check (reinstated >= 0),
  seen_at timestamptz not null default holdfast.clock(),
  updated_at timestamptz not null default holdfast.clock()
);
create index payment_return_object_idx on holdfast.payment_return (object_id);

-- A subscription as it was last read. A read that began earlier never overwrites what a later one has seen.
create sequence holdfast.subscription_read;
create table holdfast.subscription (
  id text primary key,
  person_id text not null references holdfast.person (id),
  livemode boolean not null,
  customer_id text not null,
  price_id text not null,
  offer_id text not null references holdfast.offer (id),
  status text not null,
  period_start timestamptz not null,
  period_end timestamptz not null,
  cancel_at_period_end boolean not null,
  paused boolean not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  read_no bigint not null,
  read_at timestamptz not null default holdfast.clock(),
  -- The plan to change to when the period ends, where a smaller one was chosen.
  next_offer_id text references holdfast.offer (id)
);
create index subscription_person_idx on holdfast.subscription (person_id, livemode);

-- Everything Stripe has said, as it was said. Kept for ever, replayed at will.
create table holdfast.stripe_event (
  id text primary key check (length(id) between 1 and 255),
  type text not null,
  livemode boolean not null,
  account text,
  api_version text,
  -- What it is about, as far as that can be read from it.
  object_id text,
  body text not null,
  said_at timestamptz not null,
  received_at timestamptz not null default holdfast.clock(),
  state text not null default 'received' check (state in ('received', 'done', 'ignored', 'parked', 'unmatched')),
  -- What became of it, in a word or a sentence.
  result text,
  attempts integer not null default 0,
  due_at timestamptz default holdfast.clock(),
  claimed_until timestamptz,
  handled_at timestamptz,
  check ((due_at is null) = (state in ('done', 'ignored', 'unmatched')))
);
create index stripe_event_due_idx on holdfast.stripe_event (due_at) where due_at is not null;
create index stripe_event_received_idx on holdfast.stripe_event (received_at desc);
create index stripe_event_object_idx on holdfast.stripe_event (object_id);

-- Mails about payments: written with what they tell of, sent by a worker, each at most once in the ordinary course.
create table holdfast.payment_mail (
  key text primary key check (length(key) between 1 and 250),
  person_id text not null references holdfast.person (id),
  template text not null,
  facts jsonb not null,
  created_at timestamptz not null default holdfast.clock(),
  due_at timestamptz default holdfast.clock(),
  attempts integer not null default 0,
  sent_at timestamptz
);
create index payment_mail_due_idx on holdfast.payment_mail (due_at) where due_at is not null;

-- Off unless somebody turns it on.
create table holdfast.auto_top_up (
  person_id text primary key references holdfast.person (id),
  enabled boolean not null,
  threshold bigint not null check (threshold between 0 and 1000000000),
  product_id text not null references holdfast.product (id),
  currency text not null check (currency ~ '^[a-z]{3}$'),
  -- The most that is charged in a calendar month of UTC, in the currency's minor unit.
  monthly_cap bigint not null check (monthly_cap between 1 and 1000000000000),
  -- Why it stopped by itself; it goes on when the person says so.
  paused_reason text,
  enabled_at timestamptz,
  updated_at timestamptz not null default holdfast.clock()
);

create table holdfast.top_up (
  id text primary key check (id ~ '^top_[0-9a-z]{26}$'),
  person_id text not null references holdfast.person (id),
  offer_id text not null references holdfast.offer (id),
  livemode boolean not null,
  currency text not null,
  amount bigint not null check (amount > 0),
  state text not null default 'charging' check (state in ('charging', 'paid', 'failed')),
  intent_id text unique,
  problem text,
  due_at timestamptz default holdfast.clock(),
  created_at timestamptz not null default holdfast.clock(),
  ended_at timestamptz,
  check ((state = 'charging') = (due_at is not null))
);
-- One charge of a person at a time.
create unique index top_up_in_flight_idx on holdfast.top_up (person_id) where state = 'charging';
create index top_up_due_idx on holdfast.top_up (due_at) where due_at is not null;
create index top_up_month_idx on holdfast.top_up (person_id, created_at);

-- Each comparison of Stripe's books with ours.
create table holdfast.payment_reconciliation (
  id text primary key check (id ~ '^rec_[0-9a-z]{26}$'),
  -- Null is everybody.
  person_id text references holdfast.person (id),
  dry_run boolean not null,
  reason text not null,
  findings jsonb not null default '[]',
  found integer,
  repaired integer,
  started_at timestamptz not null default holdfast.clock(),
  ended_at timestamptz
);
create index payment_reconciliation_started_idx on holdfast.payment_reconciliation (started_at desc);
