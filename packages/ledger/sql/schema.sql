-- types

create type ledger.balance_row as (
  account text,
  unit text,
  at timestamp with time zone,
  total bigint,
  held bigint,
  debt bigint,
  upcoming bigint,
  expiring bigint,
  next_expiry_at timestamp with time zone,
  open_holds bigint,
  frozen boolean,
  closed boolean,
  operation bigint
);

create type ledger.batch_answer as (
  n integer[],
  seq bigint[],
  at text[],
  hold bigint[],
  amount bigint[],
  lot bigint[],
  total bigint[],
  held bigint[],
  upcoming bigint[],
  hold_amount bigint[],
  hold_state text[],
  captured bigint[],
  released bigint[],
  lease_until text[],
  other ledger.item_result
);

create type ledger.difference as (
  check_name text,
  account text,
  operation bigint,
  lot bigint,
  hold bigint,
  expected text,
  found text
);

create type ledger.draft as (
  account_no bigint,
  account_id text,
  now timestamp with time zone,
  last_at timestamp with time zone,
  last_seq bigint,
  head bytea,
  salt bytea,
  last_place bigint,
  total bigint,
  held bigint,
  debt bigint,
  upcoming bigint,
  open_holds bigint,
  due_at timestamp with time zone,
  request_kind text,
  request_key text,
  intent bytea,
  reference text,
  metadata jsonb,
  event_at timestamp with time zone,
  stored_seq bigint,
  refusal_code text,
  refusal_data jsonb,
  kind text,
  at timestamp with time zone,
  hold bigint,
  amount bigint,
  entry_place bigint[],
  entry_amount bigint[],
  pin_lot bigint[],
  pin_amount bigint[],
  hold_amount bigint,
  hold_state text,
  captured bigint,
  released bigint,
  lease_until timestamp with time zone,
  detail jsonb,
  slice_place bigint[],
  slice_amount bigint[],
  short bigint,
  slice_take bigint[],
  slice_free bigint[],
  replacements bigint[]
);

create type ledger.explain_row as (
  at timestamp with time zone,
  amount bigint,
  text text
);

create type ledger.forecast_row as (
  at timestamp with time zone,
  kind text,
  lot bigint,
  hold bigint,
  amount bigint,
  total bigint,
  held bigint,
  debt bigint,
  upcoming bigint
);

create type ledger.head_row as (
  account_no bigint,
  account text,
  operation bigint,
  at timestamp with time zone,
  hash text
);

create type ledger.hold_row as (
  hold bigint,
  amount bigint,
  captured bigint,
  released bigint,
  refunded bigint,
  state text,
  over_capture text,
  direct boolean,
  late boolean,
  lease_until timestamp with time zone,
  late_until timestamp with time zone,
  placed_at timestamp with time zone,
  closed_at timestamp with time zone,
  key text,
  reference text,
  places bigint[],
  amounts bigint[]
);

create type ledger.item as (
  n integer,
  kind text,
  account text,
  key text,
  hold bigint,
  amount bigint,
  final boolean,
  lease_seconds bigint,
  late_seconds bigint,
  over_capture text,
  fault text,
  grace_seconds bigint,
  reference text,
  metadata jsonb,
  event_at timestamp with time zone
);

create type ledger.item_result as (
  n integer,
  error_state text,
  error_message text,
  error_data jsonb,
  outcome ledger.outcome
);

create type ledger.lot_row as (
  lot bigint,
  state text,
  class text,
  priority integer,
  granted bigint,
  remaining bigint,
  held bigint,
  consumed bigint,
  refunded bigint,
  expired bigint,
  voided bigint,
  clawed_back bigint,
  moved bigint,
  effective_at timestamp with time zone,
  expires_at timestamp with time zone,
  payment text,
  root_lot bigint,
  reference text,
  created_at timestamp with time zone
);

create type ledger.outcome as (
  account text,
  operation bigint,
  kind text,
  at timestamp with time zone,
  replayed boolean,
  refusal text,
  refusal_data jsonb,
  amount bigint,
  total bigint,
  held bigint,
  debt bigint,
  upcoming bigint,
  hold bigint,
  hold_amount bigint,
  hold_state text,
  captured bigint,
  released bigint,
  lease_until timestamp with time zone,
  places bigint[],
  amounts bigint[],
  detail jsonb
);

create type ledger.sweep_row as (
  accounts bigint,
  lots_started bigint,
  lots_expired bigint,
  holds_expired bigint,
  more boolean
);

create type ledger.verify_row as (
  next text,
  accounts bigint,
  operations bigint,
  differences jsonb
);

-- tables

create table ledger.account (
  account_no bigint generated always as identity not null,
  id text not null,
  unit text not null,
  opened_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  last_seq bigint default 0 not null,
  head bytea not null,
  last_place bigint default 0 not null,
  total bigint default 0 not null,
  held bigint default 0 not null,
  debt bigint default 0 not null,
  upcoming bigint default 0 not null,
  open_holds bigint default 0 not null,
  due_at timestamp with time zone default 'infinity'::timestamp with time zone not null,
  salt bytea,
  frozen_at timestamp with time zone,
  closed_at timestamp with time zone,
  merged_into bigint,
  constraint account_id_key UNIQUE (id),
  constraint account_pkey PRIMARY KEY (account_no)
) with (fillfactor=45);

create table ledger.debt (
  account_no bigint not null,
  debt bigint not null,
  cause text not null,
  hold bigint,
  payment text,
  amount bigint not null,
  open bigint not null,
  repaid_lot bigint[] default '{}'::bigint[] not null,
  repaid_amount bigint[] default '{}'::bigint[] not null,
  created_seq bigint not null,
  constraint debt_check CHECK (((open >= 0) AND (open <= amount))),
  constraint debt_pkey PRIMARY KEY (account_no, debt)
);

create table ledger.hold (
  account_no bigint not null,
  hold bigint not null,
  amount bigint not null,
  captured bigint default 0 not null,
  released bigint default 0 not null,
  refunded bigint default 0 not null,
  state text not null,
  over_capture text not null,
  direct boolean default false not null,
  late boolean default false not null,
  lease_until timestamp with time zone,
  late_until timestamp with time zone,
  placed_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  slice_place bigint[] not null,
  slice_amount bigint[] not null,
  slice_captured bigint[] not null,
  slice_refunded bigint[],
  constraint hold_pkey PRIMARY KEY (account_no, hold)
) with (fillfactor=45);

create table ledger.lot (
  account_no bigint not null,
  lot bigint not null,
  class text not null,
  priority integer not null,
  effective_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  started boolean not null,
  granted bigint not null,
  remaining bigint not null,
  held bigint default 0 not null,
  consumed bigint default 0 not null,
  refunded bigint default 0 not null,
  expired bigint default 0 not null,
  voided bigint default 0 not null,
  clawed_back bigint default 0 not null,
  moved bigint default 0 not null,
  claim bigint default 0 not null,
  voided_at timestamp with time zone,
  payment text,
  root_lot bigint not null,
  root_expires_at timestamp with time zone not null,
  created_seq bigint not null,
  live boolean not null,
  constraint lot_check CHECK ((remaining >= held)),
  constraint lot_pkey PRIMARY KEY (account_no, lot)
) with (fillfactor=45);

create table ledger.migration (
  version integer not null,
  name text not null,
  applied_at timestamp with time zone default now() not null,
  constraint migration_pkey PRIMARY KEY (version)
);

create table ledger.operation (
  account_no bigint not null,
  seq bigint not null,
  at timestamp with time zone not null,
  tx xid8 default pg_current_xact_id() not null,
  kind text not null,
  key text,
  intent bytea,
  hold bigint,
  amount bigint not null,
  entry_place bigint[] not null,
  entry_amount bigint[] not null,
  pin_lot bigint[],
  pin_amount bigint[],
  total bigint not null,
  held bigint not null,
  debt bigint not null,
  upcoming bigint not null,
  hold_amount bigint,
  hold_state text,
  captured bigint,
  released bigint,
  lease_until timestamp with time zone,
  detail jsonb,
  reference text,
  metadata jsonb,
  event_at timestamp with time zone,
  commitment bytea,
  hash bytea not null,
  constraint operation_pkey PRIMARY KEY (account_no, seq)
);

create table ledger.payment (
  payment text not null,
  account_no bigint not null,
  granted_seq bigint not null,
  paid bigint not null,
  granted bigint not null,
  refunded bigint default 0 not null,
  dispute text[] default '{}'::text[] not null,
  dispute_withdrawn bigint[] default '{}'::bigint[] not null,
  dispute_reinstated bigint[] default '{}'::bigint[] not null,
  posted bigint default 0 not null,
  forfeited bigint default 0 not null,
  constraint payment_pkey PRIMARY KEY (payment)
);

create table ledger.refusal (
  account_no bigint not null,
  key text not null,
  intent bytea not null,
  at timestamp with time zone not null,
  code text not null,
  data jsonb not null,
  constraint refusal_pkey PRIMARY KEY (account_no, key)
);

-- indexes

CREATE INDEX account_due ON ledger.account USING btree (due_at) WHERE (due_at < 'infinity'::timestamp with time zone);

CREATE INDEX debt_open ON ledger.debt USING btree (account_no) WHERE (open > 0);

CREATE INDEX debt_payment ON ledger.debt USING btree (payment) WHERE (payment IS NOT NULL);

CREATE INDEX hold_open ON ledger.hold USING btree (account_no, lease_until) WHERE (state = 'open'::text);

CREATE INDEX lot_live ON ledger.lot USING btree (account_no) WHERE live;

CREATE INDEX lot_payment ON ledger.lot USING btree (payment) WHERE (payment IS NOT NULL);

CREATE UNIQUE INDEX operation_key ON ledger.operation USING btree (account_no, key) WHERE (key IS NOT NULL);

CREATE INDEX operation_tx ON ledger.operation USING btree (tx);

CREATE INDEX payment_account ON ledger.payment USING btree (account_no);

CREATE INDEX refusal_at ON ledger.refusal USING btree (at);

-- views

create view ledger.entry as
 SELECT a.id AS account,
    o.account_no,
    o.seq AS operation,
    o.at,
    o.kind,
    COALESCE(ledger.contra(e.place), 'account'::text) AS side,
        CASE
            WHEN e.place > 0 THEN e.place
            ELSE NULL::bigint
        END AS lot,
        CASE
            WHEN e.place < '-10'::integer THEN '-10'::integer - e.place
            ELSE NULL::bigint
        END AS debt,
    e.amount
   FROM ledger.operation o
     JOIN ledger.account a ON a.account_no = o.account_no
     CROSS JOIN LATERAL UNNEST(o.entry_place, o.entry_amount) e(place, amount);

-- functions

