-- Lots, the payments that bought them, and debts. Credit comes from lots in one total, published order.

create table ledger.lot (
  account_no      bigint not null,
  lot             bigint not null,
  class           text not null,
  priority        int not null,
  effective_at    timestamptz not null,
  expires_at      timestamptz not null,
  -- false until it becomes effective: shown, not spendable
  started         boolean not null,
  granted         bigint not null,
  remaining       bigint not null,
  -- the part of `remaining` that open holds pin
  held            bigint not null default 0,
  consumed        bigint not null default 0,
  refunded        bigint not null default 0,
  expired         bigint not null default 0,
  voided          bigint not null default 0,
  clawed_back     bigint not null default 0,
  moved           bigint not null default 0,
  -- clawed back, but still pinned: taken when it is released, owed when it is captured
  claim           bigint not null default 0,
  voided_at       timestamptz,
  payment         text,
  -- a replacement stands for its root, and no grace goes further than the root's expiry allows
  root_lot        bigint not null,
  root_expires_at timestamptz not null,
  created_seq     bigint not null,
  -- remaining > 0; a column of its own, because an index that looked at `remaining` would be written at every change of it
  live            boolean not null,
  primary key (account_no, lot),
  -- every check is read and prepared anew at each write: this one stays, verify does the others
  check (remaining >= held)
) with (fillfactor = 45);

create index lot_live on ledger.lot (account_no) where live;
create index lot_payment on ledger.lot (payment) where payment is not null;

-- A payment belongs to one grant of one account, whatever event reported it, for ever.
create table ledger.payment (
  payment            text primary key,
  account_no         bigint not null,
  granted_seq        bigint not null,
  paid               bigint not null,
  granted            bigint not null,
  -- the largest figures that any event reported
  refunded           bigint not null default 0,
  dispute            text[] not null default '{}',
  dispute_withdrawn  bigint[] not null default '{}',
  dispute_reinstated bigint[] not null default '{}',
  -- what has been clawed back in all, and what of that had expired or was voided before it could be
  posted             bigint not null default 0,
  forfeited          bigint not null default 0
);

create index payment_account on ledger.payment (account_no);

-- One row per cause. `amount = open + what lots repaid`; a reversal makes it smaller.
create table ledger.debt (
  account_no    bigint not null,
  debt          bigint not null,
  -- charge or clawback
  cause         text not null,
  hold          bigint,
  payment       text,
  amount        bigint not null,
  open          bigint not null check (open >= 0 and open <= amount),
  repaid_lot    bigint[] not null default '{}',
  repaid_amount bigint[] not null default '{}',
  created_seq   bigint not null,
  primary key (account_no, debt)
);

create index debt_open on ledger.debt (account_no) where open > 0;
create index debt_payment on ledger.debt (payment) where payment is not null;

-- Where a debt stands in entries and slices.
create function ledger.debt_place(debt bigint) returns bigint
language sql immutable as $$ select -10 - debt $$;

create function ledger.add_left(w ledger.draft, started boolean, change bigint) returns ledger.draft
language plpgsql immutable as $$
begin
  if started then
    w.total := w.total + change;
  else
    w.upcoming := w.upcoming + change;
  end if;
  return w;
end $$;

-- A new lot for the drafted operation, with its entry. Its number is `last_place`.
create function ledger.new_lot(
  w ledger.draft, amount bigint, class text, priority int, effective_at timestamptz, expires_at timestamptz,
  payment text, root_lot bigint, root_expires_at timestamptz
) returns ledger.draft
language plpgsql as $$
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
end $$;

-- Chooses free credit in the order of spending; what is missing stands in `short`.
create function ledger.choose(w ledger.draft, amount bigint) returns ledger.draft
language plpgsql as $$
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
end $$;

-- Takes chosen slices out of their lots for good.
create function ledger.consume_chosen(w ledger.draft) returns ledger.draft
language plpgsql as $$
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
end $$;

-- Lets free credit of one lot repay open debt, the oldest first, up to `most`.
create function ledger.repay_from(w ledger.draft, lot bigint, most bigint) returns ledger.draft
language plpgsql as $$
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
end $$;

create function ledger.new_debt(w ledger.draft, amount bigint, cause text, hold bigint, payment text)
returns ledger.draft
language plpgsql as $$
begin
  w.last_place := w.last_place + 1;
  insert into ledger.debt (account_no, debt, cause, hold, payment, amount, open, created_seq)
  values (w.account_no, w.last_place, new_debt.cause, new_debt.hold, new_debt.payment, new_debt.amount,
    new_debt.amount, w.last_seq + 1);
  w.debt := w.debt + new_debt.amount;
  return ledger.add_entry(w, ledger.debt_place(w.last_place), -new_debt.amount);
end $$;

-- How long a replacement lives: the grace from now, but never beyond 90 days from its root's expiry.
create function ledger.replacement_expiry(at timestamptz, grace_seconds bigint, root_expires_at timestamptz)
returns timestamptz language sql immutable as $$
  select least(at + make_interval(secs => grace_seconds), root_expires_at + interval '2160 hours')
$$;

-- Credit of this lot has just become free. It first settles what the lot owes; it goes where the lot was voided; it stays
-- where the lot still lives, moves to a replacement if the lot has expired by a fault that is not the customer's, or expires at once.
create function ledger.settle_freed(w ledger.draft, lot bigint, amount bigint, fault text, grace_seconds bigint)
returns ledger.draft
language plpgsql as $$
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
end $$;
