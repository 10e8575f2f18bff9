-- What is sold: packs once, plans each month. Data that an operator edits without a deploy.
create table holdfast.product (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
  kind text not null check (kind in ('pack', 'plan')),
  name text not null check (length(name) between 1 and 80),
  description text not null default '',
  position integer not null,
  -- What subscribers of a plan are.
  tier text references holdfast.tier (id),
  offered boolean not null default true,
  -- When an operator changed it: from then on a new version of Holdfast leaves it alone.
  edited_at timestamptz,
  created_at timestamptz not null default holdfast.clock(),
  check ((kind = 'plan') = (tier is not null))
);

-- What a product gives and costs, as of a moment. It never changes: a newer one takes its place, and what was bought under it keeps it.
create table holdfast.offer (
  id text primary key check (length(id) between 1 and 60),
  product_id text not null references holdfast.product (id),
  version integer not null check (version > 0),
  -- Of a pack; of a plan: for each month that is paid.
  credits bigint not null check (credits between 1 and 1000000000),
  bonus_credits bigint not null default 0 check (bonus_credits between 0 and 1000000000),
  -- A pack's credits live so many calendar months; null is for ever.
  lot_months integer check (lot_months between 1 and 1200),
  -- A plan's credits live so many months beyond the period they were paid for; null on packs.
  rollover_months integer check (rollover_months between 0 and 120),
  effective_at timestamptz not null default holdfast.clock(),
  created_at timestamptz not null default holdfast.clock(),
  unique (product_id, version)
);
create index offer_current_idx on holdfast.offer (product_id, effective_at desc);

create table holdfast.offer_price (
  offer_id text not null references holdfast.offer (id),
  currency text not null check (currency ~ '^[a-z]{3}$'),
  -- In the currency's minor unit.
  amount bigint not null check (amount between 0 and 1000000000000),
  primary key (offer_id, currency)
);

-- Stripe's names for them. What was bought is known by this name and by nothing that a payment says of itself.
create table holdfast.stripe_price (
  price_id text primary key check (length(price_id) between 1 and 255),
  offer_id text not null,
  currency text not null,
  livemode boolean not null,
  created_at timestamptz not null default holdfast.clock(),
  foreign key (offer_id, currency) references holdfast.offer_price (offer_id, currency)
);
create index stripe_price_offer_idx on holdfast.stripe_price (offer_id, currency, livemode);

create function holdfast.keep_offers() returns trigger
language plpgsql
as $$
begin
  raise exception 'a % is kept as it is: withdraw the product (offered = false), or add a newer offer', tg_table_name;
end;
$$;
create trigger offer_kept before update or delete or truncate on holdfast.offer
  for each statement execute function holdfast.keep_offers();
create trigger offer_price_kept before update or delete or truncate on holdfast.offer_price
  for each statement execute function holdfast.keep_offers();