CREATE OR REPLACE FUNCTION ledger."freeze"(account text, key text, reason text, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  w ledger.draft;
begin
  w := ledger.begin_write(account, 'freeze', key,
    ledger.intent('freeze', reason, reference, metadata::text, ledger.stamp(event_at)), reference,
    coalesce(metadata, '{}') || jsonb_build_object('reason', reason), event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  w.amount := 0;
  update ledger.account t set frozen_at = coalesce(t.frozen_at, w.now) where t.account_no = w.account_no;
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger."grant"(account text, key text, amount bigint, class text DEFAULT 'promotional'::text, priority bigint DEFAULT 0, effective_at timestamp with time zone DEFAULT NULL::timestamp with time zone, expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, valid_for interval DEFAULT NULL::interval, payment text DEFAULT NULL::text, paid bigint DEFAULT NULL::bigint, bonus_amount bigint DEFAULT NULL::bigint, bonus_priority bigint DEFAULT 0, bonus_expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, bonus_valid_for interval DEFAULT NULL::interval, repay_debt boolean DEFAULT NULL::boolean, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  w ledger.draft;
  starts_at timestamptz;
  ends_at timestamptz;
  main_lot bigint;
  repaid bigint := 0;
  owner record;
  w_payment text := payment;
begin
  checked := ledger.check_amount(amount)
    and ledger.check_choice(class, 'class', '{paid,promotional}')
    and ledger.check_range(priority, 'priority', -1000, 1000)
    and ledger.check_range(bonus_priority, 'bonus.priority', -1000, 1000);
  if payment is not null then
    checked := ledger.check_text(payment, 'payment.id', 200)
      and ledger.check_amount(paid);
  end if;
  if bonus_amount is not null then
    checked := ledger.check_amount(bonus_amount);
  end if;
  w := ledger.begin_write(account, 'grant', key,
    ledger.intent('grant', amount::text, class, priority::text, ledger.stamp(effective_at), ledger.stamp(expires_at),
      valid_for::text, payment, paid::text, bonus_amount::text, bonus_priority::text, ledger.stamp(bonus_expires_at),
      bonus_valid_for::text, repay_debt::text, reference, metadata::text, ledger.stamp(event_at)),
    reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  if w.total + w.upcoming + amount + coalesce(bonus_amount, 0) > 1000000000000000000 then
    perform ledger.fail('LG004', 'an account holds at most 10^18', jsonb_build_object('amount', amount::text));
  end if;

  if payment is not null then
    insert into ledger.payment (payment, account_no, granted_seq, paid, granted)
    values (payment, w.account_no, w.last_seq + 1, paid, amount + coalesce(bonus_amount, 0))
    on conflict do nothing;
    if not found then
      select a.id, p.granted_seq into owner
      from ledger.payment p join ledger.account a on a.account_no = p.account_no where p.payment = w_payment;
      return ledger.refuse(w, ledger.refusal_of(w, 'payment_taken', jsonb_build_object(
        'payment', payment, 'account', owner.id, 'operation', owner.granted_seq::text)));
    end if;
  end if;

  starts_at := coalesce(effective_at, w.now);
  ends_at := ledger.expiry_of(starts_at, expires_at, valid_for);
  w.amount := amount + coalesce(bonus_amount, 0);
  w := ledger.add_entry(w, -1, -w.amount);
  w := ledger.new_lot(w, amount, class, priority::int, starts_at, ends_at, payment, null, null);
  main_lot := w.last_place;
  w.detail := jsonb_build_object('lot', main_lot::text, 'class', class, 'priority', priority,
    'effective_at', ledger.stamp(starts_at), 'expires_at', ledger.stamp(ends_at));
  if bonus_amount is not null then
    ends_at := ledger.expiry_of(starts_at, bonus_expires_at, bonus_valid_for);
    w := ledger.new_lot(w, bonus_amount, 'promotional', bonus_priority::int, starts_at, ends_at, payment, null, null);
    w.detail := w.detail || jsonb_build_object('bonus_lot', w.last_place::text, 'bonus_amount', bonus_amount::text,
      'bonus_priority', bonus_priority, 'bonus_expires_at', ledger.stamp(ends_at));
  end if;

  if w.debt > 0 and starts_at <= w.now and coalesce(repay_debt, class = 'paid') then
    repaid := w.debt;
    w := ledger.repay_from(w, main_lot, amount);
    repaid := repaid - w.debt;
    w.detail := w.detail || jsonb_build_object('repaid', repaid::text);
  end if;
  -- an opening balance may come with lots that have expired already
  w := ledger.expire_new_lots(w, main_lot);
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.account_of(account text)
 RETURNS ledger.account
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  a ledger.account;
begin
  select * into a from ledger.account t where t.id = account;
  if not found then
    perform ledger.fail('LG001', 'no such account', jsonb_build_object('account', left(account, 200)));
  end if;
  return a;
end $function$;

CREATE OR REPLACE FUNCTION ledger.add_entry(w ledger.draft, place bigint, change bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  if change <> 0 then
    w.entry_place := w.entry_place || place;
    w.entry_amount := w.entry_amount || change;
  end if;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.add_left(w ledger.draft, started boolean, change bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  if started then
    w.total := w.total + change;
  else
    w.upcoming := w.upcoming + change;
  end if;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.after_operation(w ledger.draft, o ledger.operation)
 RETURNS ledger.draft
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  w.last_seq := o.seq;
  w.last_at := o.at;
  w.at := o.at;
  w.head := o.hash;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.allow(app_role name)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  f regprocedure;
begin
  execute format('grant usage on schema ledger to %I', app_role);
  execute format('grant select on ledger.entry to %I', app_role);
  for f in
    select p.oid from pg_proc p
    where p.pronamespace = 'ledger'::regnamespace and p.prosecdef
  loop
    execute format('grant execute on function %s to %I', f, app_role);
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION ledger.append(w ledger.draft)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  o ledger.operation := ledger.next_operation(w);
begin
  insert into ledger.operation values (o.*);
  return ledger.after_operation(w, o);
end $function$;

CREATE OR REPLACE FUNCTION ledger.balance(account text, at timestamp with time zone DEFAULT NULL::timestamp with time zone, expiring_within_days bigint DEFAULT 30)
 RETURNS ledger.balance_row
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  a ledger.account;
  b ledger.balance_row;
  ends timestamptz;
begin
  checked := ledger.check_range(expiring_within_days, 'expiringWithinDays', 0, 36500);
  a := ledger.account_of(account);
  if at > a.last_at then
    -- no write in progress may still be dated before `at`
    select * into a from ledger.account t where t.account_no = a.account_no for share;
  end if;
  b.account := a.id;
  b.unit := a.unit;
  b.frozen := a.frozen_at is not null;
  b.closed := a.closed_at is not null;
  b.at := coalesce(at, greatest(ledger.clock(), a.last_at));

  if b.at < a.last_at then
    b.operation := ledger.operation_at(a, b.at);
    b.expiring := 0;
    b.open_holds := 0;
    select coalesce(max(o.total), 0), coalesce(max(o.held), 0), coalesce(max(o.debt), 0), coalesce(max(o.upcoming), 0)
    into b.total, b.held, b.debt, b.upcoming
    from ledger.operation o where o.account_no = a.account_no and o.seq = b.operation;
    return b;
  end if;

  b.operation := a.last_seq;
  b.debt := a.debt;
  ends := b.at + make_interval(days => expiring_within_days::int);
  if a.due_at > b.at then
    b.total := a.total;
    b.held := a.held;
    b.upcoming := a.upcoming;
    b.open_holds := a.open_holds;
    if a.due_at <= ends or b.total > b.held then
      select coalesce(sum(l.remaining - l.held) filter (where l.expires_at <= ends), 0), min(l.expires_at)
      into b.expiring, b.next_expiry_at
      from ledger.lot l
      where l.account_no = a.account_no and l.live and l.started and l.remaining > l.held and l.expires_at < 'infinity';
    end if;
  else
    select coalesce(sum(v.remaining) filter (where v.started), 0), coalesce(sum(v.held), 0),
      coalesce(sum(v.remaining) filter (where not v.started), 0),
      coalesce(sum(v.remaining - v.held) filter (where v.started and l.expires_at <= ends), 0),
      min(l.expires_at) filter (where v.started and v.remaining > v.held and l.expires_at < 'infinity')
    into b.total, b.held, b.upcoming, b.expiring, b.next_expiry_at
    from ledger.lots_at(a.account_no, b.at) v
    join ledger.lot l on l.account_no = a.account_no and l.lot = v.lot;
    b.open_holds := a.open_holds - (select count(*) from ledger.hold h
      where h.account_no = a.account_no and h.state = 'open' and h.lease_until <= b.at and a.frozen_at is null);
  end if;
  b.expiring := coalesce(b.expiring, 0);
  return b;
end $function$;

CREATE OR REPLACE FUNCTION ledger.batch(items jsonb)
 RETURNS SETOF ledger.item_result
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  todo ledger.item[] := array(
    select x from jsonb_populate_recordset(null::ledger.item, batch.items) x order by x.account, x.n);
  accounts ledger.account[];
  account_id text[];
  number bigint[];
  a ledger.account;
  w ledger.draft;
  i ledger.item;
  h ledger.hold;
  o ledger.operation;
  f ledger.refusal;
  r ledger.outcome;
  k int;
  checked boolean;
  -- the items' keys that stand for something already
  stored_account bigint[];
  stored_key text[];
  stored_intent bytea[];
  -- the holds that the items name, by account
  holds ledger.hold[];
  hold_account bigint[];
  hold_id bigint[];
  hold_changed boolean[];
  -- live lots by account, in the order of spending; `unusual` is what the quick way does not know
  lot_account bigint[];
  lot_id bigint[];
  lot_free bigint[];
  lot_unusual boolean[];
  lot_pinned bigint[];
  lot_taken bigint[];
  first_lot int := 1;
  first_hold int := 1;
  first_item int := 1;
  last_item int;
  special boolean;
  -- what will be written
  drafts ledger.draft[] := '{}';
  new_holds ledger.hold[] := '{}';
  operations ledger.operation[] := '{}';
  refusals ledger.refusal[] := '{}';
  results ledger.item_result[] := '{}';
  done_key text[];
  done_intent bytea[];
  done_before int;
  item_intent bytea;
  need bigint;
  part bigint;
begin
  foreach i in array todo loop
    checked := ledger.check_item(i);
  end loop;
  accounts := ledger.lock_for_batch(array(select distinct x.account from unnest(todo) x));
  account_id := array(select x.id from unnest(accounts) with ordinality x order by x.ordinality);
  number := array(select x.account_no from unnest(accounts) with ordinality x order by x.ordinality);

  -- `limit 1` makes each a look-up: the planner can't know how many rows an account has
  select array_agg(s.account_no), array_agg(s.key), array_agg(s.intent) into stored_account, stored_key, stored_intent
  from unnest(todo) x
  join unnest(account_id, number) as b (id, account_no) on b.id = x.account
  cross join lateral (
    (select t.account_no, t.key, t.intent from ledger.operation t
     where t.account_no = b.account_no and t.key = x.key limit 1)
    union all
    (select t.account_no, t.key, t.intent from ledger.refusal t
     where t.account_no = b.account_no and t.key = x.key limit 1)) s;
  select array_agg(q.t order by q.position), array_agg((q.t).account_no order by q.position),
    array_agg((q.t).hold order by q.position), array_agg(false)
  into holds, hold_account, hold_id, hold_changed
  from (
    select found_hold.t, row_number() over (order by b.position) as position
    from (select distinct x.account, x.hold from unnest(todo) x where x.hold is not null) y
    join unnest(account_id, number) with ordinality as b (id, account_no, position) on b.id = y.account
    cross join lateral (
      select t from ledger.hold t where t.account_no = b.account_no and t.hold = y.hold limit 1) found_hold
  ) q;
  select array_agg(l.account_no order by l.position), array_agg(l.lot order by l.position),
    array_agg(l.remaining - l.held order by l.position), array_agg(l.unusual order by l.position),
    array_agg(0::bigint), array_agg(0::bigint)
  into lot_account, lot_id, lot_free, lot_unusual, lot_pinned, lot_taken
  from (
    select t.account_no, t.lot, t.remaining, t.held,
      t.claim > 0 or t.voided_at is not null or t.expires_at <= greatest(ledger.clock(), b.last_at) as unusual,
      row_number() over (
        order by b.ordinality, t.priority, t.expires_at, t.class = 'paid', t.effective_at, t.lot) as position
    from unnest(accounts) with ordinality b
    join ledger.lot t on t.account_no = b.account_no and t.live and t.started
  ) l;

  while first_item <= cardinality(todo) loop
    i := todo[first_item];
    last_item := first_item;
    while last_item < cardinality(todo) and todo[last_item + 1].account = i.account loop
      last_item := last_item + 1;
    end loop;
    k := array_position(account_id, i.account);
    if k is null then
      for n in first_item .. last_item loop
        i := todo[n];
        results := results || ledger.item_error(i.n, 'LG001', 'no such account', jsonb_build_object('account', i.account));
      end loop;
      first_item := last_item + 1;
      continue;
    end if;
    a := accounts[k];
    w := ledger.draft_of(a);

    special := a.frozen_at is not null or a.closed_at is not null or a.debt > 0
      or array_position(stored_account, a.account_no) is not null;
    first_lot := coalesce(array_position(lot_account, a.account_no), cardinality(lot_account) + 1, 1);
    k := first_lot;
    while k <= coalesce(cardinality(lot_account), 0) and lot_account[k] = a.account_no loop
      special := special or lot_unusual[k];
      k := k + 1;
    end loop;
    first_hold := coalesce(array_position(hold_account, a.account_no), cardinality(hold_account) + 1, 1);
    k := first_hold;
    while k <= coalesce(cardinality(hold_account), 0) and hold_account[k] = a.account_no loop
      special := special or holds[k].state = 'expired';
      k := k + 1;
    end loop;
    if special then
      results := results || ledger.batch_singly(a, todo[first_item:last_item]);
      first_item := last_item + 1;
      continue;
    end if;

    done_key := '{}';
    done_intent := '{}';
    done_before := cardinality(results);
    for n in first_item .. last_item loop
      i := todo[n];
      item_intent := ledger.item_intent(i);
      k := array_position(done_key, i.key);
      done_key := done_key || i.key;
      done_intent := done_intent || item_intent;
      if k is not null then
        if done_intent[k] <> item_intent then
          results := results || ledger.item_error(i.n, 'LG006', 'this key stands for something else',
            jsonb_build_object('key', i.key));
        else
          r := results[done_before + k].outcome;
          r.replayed := true;
          results := results || ledger.item_done(i.n, r);
        end if;
        continue;
      end if;

      w := ledger.next_draft(w);
      w.request_kind := i.kind;
      w.request_key := i.key;
      w.intent := item_intent;
      w.reference := i.reference;
      w.metadata := i.metadata;
      w.event_at := i.event_at;
      w.kind := i.kind;
      w.at := w.now;
      f := null;

      if i.kind = 'place_hold' then
        if i.amount > w.total - w.held and i.amount > 0 then
          f := ledger.refusal_for_credit(w, i.amount);
        else
          need := i.amount;
          w.slice_place := '{}';
          w.slice_amount := '{}';
          k := first_lot;
          while need > 0 loop
            if lot_account[k] is distinct from a.account_no then
              perform ledger.fail('LG015', 'the lots hold less than the balance', jsonb_build_object('account', a.id));
            end if;
            part := least(need, lot_free[k]);
            if part > 0 then
              w.slice_place := w.slice_place || lot_id[k];
              w.slice_amount := w.slice_amount || part;
              lot_free[k] := lot_free[k] - part;
              lot_pinned[k] := lot_pinned[k] + part;
              need := need - part;
            end if;
            k := k + 1;
          end loop;
          w := ledger.plan_hold(w, i.amount, i.lease_seconds);
          h := ledger.hold_planned(w, i.late_seconds, i.over_capture);
          new_holds := new_holds || h;
        end if;
      else
        k := array_position(hold_id, i.hold, first_hold);
        if k is null or hold_account[k] <> a.account_no then
          results := results || ledger.item_error(i.n, 'LG007', 'no such hold in this account',
            jsonb_build_object('hold', i.hold::text));
          -- misuse is remembered for no key
          done_key[cardinality(done_key)] := null;
          continue;
        end if;
        h := holds[k];
        if h.state <> 'open' then
          f := ledger.refusal_for_state(w, h);
        elsif i.kind = 'capture' and i.amount > h.amount - h.captured and h.over_capture = 'reject' then
          f := ledger.refusal_for_over_capture(w, h, i.amount);
        else
          if i.kind = 'capture' then
            w.amount := least(i.amount, h.amount - h.captured);
            if w.amount < i.amount then
              w.detail := jsonb_build_object('shortfall', (i.amount - w.amount)::text);
            end if;
            w := ledger.plan_resolution(w, h, w.amount, i.final, 'captured');
          else
            w := ledger.plan_resolution(w, h, 0, true, case when h.captured > 0 then 'captured' else 'released' end);
            w.amount := w.released - h.released;
          end if;
          holds[k] := ledger.hold_resolved(w, h);
          hold_changed[k] := true;
          for s in 1 .. cardinality(w.slice_place) loop
            k := array_position(lot_id, w.slice_place[s], first_lot);
            lot_taken[k] := lot_taken[k] + w.slice_take[s];
            lot_free[k] := lot_free[k] + w.slice_free[s];
            lot_pinned[k] := lot_pinned[k] - w.slice_take[s] - w.slice_free[s];
          end loop;
        end if;
      end if;

      if f.code is not null then
        refusals := refusals || f;
        results := results || ledger.item_done(i.n, ledger.refused_outcome(w, f, false));
      else
        o := ledger.next_operation(w);
        operations := operations || o;
        w := ledger.after_operation(w, o);
        results := results || ledger.item_done(i.n, ledger.outcome_of(w, false));
      end if;
    end loop;
    drafts := drafts || w;
    first_item := last_item + 1;
  end loop;

  insert into ledger.operation select x.* from unnest(operations) x;
  insert into ledger.hold select x.* from unnest(new_holds) x;
  insert into ledger.refusal select x.* from unnest(refusals) x;
  update ledger.hold t
  set captured = x.captured, released = x.released, state = x.state, slice_captured = x.slice_captured,
      closed_at = x.closed_at
  from unnest(holds) with ordinality x
  where hold_changed[x.ordinality] and t.account_no = x.account_no and t.hold = x.hold;
  update ledger.lot t
  set held = t.held + x.pinned, remaining = t.remaining - x.taken, live = t.remaining - x.taken > 0,
      consumed = t.consumed + x.taken
  from unnest(lot_account, lot_id, lot_pinned, lot_taken) as x (account_no, lot, pinned, taken)
  where (x.pinned <> 0 or x.taken <> 0) and t.account_no = x.account_no and t.lot = x.lot;
  update ledger.account t
  set last_at = x.last_at, last_seq = x.last_seq, head = x.head, total = x.total, held = x.held,
      open_holds = x.open_holds, due_at = x.due_at
  from unnest(drafts) x
  where t.account_no = x.account_no;
  return query select x.* from unnest(results) x;
end $function$;

CREATE OR REPLACE FUNCTION ledger.batch_singly(a ledger.account, items ledger.item[])
 RETURNS ledger.item_result[]
 LANGUAGE plpgsql
AS $function$
declare
  results ledger.item_result[] := '{}';
  i ledger.item;
  known bytea;
begin
  foreach i in array items loop
    select s.intent into known from (
      select t.intent from ledger.operation t where t.account_no = a.account_no and t.key = i.key
      union all
      select t.intent from ledger.refusal t where t.account_no = a.account_no and t.key = i.key) s;
    if known is null and a.closed_at is not null then
      results := results || ledger.item_error(i.n, 'LG002', 'the account is closed', jsonb_build_object('account', a.id,
        'merged_into', (select m.id from ledger.account m where m.account_no = a.merged_into)));
    elsif known is null and a.frozen_at is not null then
      results := results || ledger.item_error(i.n, 'LG003', 'the account is frozen', jsonb_build_object('account', a.id));
    elsif known is null and i.hold is not null
      and not exists (select from ledger.hold t where t.account_no = a.account_no and t.hold = i.hold) then
      results := results || ledger.item_error(i.n, 'LG007', 'no such hold in this account',
        jsonb_build_object('hold', i.hold::text));
    elsif known <> ledger.item_intent(i) then
      results := results || ledger.item_error(i.n, 'LG006', 'this key stands for something else',
        jsonb_build_object('key', i.key));
    else
      results := results || ledger.item_done(i.n, ledger.run_item(i));
    end if;
  end loop;
  return results;
end $function$;

CREATE OR REPLACE FUNCTION ledger.begin_write(account_id text, kind text, key text, intent bytea, reference text, metadata jsonb, event_at timestamp with time zone)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  checked boolean;
  a ledger.account;
  w ledger.draft;
  stored_intent bytea;
begin
  checked := ledger.check_text(begin_write.key, 'key', 200)
    and ledger.check_labels(begin_write.reference, begin_write.metadata);
  select * into a from ledger.account t where t.id = begin_write.account_id for update;
  if not found then
    perform ledger.fail('LG001', 'no such account', jsonb_build_object('account', left(begin_write.account_id, 200)));
  end if;
  w := ledger.draft_of(a, begin_write.kind, begin_write.key, begin_write.intent, begin_write.reference,
    begin_write.metadata, begin_write.event_at);

  select k.seq, k.code, k.data, k.intent into w.stored_seq, w.refusal_code, w.refusal_data, stored_intent
  from (
    select o.seq, null as code, null::jsonb as data, o.intent
    from ledger.operation o where o.account_no = a.account_no and o.key = begin_write.key
    union all
    select null, r.code, r.data, r.intent
    from ledger.refusal r where r.account_no = a.account_no and r.key = begin_write.key
  ) k;
  if stored_intent is not null then
    if stored_intent <> begin_write.intent then
      perform ledger.fail('LG006', 'this key stands for something else', ledger.stored_intent(w));
    end if;
    return w;
  end if;

  if a.closed_at is not null and begin_write.kind <> 'clawback' then
    perform ledger.fail('LG002', 'the account is closed', jsonb_build_object('account', a.id,
      'merged_into', (select m.id from ledger.account m where m.account_no = a.merged_into)));
  end if;
  if a.frozen_at is not null and begin_write.kind not in ('freeze', 'thaw') then
    perform ledger.fail('LG003', 'the account is frozen', jsonb_build_object('account', a.id));
  end if;
  if a.frozen_at is null and a.due_at <= w.now then
    w := ledger.book_due(w, null);
  end if;
  w.kind := begin_write.kind;
  w.at := w.now;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.book_due(w ledger.draft, most integer)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  e record;
  booked int := 0;
begin
  for e in
    select t.effective_at as at, 1 as step, t.lot as id from ledger.lot t
    where t.account_no = w.account_no and t.live and not t.started and t.effective_at <= w.now
    union all
    select h.lease_until, 2, h.hold from ledger.hold h
    where h.account_no = w.account_no and h.state = 'open' and h.lease_until <= w.now
    union all
    select t.expires_at, 3, t.lot from ledger.lot t
    where t.account_no = w.account_no and t.live and t.expires_at <= w.now
    order by at, step, id
  loop
    if booked = most then
      w.due_at := e.at;
      return ledger.next_draft(w);
    end if;
    w := ledger.next_draft(w);
    w.at := greatest(e.at, w.last_at);
    if e.step = 1 then
      w := ledger.start_lot(w, e.id);
    elsif e.step = 2 then
      w := ledger.expire_hold(w, e.id);
    else
      w := ledger.expire_lot(w, e.id);
    end if;
    if w.kind is not null then
      w := ledger.append(w);
      booked := booked + 1;
    end if;
  end loop;

  w := ledger.next_draft(w);
  w.due_at := least(
    coalesce((select min(case when t.started then t.expires_at else t.effective_at end) from ledger.lot t
      where t.account_no = w.account_no and t.live and (not t.started or t.expires_at > w.now)), 'infinity'),
    coalesce((select min(h.lease_until) from ledger.hold h
      where h.account_no = w.account_no and h.state = 'open'), 'infinity'));
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.book_now(account_no bigint, most integer)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  a ledger.account;
  w ledger.draft;
begin
  select * into a from ledger.account t where t.account_no = book_now.account_no for update;
  w := ledger.draft_of(a);
  if a.frozen_at is null and a.due_at <= w.now then
    w := ledger.book_due(w, most);
    perform ledger.save_account(w);
  end if;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.capture(account text, key text, hold bigint, amount bigint, final boolean DEFAULT true, fault text DEFAULT 'customer'::text, grace_seconds bigint DEFAULT 604800, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
<<quick>>
declare
  number bigint;
  now timestamptz;
  next_seq bigint;
  link bytea;
  salt bytea;
  total bigint;
  held bigint;
  upcoming bigint;
  due_at timestamptz;
  place bigint;
  pinned bigint;
  hold_amount bigint;
  captured bigint;
  released bigint;
  lease_until timestamptz;
  intent bytea;
begin
  if amount between 1 and 1000000000000000 and final and fault in ('customer', 'ours', 'provider')
    and grace_seconds between 0 and 7776000 and length(key) between 1 and 200 and coalesce(length(reference), 0) <= 200
    and (metadata is null or jsonb_typeof(metadata) = 'object' and length(metadata::text) <= 8192) then
    select t.account_no, t.last_at, t.last_seq + 1, t.head, t.salt, t.total, t.held, t.upcoming, t.due_at
    into number, now, next_seq, link, salt, total, held, upcoming, due_at
    from ledger.account t
    where t.id = capture.account and t.frozen_at is null and t.closed_at is null and t.debt = 0
    for update;
    now := greatest(ledger.clock(), now);
    if due_at > now then
      select l.lot, h.amount - h.captured, h.amount, h.captured + capture.amount,
        h.released + h.amount - h.captured - capture.amount, h.lease_until
      into place, pinned, hold_amount, captured, released, lease_until
      from ledger.hold h
      join ledger.lot l on l.account_no = number and l.lot = h.slice_place[1]
      where h.account_no = number and h.hold = capture.hold and h.state = 'open' and cardinality(h.slice_place) = 1
        and capture.amount <= h.amount - h.captured and l.claim = 0 and l.voided_at is null and l.expires_at > now
        and not exists (select from ledger.operation o where o.account_no = number and o.key = capture.key)
        and not exists (select from ledger.refusal r where r.account_no = number and r.key = capture.key);
      if place is not null then
        total := total - amount;
        held := held - pinned;
        intent := ledger.capture_intent(hold, amount, true, fault, grace_seconds, reference, metadata, event_at);
        link := sha256(link || ledger.message_of(number, next_seq, now, amount, hold, array[place, -2], array[-amount, amount],
          array[place], array[-pinned], total, held, 0, upcoming, hold_amount, captured, released, lease_until, intent,
          ledger.commitment(salt, key, reference, metadata, event_at), 'capture', 'captured', null));
        with consumed as (
          update ledger.lot t set held = t.held - pinned, remaining = t.remaining - amount,
            live = t.remaining - amount > 0, consumed = t.consumed + amount
          where t.account_no = number and t.lot = place
        ), closed as (
          update ledger.hold t set captured = quick.captured, released = quick.released, state = 'captured',
            slice_captured = array[quick.captured], closed_at = now
          where t.account_no = number and t.hold = capture.hold
        ), written as (
          insert into ledger.operation (account_no, seq, at, kind, key, intent, hold, amount, entry_place, entry_amount,
            pin_lot, pin_amount, total, held, debt, upcoming, hold_amount, hold_state, captured, released, lease_until,
            reference, metadata, event_at, hash)
          values (number, next_seq, now, 'capture', key, intent, hold, amount, array[place, -2], array[-amount, amount],
            array[place], array[-pinned], total, held, 0, upcoming, hold_amount, 'captured', captured, released, lease_until,
            reference, metadata, event_at, link)
        )
        update ledger.account t set last_at = now, last_seq = next_seq, head = link, total = quick.total,
          held = quick.held, open_holds = t.open_holds - 1
        where t.account_no = number;
        return row(account, next_seq, 'capture', now, false, null, null, amount, total, held, 0, upcoming, hold,
          hold_amount, 'captured', captured, released, lease_until, array[place, -2], array[-amount, amount],
          null)::ledger.outcome;
      end if;
    end if;
  end if;
  return ledger.capture_generally(account, key, hold, amount, final, fault, grace_seconds, reference, metadata, event_at);
end $function$;

CREATE OR REPLACE FUNCTION ledger.capture_generally(account text, key text, hold bigint, amount bigint, final boolean DEFAULT true, fault text DEFAULT 'customer'::text, grace_seconds bigint DEFAULT 604800, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
AS $function$
declare
  checked boolean;
  w ledger.draft;
  h ledger.hold;
  uncaptured bigint;
  take bigint;
begin
  checked := ledger.check_amount(amount)
    and ledger.check_fault(fault, grace_seconds);
  w := ledger.begin_write(account, 'capture', key,
    ledger.capture_intent(hold, amount, final, fault, grace_seconds, reference, metadata, event_at),
    reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  h := ledger.hold_of(w, hold);
  if h.state <> 'open' and (h.state <> 'expired' or h.late_until <= w.now) then
    return ledger.refuse(w, ledger.refusal_for_state(w, h));
  end if;
  uncaptured := h.amount - h.captured;
  if amount > uncaptured and h.over_capture = 'reject' then
    return ledger.refuse(w, ledger.refusal_for_over_capture(w, h, amount));
  end if;
  take := least(amount, uncaptured);
  w.amount := take;
  if take < amount then
    w.detail := jsonb_build_object('shortfall', (amount - take)::text);
  end if;
  if h.state = 'open' then
    w := ledger.resolve_hold(w, h, take, final, 'captured', fault, grace_seconds);
  elsif take > w.total - w.held - w.debt and take > 0 then
    return ledger.refuse(w, ledger.refusal_for_credit(w, take));
  else
    w := ledger.capture_late(w, h, take, final);
  end if;
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.capture_intent(hold bigint, amount bigint, final boolean, fault text, grace_seconds bigint, reference text, metadata jsonb, event_at timestamp with time zone)
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$
  select substring(sha256(convert_to(array['capture', hold::text, amount::text, final::text, fault, grace_seconds::text,
    reference, metadata::text, encode(timestamptz_send(event_at), 'hex')]::text, 'utf8')) for 16)
$function$;

CREATE OR REPLACE FUNCTION ledger.capture_late(w ledger.draft, h ledger.hold, take bigint, final boolean)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
begin
  w := ledger.choose(w, take);
  w := ledger.consume_chosen(w);
  w := ledger.add_entry(w, -2, take);
  w.hold := h.hold;
  w.hold_amount := h.amount;
  w.hold_state := case when final then 'captured' else 'expired' end;
  w.captured := h.captured + take;
  w.released := h.amount - w.captured;
  w.lease_until := h.lease_until;
  w.detail := coalesce(w.detail, '{}') || '{"late": true}';
  update ledger.hold t
  set captured = w.captured, released = w.released, state = w.hold_state, late = true, closed_at = w.now,
      slice_place = t.slice_place || w.slice_place, slice_amount = t.slice_amount || w.slice_amount,
      slice_captured = t.slice_captured || w.slice_amount
  where t.account_no = w.account_no and t.hold = h.hold;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.change_expiry(account text, key text, lot bigint, expires_at timestamp with time zone, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  w ledger.draft;
  l ledger.lot;
  ends_at timestamptz;
begin
  w := ledger.begin_write(account, 'change_expiry', key,
    ledger.intent('change_expiry', lot::text, ledger.stamp(expires_at), reference, metadata::text,
      ledger.stamp(event_at)),
    reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  l := ledger.lot_of(w, lot);
  -- never before now, so that no past balance changes
  ends_at := greatest(coalesce(expires_at, 'infinity'), w.now);
  if not l.started and ends_at <= l.effective_at then
    perform ledger.fail('LG009', 'a lot expires after it starts: void it', '{"field": "expiresAt"}');
  end if;
  update ledger.lot t
  set expires_at = ends_at, root_expires_at = case when t.root_lot = t.lot then ends_at else t.root_expires_at end
  where t.account_no = w.account_no and t.lot = l.lot;
  w.due_at := least(w.due_at, ends_at);
  w.amount := 0;
  if l.started and ends_at <= w.now then
    w := ledger.expire_lot(w, l.lot);
    w.kind := 'change_expiry';
  end if;
  w.detail := jsonb_build_object('lot', l.lot::text, 'expires_at', ledger.stamp(ends_at), 'pending',
    case when ends_at <= w.now then l.held::text else '0' end);
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.charge(account text, key text, amount bigint, debt_limit bigint DEFAULT 0, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  w ledger.draft;
begin
  checked := ledger.check_amount(amount)
    and ledger.check_amount(debt_limit);
  w := ledger.begin_write(account, 'charge', key,
    ledger.intent('charge', amount::text, debt_limit::text, reference, metadata::text, ledger.stamp(event_at)),
    reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  if amount > 0 and w.total - w.held - w.debt - amount < -debt_limit then
    if debt_limit = 0 then
      return ledger.refuse(w, ledger.refusal_for_credit(w, amount));
    end if;
    return ledger.refuse(w, ledger.refusal_of(w, 'debt_limit', jsonb_build_object('required', amount::text,
      'limit', debt_limit::text, 'available', (w.total - w.held - w.debt)::text, 'debt', w.debt::text)));
  end if;

  w := ledger.choose(w, amount);
  w := ledger.consume_chosen(w);
  w.hold := w.last_seq + 1;
  if w.short > 0 then
    w := ledger.new_debt(w, w.short, 'charge', w.hold, null);
    w.slice_place := w.slice_place || ledger.debt_place(w.last_place);
    w.slice_amount := w.slice_amount || w.short;
  end if;
  w := ledger.add_entry(w, -2, amount);
  w.amount := amount;
  w.hold_amount := amount;
  w.hold_state := 'captured';
  w.captured := amount;
  w.released := 0;
  insert into ledger.hold (account_no, hold, amount, captured, state, over_capture, direct, placed_at, closed_at,
    slice_place, slice_amount, slice_captured)
  values (w.account_no, w.hold, amount, amount, 'captured', 'reject', true, w.now, w.now,
    w.slice_place, w.slice_amount, w.slice_amount);
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.check_amount(amount bigint)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  if amount is null or amount < 0 or amount > 1000000000000000 then
    perform ledger.fail('LG004', 'an amount is a whole number from 0 to 1,000,000,000,000,000',
      jsonb_build_object('amount', amount::text));
  end if;
  return true;
end $function$;

CREATE OR REPLACE FUNCTION ledger.check_choice(value text, what text, choices text[])
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  if value is null or value <> all (choices) then
    perform ledger.fail('LG009', format('%s is one of %s', what, array_to_string(choices, ', ')),
      jsonb_build_object('field', what, 'value', left(value, 200)));
  end if;
  return true;
end $function$;

CREATE OR REPLACE FUNCTION ledger.check_fault(fault text, grace_seconds bigint)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  return ledger.check_choice(fault, 'fault', '{customer,ours,provider}')
    and ledger.check_range(grace_seconds, 'graceSeconds', 0, 7776000);
end $function$;

CREATE OR REPLACE FUNCTION ledger.check_item(i ledger.item)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  return ledger.check_choice(i.kind, 'kind', '{place_hold,capture,release}')
    and ledger.check_text(i.key, 'key', 200)
    and ledger.check_labels(i.reference, i.metadata)
    and (i.kind = 'release' or ledger.check_amount(i.amount))
    and case i.kind
      when 'place_hold' then ledger.check_range(i.lease_seconds, 'leaseSeconds', 1, 31536000)
        and ledger.check_range(i.late_seconds, 'lateSeconds', 0, 31536000)
        and ledger.check_choice(i.over_capture, 'overCapture', '{reject,cap}')
      else ledger.check_fault(i.fault, i.grace_seconds)
    end;
end $function$;

CREATE OR REPLACE FUNCTION ledger.check_labels(reference text, metadata jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  if length(reference) > 200 then
    perform ledger.fail('LG009', 'a reference has at most 200 characters', '{"field": "reference"}');
  end if;
  if metadata is not null and (jsonb_typeof(metadata) <> 'object' or length(metadata::text) > 8192) then
    perform ledger.fail('LG009', 'metadata is a JSON object of at most 8 KB', '{"field": "metadata"}');
  end if;
  return true;
end $function$;

CREATE OR REPLACE FUNCTION ledger.check_range(value bigint, what text, lowest bigint, highest bigint)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  if value is null or value < lowest or value > highest then
    perform ledger.fail('LG009', format('%s is a whole number from %s to %s', what, lowest, highest),
      jsonb_build_object('field', what, 'value', value::text));
  end if;
  return true;
end $function$;

CREATE OR REPLACE FUNCTION ledger.check_text(value text, what text, longest integer)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  if value is null or value = '' or length(value) > longest then
    perform ledger.fail(case what when 'key' then 'LG005' else 'LG009' end,
      format('%s is a text of 1 to %s characters', what, longest), jsonb_build_object('field', what));
  end if;
  return true;
end $function$;

CREATE OR REPLACE FUNCTION ledger.choose(w ledger.draft, amount bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  l record;
  part bigint;
begin
  w.slice_place := '{}';
  w.slice_amount := '{}';
  w.short := choose.amount;
  if w.short = 0 then
    return w;
  end if;
  for l in
    select t.lot, t.remaining - t.held as free from ledger.lot t
    where t.account_no = w.account_no and t.live and t.started and t.expires_at > w.now and t.remaining > t.held
    order by t.priority, t.expires_at, t.class = 'paid', t.effective_at, t.lot
  loop
    part := least(w.short, l.free);
    w.slice_place := w.slice_place || l.lot;
    w.slice_amount := w.slice_amount || part;
    w.short := w.short - part;
    exit when w.short = 0;
  end loop;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.claw(w ledger.draft, p ledger.payment, amount bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  l ledger.lot;
  part bigint;
  rest bigint := amount;
  posted bigint;
begin
  for l in
    select * from ledger.lot t
    where t.payment = p.payment and t.account_no = w.account_no and t.remaining > t.held
    order by t.priority, t.expires_at, t.class = 'paid', t.effective_at, t.lot
  loop
    part := least(rest, l.remaining - l.held);
    update ledger.lot t set remaining = t.remaining - part, live = t.remaining - part > 0, clawed_back = t.clawed_back + part
    where t.account_no = w.account_no and t.lot = l.lot;
    w := ledger.add_left(w, l.started, -part);
    w := ledger.add_entry(w, l.lot, -part);
    rest := rest - part;
  end loop;
  posted := amount - rest;

  select least(rest, coalesce(sum(t.expired + t.voided), 0) - p.forfeited) into part
  from ledger.lot t where t.payment = p.payment;
  update ledger.payment t set forfeited = t.forfeited + part where t.payment = p.payment;
  rest := rest - part;

  for l in
    select * from ledger.lot t
    where t.payment = p.payment and t.account_no = w.account_no and t.held > t.claim
    order by t.priority, t.expires_at, t.class = 'paid', t.effective_at, t.lot
  loop
    part := least(rest, l.held - l.claim);
    update ledger.lot t set claim = t.claim + part where t.account_no = w.account_no and t.lot = l.lot;
    rest := rest - part;
  end loop;

  if rest > 0 then
    w := ledger.new_debt(w, rest, 'clawback', null, p.payment);
  end if;
  return ledger.add_entry(w, -5, posted + rest);
end $function$;

CREATE OR REPLACE FUNCTION ledger.clawback(account text, key text, payment text, refunded bigint DEFAULT NULL::bigint, dispute text DEFAULT NULL::text, withdrawn bigint DEFAULT NULL::bigint, reinstated bigint DEFAULT NULL::bigint, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  w ledger.draft;
  p ledger.payment;
  payer text;
  asked_of text;
  target bigint;
  change bigint;
begin
  if refunded is not null then
    checked := ledger.check_amount(refunded);
  end if;
  if dispute is not null then
    checked := ledger.check_amount(withdrawn)
      and ledger.check_amount(reinstated);
  end if;
  payer := ledger.payer_of(account, payment);
  loop
    w := ledger.begin_write(payer, 'clawback', key,
      ledger.intent('clawback', payment, refunded::text, dispute, withdrawn::text, reinstated::text, reference,
        metadata::text, ledger.stamp(event_at)),
      reference, metadata, event_at);
    -- a merge may have moved the payment on while this waited for the lock
    asked_of := payer;
    payer := ledger.payer_of(account, payment);
    exit when payer = asked_of or ledger.is_stored(w);
  end loop;
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;

  select * into p from ledger.payment t where t.payment = clawback.payment for update;
  p := ledger.learn(p, refunded, dispute, withdrawn, reinstated);
  target := ledger.clawback_target(p);
  change := target - p.posted;
  update ledger.payment t
  set refunded = p.refunded, dispute = p.dispute, dispute_withdrawn = p.dispute_withdrawn,
      dispute_reinstated = p.dispute_reinstated, posted = target
  where t.payment = p.payment;
  if change > 0 then
    w := ledger.claw(w, p, change);
  elsif change < 0 then
    w := ledger.restore(w, p, -change);
  end if;
  w.amount := change;
  w.detail := jsonb_build_object('target', target::text)
    || (select jsonb_build_object('taken', coalesce(sum(l.clawed_back), 0)::text, 'pending', coalesce(sum(l.claim), 0)::text)
        from ledger.lot l where l.payment = p.payment)
    || (select jsonb_build_object('owed', coalesce(sum(d.amount), 0)::text)
        from ledger.debt d where d.payment = p.payment and d.cause = 'clawback');
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.clawback_target(p ledger.payment)
 RETURNS bigint
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
declare
  lost numeric := p.refunded + (
    select coalesce(sum(greatest(d.withdrawn - d.reinstated, 0)), 0)
    from unnest(p.dispute_withdrawn, p.dispute_reinstated) as d (withdrawn, reinstated));
begin
  if p.paid = 0 then
    return case when lost > 0 then p.granted else 0 end;
  end if;
  return ceil(p.granted * least(p.paid, lost) / p.paid);
end $function$;

CREATE OR REPLACE FUNCTION ledger.clock()
 RETURNS timestamp with time zone
 LANGUAGE sql
AS $function$ select clock_timestamp() $function$;

CREATE OR REPLACE FUNCTION ledger.close_account(account text, key text, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  w ledger.draft;
  l ledger.lot;
begin
  w := ledger.begin_write(account, 'close_account', key,
    ledger.intent('close_account', reference, metadata::text, ledger.stamp(event_at)), reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  if w.open_holds > 0 then
    return ledger.refuse_for_holds(w);
  end if;
  w.amount := w.total + w.upcoming;
  for l in select * from ledger.lot t where t.account_no = w.account_no and t.live order by t.lot loop
    w := ledger.void_free(w, l);
  end loop;
  w.due_at := 'infinity';
  update ledger.account t set closed_at = w.now where t.account_no = w.account_no;
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.commitment(salt bytea, key text, reference text, metadata jsonb, event_at timestamp with time zone)
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$
  select sha256(salt || convert_to(jsonb_build_array(key, reference, metadata)::text, 'utf8')
    || coalesce(timestamptz_send(event_at), ''))
$function$;

CREATE OR REPLACE FUNCTION ledger.consume_chosen(w ledger.draft)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
begin
  for i in 1 .. cardinality(w.slice_place) loop
    update ledger.lot t
    set remaining = t.remaining - w.slice_amount[i], live = t.remaining - w.slice_amount[i] > 0, consumed = t.consumed + w.slice_amount[i]
    where t.account_no = w.account_no and t.lot = w.slice_place[i];
    w.entry_place := w.entry_place || w.slice_place[i];
    w.entry_amount := w.entry_amount || -w.slice_amount[i];
    w.total := w.total - w.slice_amount[i];
  end loop;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.contra(place bigint)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case place
    when -1 then 'issued' when -2 then 'earned' when -3 then 'expired'
    when -4 then 'voided' when -5 then 'clawed_back' when -6 then 'transferred'
  end
$function$;

CREATE OR REPLACE FUNCTION ledger.count_accounts(account text)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
  select count(*) from ledger.account a where count_accounts.account is null or a.id = count_accounts.account
$function$;

CREATE OR REPLACE FUNCTION ledger.date_words(t timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$ select to_char(t at time zone 'UTC', 'YYYY-MM-DD') $function$;

CREATE OR REPLACE FUNCTION ledger.debt_place(debt bigint)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
AS $function$ select -10 - debt $function$;

CREATE OR REPLACE FUNCTION ledger.draft_of(a ledger.account, request_kind text DEFAULT NULL::text, request_key text DEFAULT NULL::text, intent bytea DEFAULT NULL::bytea, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
begin
  return row(
    a.account_no, a.id, greatest(ledger.clock(), a.last_at), a.last_at, a.last_seq, a.head, a.salt, a.last_place,
    a.total, a.held, a.debt, a.upcoming, a.open_holds, a.due_at, draft_of.request_kind, draft_of.request_key,
    draft_of.intent, draft_of.reference, draft_of.metadata, draft_of.event_at, null, null, null, null, null, null,
    null, '{}', '{}', null, null, null, null, null, null, null, null, null, null, null, null, null, null
  )::ledger.draft;
end $function$;

CREATE OR REPLACE FUNCTION ledger.expire_hold(w ledger.draft, hold bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  h ledger.hold;
begin
  select * into h from ledger.hold t where t.account_no = w.account_no and t.hold = expire_hold.hold;
  w.kind := 'expire_hold';
  w := ledger.resolve_hold(w, h, 0, true, 'expired', 'customer', 0);
  w.amount := w.released - h.released;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.expire_lot(w ledger.draft, lot bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  free bigint;
begin
  select t.remaining - t.held into free from ledger.lot t where t.account_no = w.account_no and t.lot = expire_lot.lot;
  if free = 0 then
    w.kind := null;
    return w;
  end if;
  update ledger.lot t set remaining = t.remaining - free, live = t.remaining - free > 0, expired = t.expired + free
  where t.account_no = w.account_no and t.lot = expire_lot.lot;
  w.kind := 'expire_lot';
  w.amount := free;
  w.total := w.total - free;
  w := ledger.add_entry(w, expire_lot.lot, -free);
  w := ledger.add_entry(w, -3, free);
  w.detail := jsonb_build_object('lot', expire_lot.lot);
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.expire_new_lots(w ledger.draft, first_lot bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  l record;
begin
  for l in
    select t.lot, t.remaining from ledger.lot t
    where t.account_no = w.account_no and t.lot >= first_lot and t.live and t.expires_at <= w.now order by t.lot
  loop
    w := ledger.settle_freed(w, l.lot, l.remaining, 'customer', 0);
  end loop;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.expiry_of(start_at timestamp with time zone, expires_at timestamp with time zone, valid_for interval)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
declare
  result timestamptz := coalesce(expires_at, ((start_at at time zone 'UTC') + valid_for) at time zone 'UTC', 'infinity');
begin
  if result <= start_at and valid_for is not null then
    perform ledger.fail('LG009', 'validFor is longer than nothing', '{"field": "validFor"}');
  end if;
  if result <= start_at then
    perform ledger.fail('LG009', 'a lot expires after it starts', '{"field": "expiresAt"}');
  end if;
  return result;
end $function$;

CREATE OR REPLACE FUNCTION ledger.explain(account text, at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS SETOF ledger.explain_row
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  a ledger.account := ledger.account_of(account);
  t timestamptz;
  last_operation bigint;
begin
  if a.due_at <= ledger.clock() and a.frozen_at is null and current_setting('transaction_read_only') = 'off' then
    perform ledger.book_now(a.account_no, null);
    a := ledger.account_of(account);
  end if;
  t := least(coalesce(explain.at, ledger.clock()), greatest(ledger.clock(), a.last_at));
  last_operation := ledger.operation_at(a, t);
  return query
    with legs as (
      select o.seq, o.at, o.kind, o.reference, e.place, e.amount
      from ledger.operation o cross join lateral unnest(o.entry_place, o.entry_amount) as e (place, amount)
      where o.account_no = a.account_no and o.seq <= last_operation and (e.place > 0 or e.place < -10)
    ), kinds as (
      select g.place, g.kind, sum(g.amount)::bigint as amount, min(g.seq) as seq from legs g group by g.place, g.kind
    ), places as (
      select k.place, sum(k.amount)::bigint as amount, min(k.seq) as seq,
        string_agg(format('%s %s', ledger.kind_words(k.kind), to_char(k.amount, 'FMSG999,999,999,999,990')), ', '
          order by k.seq) as story
      from kinds k group by k.place
    ), pins as (
      select o.hold, sum(p.amount)::bigint as amount, min(o.seq) as seq
      from ledger.operation o cross join lateral unnest(o.pin_amount) as p (amount)
      where o.account_no = a.account_no and o.seq <= last_operation and o.hold is not null
      group by o.hold having sum(p.amount) <> 0
    )
    select x.at, x.amount, x.words from (
    select o.seq, o.at, case when l.effective_at > t then 0 else p.amount end as amount,
      format('lot %s (%s%s, from %s%s): %s', l.lot, l.class, coalesce(', ' || o.reference, ''),
        ledger.date_words(l.effective_at),
        case when l.expires_at < 'infinity' then ' to ' || ledger.date_words(l.expires_at) else ', never expires' end,
        p.story)
      || case when l.effective_at > t then format('; %s not started yet', p.amount) else '' end as words
    from places p
    join ledger.lot l on l.account_no = a.account_no and l.lot = p.place
    join ledger.operation o on o.account_no = a.account_no and o.seq = p.seq
    union all
    select o.seq, o.at, p.amount, format('debt %s (%s%s): %s', d.debt, d.cause, coalesce(' of ' || d.payment, ''), p.story)
    from places p
    join ledger.debt d on d.account_no = a.account_no and d.debt = -10 - p.place
    join ledger.operation o on o.account_no = a.account_no and o.seq = p.seq
    where p.amount <> 0
    union all
    select o.seq, o.at, -p.amount, format('hold %s%s pins %s', p.hold, coalesce(' (' || o.reference || ')', ''), p.amount)
    from pins p join ledger.operation o on o.account_no = a.account_no and o.seq = p.seq
    ) x order by x.seq, x.words;
end $function$;

CREATE OR REPLACE FUNCTION ledger.extend_hold(account text, key text, hold bigint, lease_seconds bigint, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  w ledger.draft;
  h ledger.hold;
begin
  checked := ledger.check_range(lease_seconds, 'leaseSeconds', 1, 31536000);
  w := ledger.begin_write(account, 'extend_hold', key,
    ledger.intent('extend_hold', hold::text, lease_seconds::text, reference, metadata::text, ledger.stamp(event_at)),
    reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  h := ledger.hold_of(w, hold);
  if h.state <> 'open' then
    return ledger.refuse(w, ledger.refusal_for_state(w, h));
  end if;
  w.hold := h.hold;
  w.amount := 0;
  w.hold_amount := h.amount;
  w.hold_state := 'open';
  w.captured := h.captured;
  w.released := h.released;
  w.lease_until := greatest(h.lease_until, w.now + make_interval(secs => lease_seconds));
  update ledger.hold t
  set lease_until = w.lease_until, late_until = w.lease_until + (h.late_until - h.lease_until)
  where t.account_no = w.account_no and t.hold = h.hold;
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.fail(state text, message text, data jsonb DEFAULT '{}'::jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  raise exception using errcode = state, message = message, detail = data::text;
end $function$;

CREATE OR REPLACE FUNCTION ledger.finish(w ledger.draft)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
AS $function$
declare
  saved boolean;
begin
  w := ledger.append(w);
  saved := ledger.save_account(w);
  return ledger.outcome_of(w, false);
end $function$;

CREATE OR REPLACE FUNCTION ledger.forecast(account text, until timestamp with time zone)
 RETURNS SETOF ledger.forecast_row
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  a ledger.account := ledger.account_of(account);
  now_at timestamptz := greatest(ledger.clock(), a.last_at);
  e record;
  r ledger.forecast_row;
begin
  for e in
    select l.effective_at as at, 'start_lot' as kind, l.lot, null::bigint as hold, l.remaining as amount
    from ledger.lot l
    where l.account_no = a.account_no and l.live and not l.started and l.effective_at > now_at and l.effective_at <= until
    union all
    select h.lease_until, 'expire_hold', null, h.hold, h.amount - h.captured
    from ledger.hold h
    where h.account_no = a.account_no and h.state = 'open' and h.lease_until > now_at and h.lease_until <= until
      and a.frozen_at is null
    union all
    select l.expires_at, 'expire_lot', l.lot, null, null
    from ledger.lot l
    where l.account_no = a.account_no and l.live and l.expires_at > now_at and l.expires_at <= until
    order by 1, 2, 3, 4
    limit 500
  loop
    r := row(e.at, e.kind, e.lot, e.hold, e.amount, 0, 0, a.debt, 0);
    if e.kind = 'expire_lot' then
      select v.expired - l.expired into r.amount
      from ledger.lots_at(a.account_no, e.at) v join ledger.lot l on l.account_no = a.account_no and l.lot = v.lot
      where v.lot = e.lot;
    end if;
    select coalesce(sum(v.remaining) filter (where v.started), 0), coalesce(sum(v.held), 0),
      coalesce(sum(v.remaining) filter (where not v.started), 0)
    into r.total, r.held, r.upcoming
    from ledger.lots_at(a.account_no, e.at) v;
    return next r;
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION ledger.heads(account text, after bigint, most bigint)
 RETURNS SETOF ledger.head_row
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
  select a.account_no, a.id, a.last_seq, a.last_at, encode(a.head, 'hex')
  from ledger.account a
  where a.account_no > heads.after and (heads.account is null or a.id = heads.account)
  order by a.account_no limit least(most, 10000)
$function$;

CREATE OR REPLACE FUNCTION ledger.hold(account text, hold bigint)
 RETURNS ledger.hold_row
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  a ledger.account := ledger.account_of(account);
  h ledger.hold;
begin
  select * into h from ledger.hold t where t.account_no = a.account_no and t.hold = hold.hold;
  if not found then
    perform ledger.fail('LG007', 'no such hold in this account', jsonb_build_object('hold', hold::text));
  end if;
  return ledger.hold_row_of(h, a, greatest(ledger.clock(), a.last_at));
end $function$;

CREATE OR REPLACE FUNCTION ledger.hold_of(w ledger.draft, hold bigint)
 RETURNS ledger.hold
 LANGUAGE plpgsql
AS $function$
declare
  h ledger.hold;
begin
  select * into h from ledger.hold t where t.account_no = w.account_no and t.hold = hold_of.hold;
  if not found then
    perform ledger.fail('LG007', 'no such hold in this account', jsonb_build_object('hold', hold_of.hold::text));
  end if;
  return h;
end $function$;

CREATE OR REPLACE FUNCTION ledger.hold_planned(w ledger.draft, late_seconds bigint, over_capture text)
 RETURNS ledger.hold
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  return row(
    w.account_no, w.hold, w.hold_amount, 0, 0, 0, 'open', hold_planned.over_capture, false, false, w.lease_until,
    w.lease_until + make_interval(secs => late_seconds), w.now, null, w.slice_place, w.slice_amount,
    array_fill(0::bigint, array[cardinality(w.slice_place)]), null
  )::ledger.hold;
end $function$;

CREATE OR REPLACE FUNCTION ledger.hold_resolved(w ledger.draft, h ledger.hold)
 RETURNS ledger.hold
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  h.captured := w.captured;
  h.released := w.released;
  h.state := w.hold_state;
  for i in 1 .. cardinality(h.slice_place) loop
    h.slice_captured[i] := h.slice_captured[i] + w.slice_take[i];
  end loop;
  if h.state <> 'open' then
    h.closed_at := w.at;
  end if;
  return h;
end $function$;

CREATE OR REPLACE FUNCTION ledger.hold_row_of(h ledger.hold, a ledger.account, t timestamp with time zone)
 RETURNS ledger.hold_row
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  r ledger.hold_row;
begin
  if h.state = 'open' and h.lease_until <= t and a.frozen_at is null then
    h.state := 'expired';
    h.released := h.amount - h.captured;
    h.closed_at := h.lease_until;
  end if;
  select o.key, o.reference into r.key, r.reference
  from ledger.operation o where o.account_no = h.account_no and o.seq = h.hold;
  return row(h.hold, h.amount, h.captured, h.released, h.refunded, h.state, h.over_capture, h.direct, h.late,
    h.lease_until, h.late_until, h.placed_at, h.closed_at, r.key, r.reference, h.slice_place, h.slice_amount);
end $function$;

CREATE OR REPLACE FUNCTION ledger.holds(account text, state text DEFAULT NULL::text, most bigint DEFAULT 100)
 RETURNS SETOF ledger.hold_row
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  a ledger.account := ledger.account_of(account);
  t timestamptz := greatest(ledger.clock(), a.last_at);
  h ledger.hold;
  r ledger.hold_row;
  found_count bigint := 0;
begin
  checked := ledger.check_range(most, 'limit', 1, 1000);
  for h in
    select * from ledger.hold x
    where x.account_no = a.account_no and (holds.state is distinct from 'open' or x.state = 'open')
    order by x.hold desc
  loop
    r := ledger.hold_row_of(h, a, t);
    if holds.state is null or r.state = holds.state then
      return next r;
      found_count := found_count + 1;
      exit when found_count = most;
    end if;
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION ledger.intent(VARIADIC parts text[])
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$ select substring(sha256(convert_to(parts::text, 'utf8')) for 16) $function$;

CREATE OR REPLACE FUNCTION ledger.is_stored(w ledger.draft)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$ select w.stored_seq is not null or w.refusal_code is not null $function$;

CREATE OR REPLACE FUNCTION ledger.item_done(n integer, outcome ledger.outcome)
 RETURNS ledger.item_result
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
declare
  r ledger.item_result;
begin
  r.n := item_done.n;
  r.outcome := item_done.outcome;
  return r;
end $function$;

CREATE OR REPLACE FUNCTION ledger.item_error(n integer, state text, message text, data jsonb)
 RETURNS ledger.item_result
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
declare
  r ledger.item_result;
begin
  r.n := item_error.n;
  r.error_state := state;
  r.error_message := message;
  r.error_data := data;
  return r;
end $function$;

CREATE OR REPLACE FUNCTION ledger.item_intent(i ledger.item)
 RETURNS bytea
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  if i.kind = 'place_hold' then
    return ledger.place_hold_intent(i.amount, i.lease_seconds, i.late_seconds, i.over_capture, i.reference, i.metadata,
      i.event_at);
  elsif i.kind = 'capture' then
    return ledger.capture_intent(i.hold, i.amount, i.final, i.fault, i.grace_seconds, i.reference, i.metadata, i.event_at);
  end if;
  return ledger.release_intent(i.hold, i.fault, i.grace_seconds, i.reference, i.metadata, i.event_at);
end $function$;

CREATE OR REPLACE FUNCTION ledger.kind_words(kind text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case kind
    when 'grant' then 'granted' when 'capture' then 'captured' when 'charge' then 'charged' when 'refund' then 'refunded'
    when 'expire_lot' then 'expired' when 'expire_hold' then 'expired with a hold' when 'release' then 'moved on release'
    when 'void_lot' then 'voided' when 'change_expiry' then 'expired' when 'clawback' then 'clawed back'
    when 'repay' then 'repaid' when 'merge_in' then 'merged in' when 'merge_out' then 'merged out'
    when 'close_account' then 'voided' else kind
  end
$function$;

CREATE OR REPLACE FUNCTION ledger.learn(p ledger.payment, refunded bigint, dispute text, withdrawn bigint, reinstated bigint)
 RETURNS ledger.payment
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
declare
  checked boolean;
  n int := array_position(p.dispute, learn.dispute);
begin
  p.refunded := greatest(p.refunded, learn.refunded);
  if learn.dispute is null then
    return p;
  end if;
  if n is null then
    p.dispute := p.dispute || learn.dispute;
    n := cardinality(p.dispute);
    checked := ledger.check_range(n, 'disputes of one payment', 1, 100);
  end if;
  p.dispute_withdrawn[n] := greatest(p.dispute_withdrawn[n], withdrawn);
  p.dispute_reinstated[n] := greatest(p.dispute_reinstated[n], reinstated);
  return p;
end $function$;

CREATE OR REPLACE FUNCTION ledger.link(previous bytea, o ledger.operation, text_commitment bytea)
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$
  select sha256(previous || ledger.message_of(o.account_no, o.seq, o.at, o.amount, o.hold, o.entry_place, o.entry_amount,
    o.pin_lot, o.pin_amount, o.total, o.held, o.debt, o.upcoming, o.hold_amount, o.captured, o.released, o.lease_until,
    o.intent, text_commitment, o.kind, o.hold_state, o.detail))
$function$;

CREATE OR REPLACE FUNCTION ledger.lock_for_batch(account_id text[])
 RETURNS ledger.account[]
 LANGUAGE plpgsql
AS $function$
declare
  -- in one order, so that two batches never wait for each other in a circle
  accounts ledger.account[] := array(
    select t from ledger.account t where t.id = any (account_id) order by t.id for update);
  a ledger.account;
  w ledger.draft;
  saved boolean;
begin
  for k in 1 .. cardinality(accounts) loop
    a := accounts[k];
    if a.frozen_at is null and a.closed_at is null and a.due_at <= greatest(ledger.clock(), a.last_at) then
      w := ledger.book_due(ledger.draft_of(a), null);
      saved := ledger.save_account(w);
      select * into a from ledger.account t where t.account_no = a.account_no;
      accounts[k] := a;
    end if;
  end loop;
  return accounts;
end $function$;

CREATE OR REPLACE FUNCTION ledger.lot_of(w ledger.draft, lot bigint)
 RETURNS ledger.lot
 LANGUAGE plpgsql
AS $function$
declare
  l ledger.lot;
begin
  select * into l from ledger.lot t where t.account_no = w.account_no and t.lot = lot_of.lot;
  if not found then
    perform ledger.fail('LG008', 'no such lot in this account', jsonb_build_object('lot', lot_of.lot::text));
  end if;
  return l;
end $function$;

CREATE OR REPLACE FUNCTION ledger.lots(account text, every boolean DEFAULT false)
 RETURNS SETOF ledger.lot_row
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  a ledger.account := ledger.account_of(account);
  t timestamptz := greatest(ledger.clock(), a.last_at);
begin
  return query
    select l.lot,
      case when l.voided_at is not null then 'voided' when l.effective_at > t then 'upcoming'
        when l.expires_at <= t then 'expired' when coalesce(v.remaining, 0) = 0 then 'spent' else 'live' end,
      l.class, l.priority, l.granted, coalesce(v.remaining, 0), coalesce(v.held, 0), l.consumed, l.refunded,
      coalesce(v.expired, l.expired), coalesce(v.voided, l.voided), coalesce(v.clawed_back, l.clawed_back), l.moved,
      l.effective_at, l.expires_at, l.payment, l.root_lot, o.reference, o.at
    from ledger.lot l
    left join ledger.lots_at(a.account_no, t) v on v.lot = l.lot
    join ledger.operation o on o.account_no = l.account_no and o.seq = l.created_seq
    where l.account_no = a.account_no and (every or l.live) and (every or v.remaining > 0)
    order by case when every then -l.lot end, l.effective_at > t, l.priority, l.expires_at, l.class = 'paid',
      l.effective_at, l.lot
    limit 1000;
end $function$;

CREATE OR REPLACE FUNCTION ledger.lots_at(account_no bigint, t timestamp with time zone)
 RETURNS TABLE(lot bigint, started boolean, remaining bigint, held bigint, expired bigint, voided bigint, clawed_back bigint)
 LANGUAGE sql
 STABLE
AS $function$
  with freed as (
    select s.lot, sum(s.amount - s.captured)::bigint as amount
    from ledger.hold h, ledger.account a, unnest(h.slice_place, h.slice_amount, h.slice_captured) as s (lot, amount, captured)
    where h.account_no = lots_at.account_no and h.state = 'open' and h.lease_until <= lots_at.t
      and a.account_no = h.account_no and a.frozen_at is null
    group by s.lot
  ), settled as (
    select l.*, coalesce(f.amount, 0) as freed,
      least(coalesce(f.amount, 0), l.claim) as claw_now,
      case when l.voided_at is not null then greatest(coalesce(f.amount, 0) - l.claim, 0) else 0 end as void_now
    from ledger.lot l left join freed f on f.lot = l.lot
    where l.account_no = lots_at.account_no and l.live
  ), lapsed as (
    select s.*, s.held - s.freed as held_then, s.remaining - s.void_now - s.claw_now as left_then,
      s.expires_at <= lots_at.t as over
    from settled s
  )
  select p.lot, p.started or p.effective_at <= lots_at.t,
    case when p.over then p.held_then else p.left_then end, p.held_then,
    p.expired + case when p.over then p.left_then - p.held_then else 0 end,
    p.voided + p.void_now, p.clawed_back + p.claw_now
  from lapsed p
$function$;

CREATE OR REPLACE FUNCTION ledger.merge(source text, target text, key text, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS SETOF ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  f ledger.draft;
  t ledger.draft;
  l ledger.lot;
  d ledger.debt;
  intent bytea := ledger.intent('merge', source, target, reference, metadata::text, ledger.stamp(event_at));
begin
  if source = target then
    perform ledger.fail('LG009', 'an account is not merged with itself', '{"field": "into"}');
  end if;
  perform from ledger.account a where a.id in (source, target) order by a.id for update;
  f := ledger.begin_write(source, 'merge_out', key, intent, reference, metadata, event_at);
  t := ledger.begin_write(target, 'merge_in', key, intent, reference, metadata, event_at);
  if ledger.is_stored(f) then
    return next ledger.stored_outcome(f);
    return next ledger.stored_outcome(t);
    return;
  end if;
  if (select count(distinct a.unit) from ledger.account a where a.account_no in (f.account_no, t.account_no)) > 1 then
    perform ledger.fail('LG010', 'the accounts count different units', jsonb_build_object('account', target));
  end if;
  if f.open_holds > 0 then
    return next ledger.refuse_for_holds(f);
    return next ledger.refuse_for_holds(t);
    return;
  end if;

  -- both happen at the same instant
  f.at := greatest(f.at, t.at);
  t.at := f.at;
  t.now := f.at;
  f.detail := jsonb_build_object('credit', (f.total + f.upcoming)::text, 'debt', f.debt::text, 'account', t.account_no::text);
  t.detail := jsonb_build_object('credit', (f.total + f.upcoming)::text, 'debt', f.debt::text, 'account', f.account_no::text);
  f.amount := f.total + f.upcoming;
  t.amount := f.amount;
  for l in select * from ledger.lot x where x.account_no = f.account_no and x.live order by x.lot loop
    update ledger.lot x set remaining = 0, live = false, moved = x.moved + l.remaining
    where x.account_no = l.account_no and x.lot = l.lot;
    f := ledger.add_left(f, l.started, -l.remaining);
    f := ledger.add_entry(f, l.lot, -l.remaining);
    t := ledger.new_lot(t, l.remaining, l.class, l.priority, l.effective_at, l.expires_at, l.payment, null,
      l.root_expires_at);
  end loop;
  for d in select * from ledger.debt x where x.account_no = f.account_no and x.open > 0 order by x.debt loop
    update ledger.debt x set amount = x.amount - d.open, open = 0 where x.account_no = d.account_no and x.debt = d.debt;
    f.debt := f.debt - d.open;
    f := ledger.add_entry(f, ledger.debt_place(d.debt), d.open);
    t := ledger.new_debt(t, d.open, d.cause, null, d.payment);
  end loop;
  f := ledger.add_entry(f, -6, (t.detail ->> 'credit')::bigint - (t.detail ->> 'debt')::bigint);
  t := ledger.add_entry(t, -6, (t.detail ->> 'debt')::bigint - (t.detail ->> 'credit')::bigint);
  f.due_at := 'infinity';
  update ledger.payment p set account_no = t.account_no where p.account_no = f.account_no;
  update ledger.account a set closed_at = f.at, merged_into = t.account_no where a.account_no = f.account_no;
  return next ledger.finish(f);
  return next ledger.finish(t);
end $function$;

CREATE OR REPLACE FUNCTION ledger.message_of(account_no bigint, seq bigint, at timestamp with time zone, amount bigint, hold bigint, entry_place bigint[], entry_amount bigint[], pin_lot bigint[], pin_amount bigint[], total bigint, held bigint, debt bigint, upcoming bigint, hold_amount bigint, captured bigint, released bigint, lease_until timestamp with time zone, intent bytea, text_commitment bytea, kind text, hold_state text, detail jsonb)
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$
  select int8send(account_no) || int8send(seq) || timestamptz_send(at)
    || int8send(amount) || int8send(coalesce(hold, 0)) || array_send(entry_place) || array_send(entry_amount)
    || coalesce(array_send(pin_lot) || array_send(pin_amount), '')
    || int8send(total) || int8send(held) || int8send(debt) || int8send(upcoming)
    || int8send(coalesce(hold_amount, -1)) || int8send(coalesce(captured, -1)) || int8send(coalesce(released, -1))
    || coalesce(timestamptz_send(lease_until), '') || coalesce(intent, '') || text_commitment
    || convert_to(concat_ws('|', kind, hold_state, detail::text), 'utf8')
$function$;

CREATE OR REPLACE FUNCTION ledger.new_debt(w ledger.draft, amount bigint, cause text, hold bigint, payment text)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
begin
  w.last_place := w.last_place + 1;
  insert into ledger.debt (account_no, debt, cause, hold, payment, amount, open, created_seq)
  values (w.account_no, w.last_place, new_debt.cause, new_debt.hold, new_debt.payment, new_debt.amount,
    new_debt.amount, w.last_seq + 1);
  w.debt := w.debt + new_debt.amount;
  return ledger.add_entry(w, ledger.debt_place(w.last_place), -new_debt.amount);
end $function$;

CREATE OR REPLACE FUNCTION ledger.new_lot(w ledger.draft, amount bigint, class text, priority integer, effective_at timestamp with time zone, expires_at timestamp with time zone, payment text, root_lot bigint, root_expires_at timestamp with time zone)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  starts boolean := new_lot.effective_at <= w.at;
begin
  w.last_place := w.last_place + 1;
  insert into ledger.lot (account_no, lot, class, priority, effective_at, expires_at, started, granted, remaining,
    live, payment, root_lot, root_expires_at, created_seq)
  values (w.account_no, w.last_place, new_lot.class, new_lot.priority, new_lot.effective_at, new_lot.expires_at, starts,
    new_lot.amount, new_lot.amount, new_lot.amount > 0, new_lot.payment, coalesce(new_lot.root_lot, w.last_place),
    coalesce(new_lot.root_expires_at, new_lot.expires_at), w.last_seq + 1);
  w := ledger.add_left(w, starts, new_lot.amount);
  w := ledger.add_entry(w, w.last_place, new_lot.amount);
  w.due_at := least(w.due_at, case when starts then new_lot.expires_at else new_lot.effective_at end);
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.next_draft(w ledger.draft)
 RETURNS ledger.draft
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  w.hold := null;
  w.entry_place := '{}';
  w.entry_amount := '{}';
  w.pin_lot := null;
  w.pin_amount := null;
  w.hold_amount := null;
  w.hold_state := null;
  w.captured := null;
  w.released := null;
  w.lease_until := null;
  w.detail := null;
  w.slice_place := null;
  w.slice_amount := null;
  w.slice_take := null;
  w.slice_free := null;
  w.replacements := null;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.next_link(link bytea, head bytea, message bytea)
 RETURNS bytea
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  return sha256(coalesce(link, head) || message);
end $function$;

CREATE OR REPLACE FUNCTION ledger.next_operation(w ledger.draft)
 RETURNS ledger.operation
 LANGUAGE plpgsql
AS $function$
declare
  o ledger.operation;
  -- what the ledger books by itself has no key
  asked boolean := w.kind = w.request_kind;
begin
  if w.held < 0 or w.held > w.total or w.debt < 0 or w.upcoming < 0 then
    perform ledger.fail('LG015', 'this would break the books', jsonb_build_object('account', w.account_id));
  end if;
  -- one expression for the whole row: each expression of a function is prepared anew in every transaction
  o := row(
    w.account_no, w.last_seq + 1, greatest(w.at, w.last_at), pg_current_xact_id(), w.kind,
    case when asked then w.request_key end, case when asked then w.intent end, w.hold, w.amount, w.entry_place,
    w.entry_amount, w.pin_lot, w.pin_amount, w.total, w.held, w.debt, w.upcoming, w.hold_amount, w.hold_state,
    w.captured, w.released, w.lease_until, w.detail, case when asked then w.reference end,
    case when asked then w.metadata end, case when asked then w.event_at end, null, null
  )::ledger.operation;
  o.hash := ledger.link(w.head, o, ledger.commitment(w.salt, o.key, o.reference, o.metadata, o.event_at));
  return o;
end $function$;

CREATE OR REPLACE FUNCTION ledger.open_account(account text, unit text DEFAULT 'credit'::text, key text DEFAULT 'ledger:open'::text, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  a ledger.account;
  w ledger.draft;
  opened_at timestamptz := ledger.clock();
begin
  checked := ledger.check_text(account, 'account', 200)
    and ledger.check_text(unit, 'unit', 40);
  insert into ledger.account (id, unit, opened_at, last_at, head, salt)
  values (account, unit, opened_at, opened_at, '', uuid_send(gen_random_uuid()))
  on conflict (id) do nothing returning * into a;
  if not found then
    select * into a from ledger.account t where t.id = account;
    if a.unit <> unit then
      perform ledger.fail('LG010', 'this account counts another unit',
        jsonb_build_object('account', a.id, 'unit', a.unit));
    end if;
    -- opening again is no second operation, whatever its key
    select * into w from ledger.draft_of(a);
    w.stored_seq := 1;
    return ledger.stored_outcome(w);
  end if;
  update ledger.account t set head = sha256(int8send(t.account_no)) where t.account_no = a.account_no;
  w := ledger.begin_write(account, 'open_account', key, ledger.intent('open_account', unit), reference, metadata,
    event_at);
  w.amount := 0;
  w.detail := jsonb_build_object('unit', unit);
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.operation_at(a ledger.account, t timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  low bigint := 0;
  high bigint := a.last_seq;
  middle bigint;
begin
  if a.last_at <= t then
    return a.last_seq;
  end if;
  while low < high loop
    middle := (low + high + 1) / 2;
    if (select o.at from ledger.operation o where o.account_no = a.account_no and o.seq = middle) <= t then
      low := middle;
    else
      high := middle - 1;
    end if;
  end loop;
  return low;
end $function$;

CREATE OR REPLACE FUNCTION ledger.operations(after text DEFAULT NULL::text, most bigint DEFAULT 100)
 RETURNS TABLE(account text, cursor text, seq bigint, at timestamp with time zone, kind text, key text, amount bigint, hold bigint, reference text, metadata jsonb, event_at timestamp with time zone, total bigint, held bigint, debt bigint, upcoming bigint, entry_place bigint[], entry_amount bigint[])
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  parts text[] := string_to_array(coalesce(nullif(after, ''), '0:0:0'), ':');
begin
  checked := ledger.check_range(most, 'limit', 1, 10000);
  if cardinality(parts) <> 3 or coalesce(after, '') !~ '^([0-9]{1,19}:[0-9]{1,18}:[0-9]{1,18})?$' then
    perform ledger.fail('LG009', 'this cursor is none of ours', '{"field": "after"}');
  end if;
  return query
    select a.id, format('%s:%s:%s', o.tx, o.account_no, o.seq), o.seq, o.at, o.kind, o.key, o.amount, o.hold,
      o.reference, o.metadata, o.event_at, o.total, o.held, o.debt, o.upcoming, o.entry_place, o.entry_amount
    from ledger.operation o join ledger.account a on a.account_no = o.account_no
    where o.tx >= parts[1]::xid8 and (o.tx, o.account_no, o.seq) > (parts[1]::xid8, parts[2]::bigint, parts[3]::bigint)
      and o.tx < pg_snapshot_xmin(pg_current_snapshot())
    order by o.tx, o.account_no, o.seq
    limit most;
end $function$;

CREATE OR REPLACE FUNCTION ledger.outcome_of(w ledger.draft, replayed boolean)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  return row(
    w.account_id, w.last_seq, w.kind, w.at, outcome_of.replayed, null, null, w.amount, w.total, w.held, w.debt, w.upcoming,
    w.hold, w.hold_amount, w.hold_state, w.captured, w.released, w.lease_until,
    case w.kind when 'place_hold' then w.pin_lot else w.entry_place end,
    case w.kind when 'place_hold' then w.pin_amount else w.entry_amount end,
    w.detail
  )::ledger.outcome;
end $function$;

CREATE OR REPLACE FUNCTION ledger.payer_of(account text, payment text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  a ledger.account := ledger.account_of(account);
  payer bigint;
begin
  select p.account_no into payer from ledger.payment p where p.payment = payer_of.payment;
  while a.account_no <> payer and a.merged_into is not null loop
    select * into a from ledger.account t where t.account_no = a.merged_into;
  end loop;
  if a.account_no is distinct from payer then
    perform ledger.fail('LG011', 'no such payment in this account', jsonb_build_object('payment', payment));
  end if;
  return a.id;
end $function$;

CREATE OR REPLACE FUNCTION ledger.payment_account(payment text)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select a.id from ledger.payment p join ledger.account a using (account_no) where p.payment = payment_account.payment
$function$;

CREATE OR REPLACE FUNCTION ledger.place_hold(account text, key text, amount bigint, lease_seconds bigint, late_seconds bigint DEFAULT 3600, over_capture text DEFAULT 'reject'::text, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  number bigint;
  now timestamptz;
  next_seq bigint;
  link bytea;
  salt bytea;
  total bigint;
  held bigint;
  upcoming bigint;
  due_at timestamptz;
  place bigint;
  lease_until timestamptz;
  intent bytea;
begin
  if amount between 1 and 1000000000000000 and lease_seconds between 1 and 31536000
    and late_seconds between 0 and 31536000 and over_capture in ('reject', 'cap') and length(key) between 1 and 200
    and coalesce(length(reference), 0) <= 200
    and (metadata is null or jsonb_typeof(metadata) = 'object' and length(metadata::text) <= 8192) then
    select t.account_no, t.last_at, t.last_seq + 1, t.head, t.salt, t.total, t.held, t.upcoming, t.due_at
    into number, now, next_seq, link, salt, total, held, upcoming, due_at
    from ledger.account t
    where t.id = place_hold.account and t.frozen_at is null and t.closed_at is null and t.debt = 0
    for update;
    now := greatest(ledger.clock(), now);
    if amount <= total - held and due_at > now then
      select case when t.remaining - t.held >= amount
          and not exists (select from ledger.operation o where o.account_no = number and o.key = place_hold.key)
          and not exists (select from ledger.refusal r where r.account_no = number and r.key = place_hold.key)
        then t.lot end
      into place
      from ledger.lot t
      where t.account_no = number and t.live and t.started and t.remaining > t.held
      order by t.priority, t.expires_at, t.class = 'paid', t.effective_at, t.lot limit 1;
      if place is not null then
        lease_until := now + make_interval(secs => lease_seconds);
        intent := ledger.place_hold_intent(amount, lease_seconds, late_seconds, over_capture, reference, metadata,
          event_at);
        link := sha256(link || ledger.message_of(number, next_seq, now, amount, next_seq, '{}', '{}', array[place],
          array[amount], total, held + amount, 0, upcoming, amount, 0, 0, lease_until, intent,
          ledger.commitment(salt, key, reference, metadata, event_at), 'place_hold', 'open', null));
        with pinned as (
          update ledger.lot t set held = t.held + amount where t.account_no = number and t.lot = place
        ), placed as (
          insert into ledger.hold (account_no, hold, amount, state, over_capture, lease_until, late_until, placed_at,
            slice_place, slice_amount, slice_captured)
          values (number, next_seq, amount, 'open', over_capture, lease_until,
            lease_until + make_interval(secs => late_seconds), now, array[place], array[amount], '{0}')
        ), written as (
          insert into ledger.operation (account_no, seq, at, kind, key, intent, hold, amount, entry_place, entry_amount,
            pin_lot, pin_amount, total, held, debt, upcoming, hold_amount, hold_state, captured, released, lease_until,
            reference, metadata, event_at, hash)
          values (number, next_seq, now, 'place_hold', key, intent, next_seq, amount, '{}', '{}', array[place],
            array[amount], total, held + amount, 0, upcoming, amount, 'open', 0, 0, lease_until, reference, metadata,
            event_at, link)
        )
        update ledger.account t set last_at = now, last_seq = next_seq, head = link, held = t.held + amount,
          open_holds = t.open_holds + 1, due_at = least(t.due_at, lease_until)
        where t.account_no = number;
        return row(account, next_seq, 'place_hold', now, false, null, null, amount, total, held + amount, 0, upcoming,
          next_seq, amount, 'open', 0, 0, lease_until, array[place], array[amount], null)::ledger.outcome;
      end if;
    end if;
  end if;
  return ledger.place_hold_generally(account, key, amount, lease_seconds, late_seconds, over_capture, reference, metadata,
    event_at);
end $function$;

CREATE OR REPLACE FUNCTION ledger.place_hold_generally(account text, key text, amount bigint, lease_seconds bigint, late_seconds bigint DEFAULT 3600, over_capture text DEFAULT 'reject'::text, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
AS $function$
declare
  checked boolean;
  w ledger.draft;
  h ledger.hold;
begin
  checked := ledger.check_amount(amount)
    and ledger.check_range(lease_seconds, 'leaseSeconds', 1, 31536000)
    and ledger.check_range(late_seconds, 'lateSeconds', 0, 31536000)
    and ledger.check_choice(over_capture, 'overCapture', '{reject,cap}');
  w := ledger.begin_write(account, 'place_hold', key,
    ledger.place_hold_intent(amount, lease_seconds, late_seconds, over_capture, reference, metadata, event_at),
    reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  if amount > w.total - w.held - w.debt and amount > 0 then
    return ledger.refuse(w, ledger.refusal_for_credit(w, amount));
  end if;
  w := ledger.choose(w, amount);
  if w.short > 0 then
    perform ledger.fail('LG015', 'the lots hold less than the balance', jsonb_build_object('account', w.account_id));
  end if;
  for i in 1 .. cardinality(w.slice_place) loop
    update ledger.lot t set held = t.held + w.slice_amount[i]
    where t.account_no = w.account_no and t.lot = w.slice_place[i];
  end loop;
  w := ledger.plan_hold(w, amount, lease_seconds);
  h := ledger.hold_planned(w, late_seconds, over_capture);
  insert into ledger.hold values (h.*);
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.place_hold_intent(amount bigint, lease_seconds bigint, late_seconds bigint, over_capture text, reference text, metadata jsonb, event_at timestamp with time zone)
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$
  select substring(sha256(convert_to(array['place_hold', amount::text, lease_seconds::text, late_seconds::text, over_capture,
    reference, metadata::text, encode(timestamptz_send(event_at), 'hex')]::text, 'utf8')) for 16)
$function$;

CREATE OR REPLACE FUNCTION ledger.plan_hold(w ledger.draft, amount bigint, lease_seconds bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  w.held := w.held + amount;
  w.open_holds := w.open_holds + 1;
  w.amount := amount;
  w.hold := w.last_seq + 1;
  w.hold_amount := amount;
  w.hold_state := 'open';
  w.captured := 0;
  w.released := 0;
  w.lease_until := w.now + make_interval(secs => lease_seconds);
  w.due_at := least(w.due_at, w.lease_until);
  w.pin_lot := w.slice_place;
  w.pin_amount := w.slice_amount;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.plan_resolution(w ledger.draft, h ledger.hold, take bigint, final boolean, end_state text)
 RETURNS ledger.draft
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
declare
  need bigint := take;
  rest bigint;
  part bigint;
  freed bigint := 0;
begin
  w.slice_place := h.slice_place;
  w.slice_take := '{}';
  w.slice_free := '{}';
  w.pin_lot := '{}';
  w.pin_amount := '{}';
  for i in 1 .. cardinality(h.slice_place) loop
    rest := h.slice_amount[i] - h.slice_captured[i];
    part := least(need, rest);
    need := need - part;
    rest := case when final then rest - part else 0 end;
    freed := freed + rest;
    w.slice_take := w.slice_take || part;
    w.slice_free := w.slice_free || rest;
    if part > 0 then
      w.entry_place := w.entry_place || h.slice_place[i];
      w.entry_amount := w.entry_amount || -part;
    end if;
    if part + rest > 0 then
      w.pin_lot := w.pin_lot || h.slice_place[i];
      w.pin_amount := w.pin_amount || -(part + rest);
    end if;
  end loop;
  if take > 0 then
    w.entry_place := w.entry_place || -2::bigint;
    w.entry_amount := w.entry_amount || take;
  end if;
  w.total := w.total - take;
  w.held := w.held - take - freed;
  if final then
    w.open_holds := w.open_holds - 1;
  end if;
  w.hold := h.hold;
  w.hold_amount := h.amount;
  w.hold_state := case when final then end_state else 'open' end;
  w.captured := h.captured + take;
  w.released := h.released + freed;
  w.lease_until := h.lease_until;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.prune_refusals(before timestamp with time zone, most bigint DEFAULT 10000)
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
  with pruned as (
    delete from ledger.refusal r
    where (r.account_no, r.key) in (
      select o.account_no, o.key from ledger.refusal o where o.at < before order by o.at limit most)
    returning 1
  )
  select count(*) from pruned
$function$;

CREATE OR REPLACE FUNCTION ledger.refund(account text, key text, hold bigint, amount bigint DEFAULT NULL::bigint, fault text DEFAULT 'customer'::text, grace_seconds bigint DEFAULT 604800, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  w ledger.draft;
  h ledger.hold;
  give bigint;
  part bigint;
begin
  if amount is not null then
    checked := ledger.check_amount(amount);
  end if;
  checked := ledger.check_fault(fault, grace_seconds);
  w := ledger.begin_write(account, 'refund', key,
    ledger.intent('refund', hold::text, amount::text, fault, grace_seconds::text, reference, metadata::text,
      ledger.stamp(event_at)),
    reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  h := ledger.hold_of(w, hold);
  if amount > h.captured - h.refunded then
    return ledger.refuse(w, ledger.refusal_of(w, 'over_refund', jsonb_build_object('hold', h.hold::text,
      'amount', amount::text, 'captured', h.captured::text, 'refunded', h.refunded::text)));
  end if;

  give := coalesce(amount, h.captured - h.refunded);
  w.amount := give;
  w.hold := h.hold;
  w.hold_amount := h.amount;
  w.hold_state := h.state;
  w.captured := h.captured;
  w.released := h.released;
  w.lease_until := h.lease_until;
  w := ledger.add_entry(w, -2, -give);
  h.slice_refunded := coalesce(h.slice_refunded, '{}');
  for i in cardinality(h.slice_refunded) + 1 .. cardinality(h.slice_place) loop
    h.slice_refunded := h.slice_refunded || 0::bigint;
  end loop;
  for i in reverse cardinality(h.slice_place) .. 1 loop
    part := least(give, h.slice_captured[i] - h.slice_refunded[i]);
    continue when part = 0;
    h.slice_refunded[i] := h.slice_refunded[i] + part;
    give := give - part;
    if h.slice_place[i] > 0 then
      w := ledger.return_to_lot(w, h.slice_place[i], part, fault, grace_seconds);
    else
      w := ledger.reverse_debt(w, -10 - h.slice_place[i], part, fault, grace_seconds);
    end if;
  end loop;
  update ledger.hold t set refunded = t.refunded + w.amount, slice_refunded = h.slice_refunded
  where t.account_no = w.account_no and t.hold = h.hold;
  w.detail := jsonb_strip_nulls(jsonb_build_object('refunded', (h.refunded + w.amount)::text,
    'replacements', to_jsonb(w.replacements)));
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.refusal_for_credit(w ledger.draft, required bigint)
 RETURNS ledger.refusal
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  return ledger.refusal_of(w, 'insufficient_credits', jsonb_build_object(
    'total', w.total::text, 'held', w.held::text, 'available', (w.total - w.held - w.debt)::text,
    'debt', w.debt::text, 'required', required::text));
end $function$;

CREATE OR REPLACE FUNCTION ledger.refusal_for_over_capture(w ledger.draft, h ledger.hold, amount bigint)
 RETURNS ledger.refusal
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  return ledger.refusal_of(w, 'over_capture', jsonb_build_object('hold', h.hold::text, 'amount', amount::text,
    'held', (h.amount - h.captured)::text, 'captured', h.captured::text));
end $function$;

CREATE OR REPLACE FUNCTION ledger.refusal_for_state(w ledger.draft, h ledger.hold)
 RETURNS ledger.refusal
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  return ledger.refusal_of(w, 'hold_not_open', jsonb_build_object(
    'hold', h.hold::text, 'state', h.state, 'captured', h.captured::text, 'released', h.released::text));
end $function$;

CREATE OR REPLACE FUNCTION ledger.refusal_of(w ledger.draft, code text, data jsonb)
 RETURNS ledger.refusal
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  return row(w.account_no, w.request_key, w.intent, w.now, code, data)::ledger.refusal;
end $function$;

CREATE OR REPLACE FUNCTION ledger.refuse(w ledger.draft, f ledger.refusal)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
AS $function$
begin
  insert into ledger.refusal values (f.*);
  perform ledger.save_account(w);
  return ledger.refused_outcome(w, f, false);
end $function$;

CREATE OR REPLACE FUNCTION ledger.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'UPDATE' and old.commitment is null and new.commitment is not null
    and new.key is null and new.reference is null and new.metadata is null
    and new is not distinct from ledger.scrubbed(old) then
    return new;
  end if;
  perform ledger.fail('LG013', 'the journal is never changed: correct it by a new operation');
end $function$;

CREATE OR REPLACE FUNCTION ledger.refuse_for_holds(w ledger.draft)
 RETURNS ledger.outcome
 LANGUAGE sql
AS $function$
  select ledger.refuse(w, ledger.refusal_of(w, 'holds_open',
    jsonb_build_object('open_holds', w.open_holds, 'held', w.held::text)))
$function$;

CREATE OR REPLACE FUNCTION ledger.refused_outcome(w ledger.draft, f ledger.refusal, replayed boolean)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
declare
  r ledger.outcome;
begin
  r.account := w.account_id;
  r.kind := w.request_kind;
  r.at := f.at;
  r.replayed := refused_outcome.replayed;
  r.refusal := f.code;
  r.refusal_data := f.data;
  return r;
end $function$;

CREATE OR REPLACE FUNCTION ledger.release(account text, key text, hold bigint, fault text DEFAULT 'customer'::text, grace_seconds bigint DEFAULT 604800, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  w ledger.draft;
  h ledger.hold;
begin
  checked := ledger.check_fault(fault, grace_seconds);
  w := ledger.begin_write(account, 'release', key,
    ledger.release_intent(hold, fault, grace_seconds, reference, metadata, event_at),
    reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  h := ledger.hold_of(w, hold);
  if h.state <> 'open' then
    return ledger.refuse(w, ledger.refusal_for_state(w, h));
  end if;
  -- what was captured before stays captured
  w := ledger.resolve_hold(w, h, 0, true, case when h.captured > 0 then 'captured' else 'released' end, fault,
    grace_seconds);
  w.amount := w.released - h.released;
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.release_intent(hold bigint, fault text, grace_seconds bigint, reference text, metadata jsonb, event_at timestamp with time zone)
 RETURNS bytea
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  return ledger.intent('release', hold::text, fault, grace_seconds::text, reference, metadata::text,
    ledger.stamp(event_at));
end $function$;

CREATE OR REPLACE FUNCTION ledger.repay(account text, key text, amount bigint DEFAULT NULL::bigint, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  w ledger.draft;
  most bigint;
begin
  if amount is not null then
    checked := ledger.check_amount(amount);
  end if;
  w := ledger.begin_write(account, 'repay', key,
    ledger.intent('repay', amount::text, reference, metadata::text, ledger.stamp(event_at)),
    reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  most := least(coalesce(amount, w.debt), w.debt, w.total - w.held);
  w := ledger.choose(w, most);
  for i in 1 .. cardinality(w.slice_place) loop
    w := ledger.repay_from(w, w.slice_place[i], w.slice_amount[i]);
  end loop;
  w.amount := most;
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.repay_from(w ledger.draft, lot bigint, most bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  d record;
  part bigint;
  left_over bigint := most;
begin
  for d in
    select t.debt, t.open from ledger.debt t where t.account_no = w.account_no and t.open > 0 order by t.debt
  loop
    exit when left_over = 0;
    part := least(left_over, d.open);
    update ledger.debt t set open = t.open - part, repaid_lot = t.repaid_lot || repay_from.lot,
      repaid_amount = t.repaid_amount || part
    where t.account_no = w.account_no and t.debt = d.debt;
    w := ledger.add_entry(w, repay_from.lot, -part);
    w := ledger.add_entry(w, ledger.debt_place(d.debt), part);
    left_over := left_over - part;
  end loop;
  part := most - left_over;
  update ledger.lot t set remaining = t.remaining - part, live = t.remaining - part > 0, consumed = t.consumed + part
  where t.account_no = w.account_no and t.lot = repay_from.lot;
  w.total := w.total - part;
  w.debt := w.debt - part;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.replacement_expiry(at timestamp with time zone, grace_seconds bigint, root_expires_at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select least(at + make_interval(secs => grace_seconds), root_expires_at + interval '2160 hours')
$function$;

CREATE OR REPLACE FUNCTION ledger.resolve_hold(w ledger.draft, h ledger.hold, take bigint, final boolean, end_state text, fault text, grace_seconds bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  special boolean := false;
begin
  w := ledger.plan_resolution(w, h, take, final, end_state);
  h := ledger.hold_resolved(w, h);
  update ledger.hold t
  set captured = h.captured, released = h.released, state = h.state, slice_captured = h.slice_captured,
      closed_at = h.closed_at
  where t.account_no = w.account_no and t.hold = h.hold;

  for i in 1 .. cardinality(w.slice_place) loop
    continue when w.slice_take[i] + w.slice_free[i] = 0;
    update ledger.lot t
    set held = t.held - w.slice_take[i] - w.slice_free[i], remaining = t.remaining - w.slice_take[i], live = t.remaining - w.slice_take[i] > 0,
        consumed = t.consumed + w.slice_take[i]
    where t.account_no = w.account_no and t.lot = w.slice_place[i]
    returning special or t.claim > 0 or t.voided_at is not null or t.expires_at <= w.at into special;
  end loop;
  if special or w.debt > 0 then
    w := ledger.settle_slices(w, w.slice_place, w.slice_free, fault, grace_seconds);
  end if;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.restore(w ledger.draft, p ledger.payment, amount bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  d ledger.debt;
  l ledger.lot;
  part bigint;
  rest bigint := amount;
  contra int;
begin
  -- the contra's amount is known at the end
  w.entry_place := w.entry_place || -5::bigint;
  w.entry_amount := w.entry_amount || 0::bigint;
  contra := cardinality(w.entry_place);

  for d in
    select * from ledger.debt t where t.payment = p.payment and t.cause = 'clawback' and t.amount > 0
    order by t.open = 0, t.account_no <> w.account_no, t.debt desc
  loop
    select least(rest, t.amount) into part from ledger.debt t where t.account_no = d.account_no and t.debt = d.debt;
    if part > 0 then
      if d.account_no = w.account_no then
        w := ledger.reverse_debt(w, d.debt, part, 'customer', 0);
      else
        w := ledger.reverse_old_debt(w, d, part);
      end if;
      w.entry_amount[contra] := w.entry_amount[contra] - part;
      rest := rest - part;
    end if;
  end loop;

  for l in
    select * from ledger.lot t where t.payment = p.payment and t.account_no = w.account_no and t.claim > 0
    order by t.priority desc, t.expires_at desc, t.class <> 'paid', t.effective_at desc, t.lot desc
  loop
    part := least(rest, l.claim);
    update ledger.lot t set claim = t.claim - part where t.account_no = w.account_no and t.lot = l.lot;
    rest := rest - part;
  end loop;

  part := least(rest, p.forfeited);
  update ledger.payment t set forfeited = t.forfeited - part where t.payment = p.payment;
  rest := rest - part;

  for l in
    select * from ledger.lot t where t.payment = p.payment and t.clawed_back > 0
    order by t.priority desc, t.expires_at desc, t.class <> 'paid', t.effective_at desc, t.lot desc
  loop
    part := least(rest, l.clawed_back);
    if part > 0 then
      w := ledger.restore_lot(w, l, part);
      w.entry_amount[contra] := w.entry_amount[contra] - part;
      rest := rest - part;
    end if;
  end loop;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.restore_lot(w ledger.draft, l ledger.lot, part bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
begin
  if l.account_no <> w.account_no then
    -- it was taken before the accounts were merged: it comes back where the rest has gone
    update ledger.lot t set clawed_back = t.clawed_back - part, moved = t.moved + part
    where t.account_no = l.account_no and t.lot = l.lot;
    w := ledger.new_lot(w, part, l.class, l.priority, l.effective_at, l.expires_at, l.payment, null, l.root_expires_at);
    return ledger.expire_new_lots(w, w.last_place);
  end if;
  update ledger.lot t set remaining = t.remaining + part, live = t.remaining + part > 0, clawed_back = t.clawed_back - part
  where t.account_no = w.account_no and t.lot = l.lot;
  w := ledger.add_left(w, l.started, part);
  w := ledger.add_entry(w, l.lot, part);
  return ledger.settle_freed(w, l.lot, part, 'customer', 0);
end $function$;

CREATE OR REPLACE FUNCTION ledger.return_to_lot(w ledger.draft, lot bigint, amount bigint, fault text, grace_seconds bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  started boolean;
begin
  update ledger.lot t set remaining = t.remaining + amount, live = t.remaining + amount > 0, refunded = t.refunded + amount
  where t.account_no = w.account_no and t.lot = return_to_lot.lot returning t.started into started;
  w := ledger.add_left(w, started, amount);
  w := ledger.add_entry(w, return_to_lot.lot, amount);
  return ledger.settle_freed(w, return_to_lot.lot, amount, fault, grace_seconds);
end $function$;

CREATE OR REPLACE FUNCTION ledger.reverse_debt(w ledger.draft, debt bigint, amount bigint, fault text, grace_seconds bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  d ledger.debt;
  part bigint;
  rest bigint := amount;
begin
  select * into d from ledger.debt t where t.account_no = w.account_no and t.debt = reverse_debt.debt;
  part := least(rest, d.open);
  update ledger.debt t set open = t.open - part, amount = t.amount - part
  where t.account_no = w.account_no and t.debt = d.debt;
  w.debt := w.debt - part;
  w := ledger.add_entry(w, ledger.debt_place(d.debt), part);
  rest := rest - part;
  for i in reverse cardinality(d.repaid_lot) .. 1 loop
    exit when rest = 0;
    part := least(rest, d.repaid_amount[i]);
    if part > 0 then
      update ledger.debt t set amount = t.amount - part, repaid_amount[i] = t.repaid_amount[i] - part
      where t.account_no = w.account_no and t.debt = d.debt;
      w := ledger.return_to_lot(w, d.repaid_lot[i], part, fault, grace_seconds);
      rest := rest - part;
    end if;
  end loop;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.reverse_old_debt(w ledger.draft, d ledger.debt, amount bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  l ledger.lot;
  part bigint;
  rest bigint := amount;
begin
  for i in reverse cardinality(d.repaid_lot) .. 1 loop
    part := least(rest, d.repaid_amount[i]);
    continue when part = 0;
    update ledger.debt t set amount = t.amount - part, repaid_amount[i] = t.repaid_amount[i] - part
    where t.account_no = d.account_no and t.debt = d.debt;
    update ledger.lot t set refunded = t.refunded + part, moved = t.moved + part
    where t.account_no = d.account_no and t.lot = d.repaid_lot[i] returning * into l;
    w := ledger.new_lot(w, part, l.class, l.priority, l.effective_at, l.expires_at, l.payment, null, l.root_expires_at);
    w := ledger.expire_new_lots(w, w.last_place);
    rest := rest - part;
  end loop;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.run_batch(items ledger.item[])
 RETURNS SETOF ledger.batch_answer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET jit TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  account_ids text[] := array(select distinct x.account from unnest(items) x);
  clock timestamptz;
  is_due boolean;
  answers ledger.batch_answer;
  one ledger.item_result;
  others jsonb;
begin
  select bool_or(q.due_at <= ledger.clock()) into is_due
  from (select t.due_at from ledger.account t where t.id = any (account_ids) order by t.id for update) q;
  if is_due then
    perform ledger.lock_for_batch(account_ids);
  end if;
  clock := ledger.clock();

  -- the rows found here are changed by their place on the disk: under the account's lock nobody moves them, and no table is
  -- ever joined whole, whatever the planner believes of its size
  with asked as (
    select a.account_no, a.tid as account_tid, a.head, a.salt, a.last_seq, a.total, a.held, a.upcoming, g.size, g.opened,
      g.shortest_lease,
      greatest(clock, a.last_at) as at, i.*, case when h.place is null then l.lot else h.place end as place,
      case when h.place is null then l.tid else h.lot_tid end as lot_tid, h.tid as hold_tid, h.amount as hold_amount,
      h.captured, h.released, h.lease_until,
      coalesce(
        i.kind = 'place_hold' and i.hold is null and i.amount between 1 and 1000000000000000
        and i.lease_seconds between 1 and 31536000 and i.late_seconds between 0 and 31536000
        and i.over_capture in ('reject', 'cap')
        or i.kind = 'capture' and i.amount between 1 and h.amount - h.captured and i.final
        and i.fault in ('customer', 'ours', 'provider') and i.grace_seconds between 0 and 7776000
        or i.kind = 'release' and h.amount > 0
        and i.fault in ('customer', 'ours', 'provider') and i.grace_seconds between 0 and 7776000, false)
      and a.due_at > greatest(clock, a.last_at) and g.named_once and (g.wanted = 0 or coalesce(g.wanted <= l.free, false))
      and coalesce(length(i.key) between 1 and 200, false) and coalesce(length(i.reference), 0) <= 200
      and (i.metadata is null or jsonb_typeof(i.metadata) = 'object' and length(i.metadata::text) <= 8192)
      -- with `limit 1` these stay look-ups: the planner can't know how many rows an account has
      and (select o.seq from ledger.operation o where o.account_no = a.account_no and o.key = i.key limit 1) is null
      and (select r.at from ledger.refusal r where r.account_no = a.account_no and r.key = i.key limit 1) is null as usual
    from (
      select x.account, array_agg(x order by x.n) as items,
        count(*) as size, ledger.added(case x.kind when 'place_hold' then x.amount end) as wanted,
        ledger.added(case x.kind when 'place_hold' then 1 else -1 end) as opened,
        min(case x.kind when 'place_hold' then x.lease_seconds end) as shortest_lease,
        count(x.key) = count(distinct x.key) and count(x.hold) = count(distinct x.hold) as named_once
      from unnest(run_batch.items) x
      group by x.account
    ) g
    left join lateral (
      select t.*, t.ctid as tid from ledger.account t
      where t.id = g.account and t.frozen_at is null and t.closed_at is null and t.debt = 0 limit 1
    ) a on true
    left join lateral (
      select t.lot, t.ctid as tid, t.remaining - t.held as free, t.priority, t.expires_at, t.class, t.effective_at
      from ledger.lot t
      where t.account_no = a.account_no and t.live and t.started and t.remaining > t.held
      order by t.priority, t.expires_at, t.class = 'paid', t.effective_at, t.lot limit 1
    ) l on true
    cross join lateral unnest(g.items) i
    left join lateral (
      select t.*, t.ctid as tid from ledger.hold t where t.account_no = a.account_no and t.hold = i.hold limit 1
    ) s on true
    left join lateral (
      select s.tid, s.amount, s.captured, s.released, s.lease_until, t.lot as place, t.ctid as lot_tid
      from ledger.lot t
      where t.account_no = a.account_no and t.lot = s.slice_place[1] and s.state = 'open' and cardinality(s.slice_place) = 1
        and t.claim = 0 and t.voided_at is null and t.expires_at > greatest(clock, a.last_at)
        -- credit that comes back to a lot before the one that new holds take would have to be taken first
        and (g.wanted = 0 or row(t.priority, t.expires_at, t.class = 'paid', t.effective_at, t.lot)
          >= row(l.priority, l.expires_at, l.class = 'paid', l.effective_at, l.lot))
      limit 1
    ) h on true
  ), summed as (
    select d.account_no, d.account_tid, d.lot_tid, d.hold_tid, d.head, d.salt, d.at, d.n, d.kind, d.key, d.upcoming,
      d.over_capture, d.late_seconds, d.reference, d.metadata, d.event_at, d.opened,
      row_number() over w = d.size as is_last, d.at + make_interval(secs => d.shortest_lease) as first_lapse,
      bool_and(d.usual) over (partition by d.account_no) as usual,
      d.last_seq + row_number() over w as seq,
      d.total - ledger.added(case d.kind when 'capture' then d.amount end) over w as total,
      d.held + ledger.added(case d.kind when 'place_hold' then d.amount else d.captured - d.hold_amount end) over w as held,
      case d.kind
        when 'place_hold' then
          ledger.place_hold_intent(d.amount, d.lease_seconds, d.late_seconds, d.over_capture, d.reference,
            d.metadata, d.event_at)
        when 'capture' then
          ledger.capture_intent(d.hold, d.amount, d.final, d.fault, d.grace_seconds, d.reference, d.metadata, d.event_at)
        else ledger.release_intent(d.hold, d.fault, d.grace_seconds, d.reference, d.metadata, d.event_at)
      end as intent,
      coalesce(d.hold, d.last_seq + row_number() over w) as hold,
      case d.kind when 'release' then d.hold_amount - d.captured else d.amount end as amount,
      case d.kind when 'capture' then array[d.place, -2] else '{}' end as entry_place,
      case d.kind when 'capture' then array[-d.amount, d.amount] else '{}' end as entry_amount,
      d.place as lot,
      case d.kind when 'place_hold' then d.amount else d.captured - d.hold_amount end as pinned,
      case d.kind when 'capture' then d.amount else 0 end as taken,
      case d.kind when 'place_hold' then d.amount else d.hold_amount end as hold_amount,
      case d.kind when 'place_hold' then 'open' when 'capture' then 'captured'
        else case when d.captured > 0 then 'captured' else 'released' end end as hold_state,
      case d.kind when 'place_hold' then 0 when 'capture' then d.captured + d.amount else d.captured end as captured,
      case d.kind when 'place_hold' then 0 when 'capture' then d.released + d.hold_amount - d.captured - d.amount
        else d.released + d.hold_amount - d.captured end as released,
      case d.kind when 'place_hold' then d.at + make_interval(secs => d.lease_seconds) else d.lease_until end as lease_until
    from asked d
    window w as (partition by d.account_no order by d.n rows unbounded preceding)
  ), decided as materialized (
    select s.*, ledger.chain(s.head, ledger.message_of(s.account_no, s.seq, s.at, s.amount, s.hold, s.entry_place,
      s.entry_amount, array[s.lot], array[s.pinned], s.total, s.held, 0, s.upcoming, s.hold_amount, s.captured, s.released,
      s.lease_until, s.intent, ledger.commitment(s.salt, s.key, s.reference, s.metadata, s.event_at), s.kind, s.hold_state, null))
      over (partition by s.account_no order by s.n rows unbounded preceding) as link
    from summed s where s.usual
  ), written as (
    insert into ledger.operation (account_no, seq, at, kind, key, intent, hold, amount, entry_place, entry_amount, pin_lot,
      pin_amount, total, held, debt, upcoming, hold_amount, hold_state, captured, released, lease_until, reference, metadata,
      event_at, hash)
    select d.account_no, d.seq, d.at, d.kind, d.key, d.intent, d.hold, d.amount, d.entry_place, d.entry_amount, array[d.lot],
      array[d.pinned], d.total, d.held, 0, d.upcoming, d.hold_amount, d.hold_state, d.captured, d.released, d.lease_until,
      d.reference, d.metadata, d.event_at, d.link
    from decided d
  ), placed as (
    insert into ledger.hold (account_no, hold, amount, state, over_capture, lease_until, late_until, placed_at, slice_place,
      slice_amount, slice_captured)
    select d.account_no, d.hold, d.amount, 'open', d.over_capture, d.lease_until,
      d.lease_until + make_interval(secs => d.late_seconds), d.at, array[d.lot], array[d.amount], '{0}'
    from decided d where d.kind = 'place_hold'
  ), closed as (
    update ledger.hold t set captured = d.captured, released = d.released, state = d.hold_state,
      slice_captured = array[d.captured], closed_at = d.at
    from decided d where t.ctid = d.hold_tid
  ), moved as (
    update ledger.lot t set held = t.held + d.pinned, remaining = t.remaining - d.taken, live = t.remaining - d.taken > 0,
      consumed = t.consumed + d.taken
    from (
      select c.lot_tid, ledger.added(c.pinned) as pinned, ledger.added(c.taken) as taken from decided c group by c.lot_tid
    ) d
    where t.ctid = d.lot_tid
  ), saved as (
    update ledger.account t set last_at = d.at, last_seq = d.seq, head = d.link, total = d.total, held = d.held,
      open_holds = t.open_holds + d.opened, due_at = least(t.due_at, d.first_lapse)
    from decided d where d.is_last and t.ctid = d.account_tid
  )
  select array_agg(d.n), array_agg(d.seq), array_agg(encode(timestamptz_send(d.at), 'hex')), array_agg(d.hold),
    array_agg(d.amount), array_agg(d.lot), array_agg(d.total), array_agg(d.held), array_agg(d.upcoming),
    array_agg(d.hold_amount), array_agg(d.hold_state), array_agg(d.captured), array_agg(d.released),
    array_agg(encode(timestamptz_send(d.lease_until), 'hex')), null
  into answers
  from decided d;
  if answers.n is not null then
    return next answers;
  end if;

  if coalesce(cardinality(answers.n), 0) < cardinality(items) then
    select jsonb_agg(to_jsonb(x)) into others from unnest(items) x
    where x.n <> all (coalesce(answers.n, '{}'));
    for one in select x.* from ledger.batch(others) x loop
      answers := null;
      answers.other := one;
      return next answers;
    end loop;
  end if;
end $function$;

CREATE OR REPLACE FUNCTION ledger.run_item(i ledger.item)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
AS $function$
begin
  if i.kind = 'place_hold' then
    return ledger.place_hold(i.account, i.key, i.amount, i.lease_seconds, i.late_seconds, i.over_capture, i.reference,
      i.metadata, i.event_at);
  elsif i.kind = 'capture' then
    return ledger.capture(i.account, i.key, i.hold, i.amount, i.final, i.fault, i.grace_seconds, i.reference, i.metadata,
      i.event_at);
  end if;
  return ledger.release(i.account, i.key, i.hold, i.fault, i.grace_seconds, i.reference, i.metadata, i.event_at);
end $function$;

CREATE OR REPLACE FUNCTION ledger.save_account(w ledger.draft)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  update ledger.account t set
    last_at = w.last_at, last_seq = w.last_seq, head = w.head, last_place = w.last_place,
    total = w.total, held = w.held, debt = w.debt, upcoming = w.upcoming,
    open_holds = w.open_holds, due_at = w.due_at
  where t.account_no = w.account_no;
  return found;
end $function$;

CREATE OR REPLACE FUNCTION ledger.scrub(account text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  a ledger.account := ledger.account_of(account);
begin
  perform from ledger.account t where t.account_no = a.account_no for update;
  update ledger.operation o
  set key = null, reference = null, metadata = null, event_at = null,
      commitment = ledger.commitment(a.salt, o.key, o.reference, o.metadata, o.event_at)
  where o.account_no = a.account_no and o.commitment is null;
  delete from ledger.refusal r where r.account_no = a.account_no;
  update ledger.account t set id = 'scrubbed-' || t.account_no, salt = null where t.account_no = a.account_no;
end $function$;

CREATE OR REPLACE FUNCTION ledger.scrubbed(o ledger.operation)
 RETURNS ledger.operation
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  o.commitment := ledger.commitment(
    (select a.salt from ledger.account a where a.account_no = o.account_no), o.key, o.reference, o.metadata, o.event_at);
  o.key := null;
  o.reference := null;
  o.metadata := null;
  o.event_at := null;
  return o;
end $function$;

CREATE OR REPLACE FUNCTION ledger.settle_freed(w ledger.draft, lot bigint, amount bigint, fault text, grace_seconds bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  l ledger.lot;
  d record;
  free bigint := amount;
  part bigint;
  lives_until timestamptz;
begin
  select * into l from ledger.lot t where t.account_no = w.account_no and t.lot = settle_freed.lot;

  part := least(free, l.claim);
  if part > 0 then
    update ledger.lot t set remaining = t.remaining - part, live = t.remaining - part > 0, clawed_back = t.clawed_back + part, claim = t.claim - part
    where t.account_no = w.account_no and t.lot = l.lot;
    w := ledger.add_left(w, l.started, -part);
    w := ledger.add_entry(w, l.lot, -part);
    w := ledger.add_entry(w, -5, part);
    free := free - part;
  end if;

  if w.debt > 0 and free > 0 then
    for d in
      select t.debt, t.open from ledger.debt t
      where t.account_no = w.account_no and t.open > 0 and t.cause = 'clawback' and t.payment = l.payment order by t.debt
    loop
      part := least(free, d.open);
      update ledger.debt t set open = t.open - part, amount = t.amount - part
      where t.account_no = w.account_no and t.debt = d.debt;
      update ledger.lot t set remaining = t.remaining - part, live = t.remaining - part > 0, clawed_back = t.clawed_back + part
      where t.account_no = w.account_no and t.lot = l.lot;
      w := ledger.add_left(w, l.started, -part);
      w.debt := w.debt - part;
      w := ledger.add_entry(w, l.lot, -part);
      w := ledger.add_entry(w, ledger.debt_place(d.debt), part);
      free := free - part;
      exit when free = 0;
    end loop;
  end if;

  if free = 0 then
    return w;
  end if;
  if l.voided_at is not null then
    update ledger.lot t set remaining = t.remaining - free, live = t.remaining - free > 0, voided = t.voided + free
    where t.account_no = w.account_no and t.lot = l.lot;
    w := ledger.add_left(w, l.started, -free);
    w := ledger.add_entry(w, l.lot, -free);
    return ledger.add_entry(w, -4, free);
  end if;
  if not l.started or l.expires_at > w.at then
    w.due_at := least(w.due_at, case when l.started then l.expires_at else l.effective_at end);
    return w;
  end if;

  lives_until := ledger.replacement_expiry(w.at, grace_seconds, l.root_expires_at);
  if fault <> 'customer' and lives_until > w.at then
    update ledger.lot t set remaining = t.remaining - free, live = t.remaining - free > 0, moved = t.moved + free
    where t.account_no = w.account_no and t.lot = l.lot;
    w.total := w.total - free;
    w := ledger.add_entry(w, l.lot, -free);
    w := ledger.new_lot(w, free, l.class, l.priority, w.at, lives_until, l.payment, l.root_lot, l.root_expires_at);
    w.replacements := w.replacements || w.last_place;
    return w;
  end if;
  update ledger.lot t set remaining = t.remaining - free, live = t.remaining - free > 0, expired = t.expired + free
  where t.account_no = w.account_no and t.lot = l.lot;
  w.total := w.total - free;
  w := ledger.add_entry(w, l.lot, -free);
  return ledger.add_entry(w, -3, free);
end $function$;

CREATE OR REPLACE FUNCTION ledger.settle_slices(w ledger.draft, slice_lot bigint[], slice_free bigint[], fault text, grace_seconds bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  owed bigint;
  payment text;
begin
  for i in 1 .. cardinality(slice_lot) loop
    if slice_free[i] > 0 then
      w := ledger.settle_freed(w, slice_lot[i], slice_free[i], fault, grace_seconds);
    end if;
  end loop;
  -- clawed back while it was held, and now captured: it is owed
  for i in 1 .. cardinality(slice_lot) loop
    select t.claim - t.held, t.payment into owed, payment
    from ledger.lot t where t.account_no = w.account_no and t.lot = slice_lot[i] and t.claim > t.held;
    if found then
      update ledger.lot t set claim = t.held where t.account_no = w.account_no and t.lot = slice_lot[i];
      w := ledger.new_debt(w, owed, 'clawback', null, payment);
      w := ledger.add_entry(w, -5, owed);
    end if;
  end loop;
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.stamp(t timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$ select encode(timestamptz_send(t), 'hex') $function$;

CREATE OR REPLACE FUNCTION ledger.start_lot(w ledger.draft, lot bigint)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
declare
  l ledger.lot;
begin
  update ledger.lot t set started = true where t.account_no = w.account_no and t.lot = start_lot.lot returning * into l;
  w.kind := 'start_lot';
  w.amount := l.remaining;
  w.total := w.total + l.remaining;
  w.upcoming := w.upcoming - l.remaining;
  w.detail := jsonb_build_object('lot', l.lot);
  return w;
end $function$;

CREATE OR REPLACE FUNCTION ledger.statement(account text, before bigint DEFAULT NULL::bigint, most bigint DEFAULT 50, kinds text[] DEFAULT NULL::text[])
 RETURNS SETOF ledger.operation
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  a ledger.account := ledger.account_of(account);
begin
  checked := ledger.check_range(most, 'limit', 1, 501);
  if before is null and a.due_at <= ledger.clock() and a.frozen_at is null
    and current_setting('transaction_read_only') = 'off' then
    perform ledger.book_now(a.account_no, null);
  end if;
  return query
    select * from ledger.operation o
    where o.account_no = a.account_no and o.seq < coalesce(before, 9223372036854775807)
      and (kinds is null or o.kind = any (kinds))
    order by o.seq desc limit most;
end $function$;

CREATE OR REPLACE FUNCTION ledger.stored_intent(w ledger.draft)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(
    (select jsonb_build_object('key', o.key, 'kind', o.kind, 'operation', o.seq::text, 'amount', o.amount::text,
       'hold', o.hold::text, 'reference', o.reference, 'at', o.at)
     from ledger.operation o where o.account_no = w.account_no and o.seq = w.stored_seq),
    jsonb_build_object('key', w.request_key, 'refused', w.refusal_code))
$function$;

CREATE OR REPLACE FUNCTION ledger.stored_outcome(w ledger.draft)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
AS $function$
declare
  o ledger.operation;
begin
  if w.refusal_code is not null then
    return ledger.refused_outcome(w, ledger.refusal_of(w, w.refusal_code, w.refusal_data), true);
  end if;
  select * into o from ledger.operation t where t.account_no = w.account_no and t.seq = w.stored_seq;
  w.last_seq := o.seq;
  w.kind := o.kind;
  w.at := o.at;
  w.amount := o.amount;
  w.total := o.total;
  w.held := o.held;
  w.debt := o.debt;
  w.upcoming := o.upcoming;
  w.hold := o.hold;
  w.hold_amount := o.hold_amount;
  w.hold_state := o.hold_state;
  w.captured := o.captured;
  w.released := o.released;
  w.lease_until := o.lease_until;
  w.detail := o.detail;
  w.entry_place := o.entry_place;
  w.entry_amount := o.entry_amount;
  w.pin_lot := o.pin_lot;
  w.pin_amount := o.pin_amount;
  return ledger.outcome_of(w, true);
end $function$;

CREATE OR REPLACE FUNCTION ledger.sweep(max_accounts bigint DEFAULT 100)
 RETURNS ledger.sweep_row
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  checked boolean;
  budget int := 1000;
  a record;
  w ledger.draft;
  r ledger.sweep_row;
begin
  checked := ledger.check_range(max_accounts, 'maxAccounts', 1, 10000);
  r := row(0, 0, 0, 0, false);
  for a in
    select t.account_no, t.last_seq from ledger.account t
    where t.due_at <= ledger.clock() and t.frozen_at is null and t.closed_at is null
    order by t.due_at limit max_accounts for update skip locked
  loop
    w := ledger.book_now(a.account_no, budget);
    budget := budget - (w.last_seq - a.last_seq)::int;
    r.accounts := r.accounts + 1;
    select r.lots_started + count(*) filter (where o.kind = 'start_lot'),
      r.lots_expired + count(*) filter (where o.kind = 'expire_lot'),
      r.holds_expired + count(*) filter (where o.kind = 'expire_hold')
    into r.lots_started, r.lots_expired, r.holds_expired
    from ledger.operation o where o.account_no = a.account_no and o.seq > a.last_seq;
    r.more := r.more or w.due_at <= w.now or budget = 0;
    exit when budget = 0;
  end loop;
  r.more := r.more or r.accounts = max_accounts;
  return r;
end $function$;

CREATE OR REPLACE FUNCTION ledger.thaw(account text, key text, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  w ledger.draft;
  frozen_for interval;
begin
  w := ledger.begin_write(account, 'thaw', key,
    ledger.intent('thaw', reference, metadata::text, ledger.stamp(event_at)), reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  select w.now - a.frozen_at into frozen_for from ledger.account a where a.account_no = w.account_no;
  update ledger.hold h set lease_until = h.lease_until + frozen_for, late_until = h.late_until + frozen_for
  where h.account_no = w.account_no and h.state = 'open' and frozen_for is not null;
  update ledger.account a set frozen_at = null where a.account_no = w.account_no;
  w := ledger.book_due(w, null);
  w.kind := 'thaw';
  w.at := w.now;
  w.amount := 0;
  return ledger.finish(w);
end $function$;

CREATE OR REPLACE FUNCTION ledger.verify(only_account text, cursor text, budget bigint, freeze_drifted boolean DEFAULT false)
 RETURNS ledger.verify_row
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  a ledger.account;
  d ledger.difference[];
  r ledger.verify_row;
  after_no bigint := split_part(cursor, '.', 1)::bigint;
  seq bigint := coalesce(nullif(split_part(cursor, '.', 2), '')::bigint, 1);
  step bigint;
begin
  r := row(null, 0, 0, '[]');
  while r.operations < budget loop
    select * into a from ledger.account t
    where (case when seq > 1 then t.account_no >= after_no else t.account_no > after_no end)
      and (only_account is null or t.id = only_account)
    order by t.account_no limit 1;
    if not found then
      return r;
    end if;
    step := budget - r.operations;
    d := array(select v from ledger.verify_operations(a, seq, step) v);
    r.operations := r.operations + least(step, a.last_seq - seq + 1);
    after_no := a.account_no;
    if seq + step <= a.last_seq then
      r.next := format('%s.%s', a.account_no, seq + step);
    else
      d := d || array(select v from ledger.verify_state(a.account_no) v);
      r.accounts := r.accounts + 1;
      r.next := a.account_no::text;
    end if;
    if cardinality(d) > 0 then
      r.differences := r.differences || (
        select jsonb_agg(jsonb_build_object('check', x.check_name, 'account', x.account, 'operation', x.operation::text,
          'lot', x.lot::text, 'hold', x.hold::text, 'expected', coalesce(x.expected, 'nothing'),
          'found', coalesce(x.found, 'nothing')))
        from unnest(d) x);
      if freeze_drifted and a.frozen_at is null then
        perform ledger.freeze(a.id, 'drift-' || a.last_seq, 'verify found a difference');
      end if;
    end if;
    seq := 1;
    exit when split_part(r.next, '.', 2) <> '';
  end loop;
  return r;
end $function$;

CREATE OR REPLACE FUNCTION ledger.verify_head(account text, seq bigint, hash text)
 RETURNS TABLE(check_name text, account_id text, operation bigint, expected text, found text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
  select 'head', verify_head.account, verify_head.seq, verify_head.hash, coalesce(encode(o.hash, 'hex'), 'nothing')
  from (select 1) one
  left join ledger.account a on a.id = verify_head.account
  left join ledger.operation o on o.account_no = a.account_no and o.seq = verify_head.seq
  where o.hash is null or encode(o.hash, 'hex') <> verify_head.hash
$function$;

CREATE OR REPLACE FUNCTION ledger.verify_operations(a ledger.account, first_seq bigint, most bigint)
 RETURNS SETOF ledger.difference
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  o ledger.operation;
  p ledger.operation;
  previous_hash bytea := sha256(int8send(a.account_no));
  expected_seq bigint := first_seq;
  booked bigint;
  pinned bigint;
begin
  select * into p from ledger.operation t where t.account_no = a.account_no and t.seq = first_seq - 1;
  if found then
    previous_hash := p.hash;
  else
    p.total := 0;
    p.held := 0;
    p.debt := 0;
    p.upcoming := 0;
    p.at := '-infinity';
  end if;
  for o in
    select * from ledger.operation t
    where t.account_no = a.account_no and t.seq between first_seq and least(a.last_seq, first_seq + most - 1)
    order by t.seq
  loop
    if o.seq <> expected_seq then
      return next row('chain', a.id, expected_seq, null, null, 'an operation', 'nothing')::ledger.difference;
    end if;
    expected_seq := o.seq + 1;
    if o.hash <> ledger.link(previous_hash, o,
      coalesce(o.commitment, ledger.commitment(a.salt, o.key, o.reference, o.metadata, o.event_at))) then
      return next row('chain', a.id, o.seq, null, o.hold, 'the operation as it was written', 'an altered one')::ledger.difference;
    end if;
    previous_hash := o.hash;
    if (select coalesce(sum(e), 0) from unnest(o.entry_amount) e) <> 0 then
      return next row('I1', a.id, o.seq, null, o.hold, 'legs that sum to 0', o.entry_amount::text)::ledger.difference;
    end if;
    select coalesce(sum(e.amount), 0) into booked
    from unnest(o.entry_place, o.entry_amount) as e (place, amount) where e.place > 0 or e.place < -10;
    if o.total + o.upcoming - o.debt <> p.total + p.upcoming - p.debt + booked then
      return next row('I2', a.id, o.seq, null, o.hold, (p.total + p.upcoming - p.debt + booked)::text,
        (o.total + o.upcoming - o.debt)::text)::ledger.difference;
    end if;
    select coalesce(sum(e), 0) into pinned from unnest(o.pin_amount) e;
    if o.held <> p.held + pinned then
      return next row('I3', a.id, o.seq, null, o.hold, (p.held + pinned)::text, o.held::text)::ledger.difference;
    end if;
    if o.held > o.total or o.held < 0 or o.debt < 0 or o.upcoming < 0 then
      return next row('I5', a.id, o.seq, null, o.hold, 'available not below 0 but by debt',
        format('total %s, held %s, debt %s', o.total, o.held, o.debt))::ledger.difference;
    end if;
    if o.at < p.at then
      return next row('I9', a.id, o.seq, null, o.hold, 'not before ' || p.at, o.at::text)::ledger.difference;
    end if;
    p := o;
  end loop;
  if expected_seq <= least(a.last_seq, first_seq + most - 1) then
    return next row('chain', a.id, expected_seq, null, null, 'an operation', 'nothing')::ledger.difference;
  end if;
  if first_seq + most > a.last_seq then
    if previous_hash <> a.head then
      return next row('head', a.id, a.last_seq, null, null, encode(previous_hash, 'hex'), encode(a.head, 'hex'))::ledger.difference;
    end if;
    if (p.total, p.held, p.debt, p.upcoming, p.at) is distinct from (a.total, a.held, a.debt, a.upcoming, a.last_at) then
      return next row('I2', a.id, a.last_seq, null, null,
        format('total %s, held %s, debt %s, upcoming %s', p.total, p.held, p.debt, p.upcoming),
        format('total %s, held %s, debt %s, upcoming %s', a.total, a.held, a.debt, a.upcoming))::ledger.difference;
    end if;
  end if;
end $function$;

CREATE OR REPLACE FUNCTION ledger.verify_state(wanted bigint)
 RETURNS SETOF ledger.difference
 LANGUAGE sql
 STABLE
AS $function$
  with a as (
    select * from ledger.account t where t.account_no = wanted
  ), o as (
    select t.* from ledger.operation t, a where t.account_no = wanted and t.seq <= a.last_seq
  ), legs as (
    select e.place, sum(e.amount)::bigint as amount
    from o cross join lateral unnest(o.entry_place, o.entry_amount) as e (place, amount)
    where e.place > 0 or e.place < -10 group by e.place
  ), pins as (
    select p.lot, sum(p.amount)::bigint as amount
    from o cross join lateral unnest(o.pin_lot, o.pin_amount) as p (lot, amount) group by p.lot
  ), slices as (
    select s.lot, sum(s.amount - s.captured)::bigint as open
    from ledger.hold h cross join lateral unnest(h.slice_place, h.slice_amount, h.slice_captured) as s (lot, amount, captured)
    where h.account_no = wanted and h.state = 'open' group by s.lot
  ), by_hold as (
    select o.hold, coalesce(sum(o.amount) filter (where o.kind = 'capture'), 0)::bigint as captured,
      coalesce(sum(o.amount) filter (where o.kind = 'charge'), 0)::bigint as charged,
      coalesce(sum(o.amount) filter (where o.kind = 'refund'), 0)::bigint as refunded
    from o where o.hold is not null group by o.hold
  ), l as (
    select * from ledger.lot t where t.account_no = wanted
  )
  select 'I2', a.id, null::bigint, coalesce(l.lot, g.place), null::bigint, coalesce(g.amount, 0)::text, l.remaining::text
  from a, l full join (select * from legs where place > 0) g on g.place = l.lot
  where l.remaining is distinct from coalesce(g.amount, 0)
  union all
  select 'I2', a.id, null, null, null, coalesce(-g.amount, 0)::text, d.open::text
  from a, (select * from ledger.debt t where t.account_no = wanted) d
    full join (select * from legs where place < -10) g on g.place = -10 - d.debt
  where d.open is distinct from coalesce(-g.amount, 0)
  union all
  select 'I3', a.id, null, l.lot, null, coalesce(p.amount, 0)::text, l.held::text
  from a, l left join pins p on p.lot = l.lot where l.held <> coalesce(p.amount, 0)
  union all
  select 'I3', a.id, null, l.lot, null, coalesce(s.open, 0)::text, l.held::text
  from a, l left join slices s on s.lot = l.lot where l.held <> coalesce(s.open, 0)
  union all
  select 'I4', a.id, null, l.lot, null, l.granted::text,
    (l.consumed - l.refunded + l.expired + l.voided + l.clawed_back + l.moved + l.remaining)::text
  from a, l
  where l.granted <> l.consumed - l.refunded + l.expired + l.voided + l.clawed_back + l.moved + l.remaining
    or l.remaining < l.held or l.held < l.claim or l.claim < 0 or l.live <> (l.remaining > 0)
  union all
  select 'I2', a.id, null, null, null, format('total %s, held %s, upcoming %s, debt %s', s.total, s.held, s.upcoming, d.open),
    format('total %s, held %s, upcoming %s, debt %s', a.total, a.held, a.upcoming, a.debt)
  from a,
    (select coalesce(sum(l.remaining) filter (where l.started), 0) as total, coalesce(sum(l.held), 0) as held,
       coalesce(sum(l.remaining) filter (where not l.started), 0) as upcoming from l) s,
    (select coalesce(sum(t.open), 0) as open from ledger.debt t where t.account_no = wanted) d
  where (a.total, a.held, a.upcoming, a.debt) is distinct from (s.total::bigint, s.held::bigint, s.upcoming::bigint, d.open::bigint)
  union all
  select 'I3', a.id, null, null, null, count(h.hold)::text, a.open_holds::text
  from a left join ledger.hold h on h.account_no = a.account_no and h.state = 'open'
  group by a.id, a.open_holds having count(h.hold) <> a.open_holds
  union all
  select 'I4', a.id, null, null, null, d.amount::text, (d.open + r.repaid)::text
  from a, ledger.debt d, lateral (select coalesce(sum(x), 0) as repaid from unnest(d.repaid_amount) x) r
  where d.account_no = wanted and d.amount <> d.open + r.repaid
  union all
  select 'I4', a.id, null, null, null, p.posted::text, (c.taken + c.pending + c.owed + p.forfeited)::text
  from a, ledger.payment p, lateral (
    select coalesce((select sum(x.clawed_back) from ledger.lot x where x.payment = p.payment), 0) as taken,
      coalesce((select sum(x.claim) from ledger.lot x where x.payment = p.payment), 0) as pending,
      coalesce((select sum(x.amount) from ledger.debt x where x.payment = p.payment and x.cause = 'clawback'), 0) as owed) c
  where p.account_no = wanted and p.posted <> c.taken + c.pending + c.owed + p.forfeited
  union all
  select 'I6', a.id, o.seq, null, null, 'one effect per key', 'a refusal beside an operation'
  from a, o join ledger.refusal r on r.account_no = wanted and r.key = o.key
  union all
  select 'I8', a.id, null, null, coalesce(h.hold, b.hold),
    format('captured %s, refunded %s', coalesce(b.captured + b.charged, 0), coalesce(b.refunded, 0)),
    format('captured %s, refunded %s', h.captured, h.refunded)
  from a, (select * from ledger.hold t where t.account_no = wanted) h full join by_hold b on b.hold = h.hold
  where h.captured is distinct from coalesce(b.captured + b.charged, 0) or h.refunded is distinct from coalesce(b.refunded, 0)
    or (h.direct and h.captured <> b.charged)
    or h.captured <> (select coalesce(sum(x), 0) from unnest(h.slice_captured) x)
    or (h.state = 'open') is distinct from (h.closed_at is null)
    or h.refunded > h.captured or h.captured + h.released > h.amount
    or (h.state <> 'open' and h.captured + h.released <> h.amount)
$function$;

CREATE OR REPLACE FUNCTION ledger.void_free(w ledger.draft, l ledger.lot)
 RETURNS ledger.draft
 LANGUAGE plpgsql
AS $function$
begin
  update ledger.lot t set remaining = t.held, live = t.held > 0, voided = t.voided + l.remaining - l.held, voided_at = w.at
  where t.account_no = w.account_no and t.lot = l.lot;
  w := ledger.add_left(w, l.started, l.held - l.remaining);
  w := ledger.add_entry(w, l.lot, l.held - l.remaining);
  return ledger.add_entry(w, -4, l.remaining - l.held);
end $function$;

CREATE OR REPLACE FUNCTION ledger.void_lot(account text, key text, lot bigint, reference text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, event_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  w ledger.draft;
  l ledger.lot;
begin
  w := ledger.begin_write(account, 'void_lot', key,
    ledger.intent('void_lot', lot::text, reference, metadata::text, ledger.stamp(event_at)),
    reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  l := ledger.lot_of(w, lot);
  w.amount := l.remaining - l.held;
  w := ledger.void_free(w, l);
  w.detail := jsonb_build_object('lot', l.lot::text, 'pending', l.held::text);
  return ledger.finish(w);
end $function$;

-- aggregates

create aggregate ledger.added(bigint) (sfunc = int8pl, stype = bigint);

create aggregate ledger.chain(head bytea, message bytea) (sfunc = ledger.next_link, stype = bytea);

-- triggers

CREATE TRIGGER operation_immutable BEFORE DELETE OR UPDATE ON ledger.operation FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER operation_not_truncated BEFORE TRUNCATE ON ledger.operation FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
