-- When Stripe told of an event by webhook; null where it never arrived and was fetched from the list of undelivered ones.
alter table holdfast.stripe_event add column told_at timestamptz;
update holdfast.stripe_event set told_at = received_at;
create index stripe_event_told_idx on holdfast.stripe_event (told_at desc) where told_at is not null;

-- A customer that was deleted at Stripe can't pay any more: another takes their place, and what the first has paid stays their person's.
alter table holdfast.stripe_customer add column gone_at timestamptz;
alter table holdfast.stripe_customer drop constraint stripe_customer_pkey;
alter table holdfast.stripe_customer drop constraint stripe_customer_customer_id_key;
alter table holdfast.stripe_customer add primary key (customer_id);
create unique index stripe_customer_current_idx on holdfast.stripe_customer (person_id, livemode) where gone_at is null;

-- A plan is changed by one request at a time, however many tabs ask for it: a full charge is made once.
alter table holdfast.subscription add column changing_until timestamptz;
