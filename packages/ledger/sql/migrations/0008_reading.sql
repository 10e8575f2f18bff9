-- Reading. What is due but not booked yet is counted as if it were: an answer is the same before and after a sweep.

-- Each lot of an account that still holds anything, as it stands at `t` (not before the account's last operation).
create function ledger.lots_at(account_no bigint, t timestamptz)
returns table (lot bigint, started boolean, remaining bigint, held bigint, expired bigint, voided bigint,
  clawed_back bigint)
language sql stable as $$
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
$$;

create function ledger.account_of(account text) returns ledger.account
language plpgsql stable as $$
declare
  a ledger.account;
begin
  select * into a from ledger.account t where t.id = account;
  if not found then
    perform ledger.fail('LG001', 'no such account', jsonb_build_object('account', left(account, 200)));
  end if;
  return a;
end $$;

-- The last operation at or before `t`: times never fall from one operation to the next, so halving finds it.
create function ledger.operation_at(a ledger.account, t timestamptz) returns bigint
language plpgsql stable as $$
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
end $$;

create type ledger.balance_row as (
  account text, unit text, at timestamptz, total bigint, held bigint, debt bigint, upcoming bigint,
  expiring bigint, next_expiry_at timestamptz, open_holds bigint, frozen boolean, closed boolean, operation bigint
);

create function ledger.balance(account text, at timestamptz default null, expiring_within_days bigint default 30)
returns ledger.balance_row
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

create type ledger.lot_row as (
  lot bigint, state text, class text, priority int, granted bigint, remaining bigint, held bigint, consumed bigint,
  refunded bigint, expired bigint, voided bigint, clawed_back bigint, moved bigint, effective_at timestamptz,
  expires_at timestamptz, payment text, root_lot bigint, reference text, created_at timestamptz
);

-- In the order of spending; with `every` all that ever were, the newest first.
create function ledger.lots(account text, every boolean default false) returns setof ledger.lot_row
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

create type ledger.hold_row as (
  hold bigint, amount bigint, captured bigint, released bigint, refunded bigint, state text, over_capture text,
  direct boolean, late boolean, lease_until timestamptz, late_until timestamptz, placed_at timestamptz,
  closed_at timestamptz, key text, reference text, places bigint[], amounts bigint[]
);

create function ledger.hold_row_of(h ledger.hold, a ledger.account, t timestamptz) returns ledger.hold_row
language plpgsql stable as $$
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
end $$;

create function ledger.holds(account text, state text default null, most bigint default 100)
returns setof ledger.hold_row
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

create function ledger.hold(account text, hold bigint) returns ledger.hold_row
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  a ledger.account := ledger.account_of(account);
  h ledger.hold;
begin
  select * into h from ledger.hold t where t.account_no = a.account_no and t.hold = hold.hold;
  if not found then
    perform ledger.fail('LG007', 'no such hold in this account', jsonb_build_object('hold', hold::text));
  end if;
  return ledger.hold_row_of(h, a, greatest(ledger.clock(), a.last_at));
end $$;

-- Pages of operations, the newest first. What is due is booked before the first page, so that a page never misses it.
create function ledger.statement(account text, before bigint default null, most bigint default 50, kinds text[] default null)
returns setof ledger.operation
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;
