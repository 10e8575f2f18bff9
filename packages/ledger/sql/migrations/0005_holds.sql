-- Holds pin slices of lots. The order of spending is frozen into them when they are placed.

create table ledger.hold (
  account_no     bigint not null,
  -- the number of the operation that placed it
  hold           bigint not null,
  amount         bigint not null,
  captured       bigint not null default 0,
  released       bigint not null default 0,
  refunded       bigint not null default 0,
  -- open, captured, released or expired
  state          text not null,
  over_capture   text not null,
  -- a charge without a hold is written as one that was captured at once
  direct         boolean not null default false,
  late           boolean not null default false,
  lease_until    timestamptz,
  late_until     timestamptz,
  placed_at      timestamptz not null,
  closed_at      timestamptz,
  slice_place    bigint[] not null,
  slice_amount   bigint[] not null,
  slice_captured bigint[] not null,
  slice_refunded bigint[],
  primary key (account_no, hold)
) with (fillfactor = 45);

create index hold_open on ledger.hold (account_no, lease_until) where state = 'open';

-- The rare part of resolving slices: lots that have expired, were voided or clawed back, or owe.
create function ledger.settle_slices(
  w ledger.draft, slice_lot bigint[], slice_free bigint[], fault text, grace_seconds bigint
) returns ledger.draft
language plpgsql as $$
declare
  l record;
begin
  for i in 1 .. cardinality(slice_lot) loop
    if slice_free[i] > 0 then
      w := ledger.settle_freed(w, slice_lot[i], slice_free[i], fault, grace_seconds);
    end if;
  end loop;
  -- clawed back while it was held, and now captured: it is owed
  for l in
    update ledger.lot t set claim = t.held
    from (select o.lot, o.claim, o.payment from ledger.lot o where o.account_no = w.account_no and o.lot = any (slice_lot)) b
    where t.account_no = w.account_no and t.lot = b.lot and t.claim > t.held
    returning t.lot, b.claim - t.held as owed, t.payment
  loop
    w := ledger.new_debt(w, l.owed, 'clawback', null, l.payment);
    w := ledger.add_entry(w, -5, l.owed);
  end loop;
  return w;
end $$;

-- Plans what a capture, release or expiry does to an open hold: consumes `take` of its slices in their order and, where it
-- is final, frees the rest. Touches no table, so that single calls and batches decide alike.
create function ledger.plan_resolution(w ledger.draft, h ledger.hold, take bigint, final boolean, end_state text)
returns ledger.draft
language plpgsql immutable as $$
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
end $$;

create function ledger.hold_resolved(w ledger.draft, h ledger.hold) returns ledger.hold
language plpgsql immutable as $$
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
end $$;

create function ledger.resolve_hold(
  w ledger.draft, h ledger.hold, take bigint, final boolean, end_state text, fault text, grace_seconds bigint
) returns ledger.draft
language plpgsql as $$
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
end $$;

-- Plans a hold over the slices that were chosen. Touches no table.
create function ledger.plan_hold(w ledger.draft, amount bigint, lease_seconds bigint) returns ledger.draft
language plpgsql immutable as $$
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
end $$;

create function ledger.hold_planned(w ledger.draft, late_seconds bigint, over_capture text) returns ledger.hold
language plpgsql immutable as $$
begin
  return row(
    w.account_no, w.hold, w.hold_amount, 0, 0, 0, 'open', hold_planned.over_capture, false, false, w.lease_until,
    w.lease_until + make_interval(secs => late_seconds), w.now, null, w.slice_place, w.slice_amount,
    array_fill(0::bigint, array[cardinality(w.slice_place)]), null
  )::ledger.hold;
end $$;

-- What the caller of each asks for, the same for single calls and batches.
create function ledger.place_hold_intent(
  amount bigint, lease_seconds bigint, late_seconds bigint, over_capture text, reference text, metadata jsonb,
  event_at timestamptz
) returns bytea language plpgsql immutable as $$
begin
  return ledger.intent('place_hold', amount::text, lease_seconds::text, late_seconds::text, over_capture, reference,
    metadata::text, ledger.stamp(event_at));
end $$;

create function ledger.capture_intent(
  hold bigint, amount bigint, final boolean, fault text, grace_seconds bigint, reference text, metadata jsonb,
  event_at timestamptz
) returns bytea language plpgsql immutable as $$
begin
  return ledger.intent('capture', hold::text, amount::text, final::text, fault, grace_seconds::text, reference,
    metadata::text, ledger.stamp(event_at));
end $$;

create function ledger.release_intent(
  hold bigint, fault text, grace_seconds bigint, reference text, metadata jsonb, event_at timestamptz
) returns bytea language plpgsql immutable as $$
begin
  return ledger.intent('release', hold::text, fault, grace_seconds::text, reference, metadata::text,
    ledger.stamp(event_at));
end $$;

create function ledger.place_hold(
  account text, key text, amount bigint, lease_seconds bigint, late_seconds bigint default 3600,
  over_capture text default 'reject', reference text default null, metadata jsonb default null,
  event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

create function ledger.hold_of(w ledger.draft, hold bigint) returns ledger.hold
language plpgsql as $$
declare
  h ledger.hold;
begin
  select * into h from ledger.hold t where t.account_no = w.account_no and t.hold = hold_of.hold;
  if not found then
    perform ledger.fail('LG007', 'no such hold in this account', jsonb_build_object('hold', hold_of.hold::text));
  end if;
  return h;
end $$;

create function ledger.refusal_for_state(w ledger.draft, h ledger.hold) returns ledger.refusal
language plpgsql immutable as $$
begin
  return ledger.refusal_of(w, 'hold_not_open', jsonb_build_object(
    'hold', h.hold::text, 'state', h.state, 'captured', h.captured::text, 'released', h.released::text));
end $$;

create function ledger.refusal_for_over_capture(w ledger.draft, h ledger.hold, amount bigint) returns ledger.refusal
language plpgsql immutable as $$
begin
  return ledger.refusal_of(w, 'over_capture', jsonb_build_object('hold', h.hold::text, 'amount', amount::text,
    'held', (h.amount - h.captured)::text, 'captured', h.captured::text));
end $$;

create function ledger.extend_hold(
  account text, key text, hold bigint, lease_seconds bigint,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

create function ledger.capture(
  account text, key text, hold bigint, amount bigint, final boolean default true, fault text default 'customer',
  grace_seconds bigint default 604800,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

-- The lease has ended and its slices are gone: a direct charge of whatever is spendable now, linked to the hold.
create function ledger.capture_late(w ledger.draft, h ledger.hold, take bigint, final boolean) returns ledger.draft
language plpgsql as $$
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
end $$;

create function ledger.release(
  account text, key text, hold bigint, fault text default 'customer', grace_seconds bigint default 604800,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;
