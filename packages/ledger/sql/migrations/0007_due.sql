-- What falls due by itself: a lot starts, a lease ends, a lot expires. Each is an operation at the time it fell due, so
-- that the order of operations is the order of time. Every write books what is due first; the sweep serves idle accounts.

create function ledger.book_due(w ledger.draft, most int) returns ledger.draft
language plpgsql as $$
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
end $$;

create function ledger.start_lot(w ledger.draft, lot bigint) returns ledger.draft
language plpgsql as $$
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
end $$;

-- What holds pin stays until they resolve.
create function ledger.expire_lot(w ledger.draft, lot bigint) returns ledger.draft
language plpgsql as $$
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
end $$;

create function ledger.expire_hold(w ledger.draft, hold bigint) returns ledger.draft
language plpgsql as $$
declare
  h ledger.hold;
begin
  select * into h from ledger.hold t where t.account_no = w.account_no and t.hold = expire_hold.hold;
  w.kind := 'expire_hold';
  w := ledger.resolve_hold(w, h, 0, true, 'expired', 'customer', 0);
  w.amount := w.released - h.released;
  return w;
end $$;

-- Books what is due now, unless the account is frozen.
create function ledger.book_now(account_no bigint, most int) returns ledger.draft
language plpgsql as $$
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
end $$;

create type ledger.sweep_row as (accounts bigint, lots_started bigint, lots_expired bigint, holds_expired bigint, more boolean);

-- Books what is due on idle accounts. An account that a writer has locked is left to that writer. At most a thousand
-- operations of one account at a time, so that a customer never waits long behind a sweep.
create function ledger.sweep(max_accounts bigint default 100) returns ledger.sweep_row
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  checked boolean;
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
    w := ledger.book_now(a.account_no, 1000);
    r.accounts := r.accounts + 1;
    r.more := r.more or w.due_at <= w.now;
    select r.lots_started + count(*) filter (where o.kind = 'start_lot'),
      r.lots_expired + count(*) filter (where o.kind = 'expire_lot'),
      r.holds_expired + count(*) filter (where o.kind = 'expire_hold')
    into r.lots_started, r.lots_expired, r.holds_expired
    from ledger.operation o where o.account_no = a.account_no and o.seq > a.last_seq;
  end loop;
  r.more := r.more or r.accounts = max_accounts;
  return r;
end $$;
