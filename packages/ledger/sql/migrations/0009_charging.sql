-- Taking credit without a hold, repaying debt, and giving captured credit back.

create function ledger.charge(
  account text, key text, amount bigint, debt_limit bigint default 0,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

create function ledger.repay(
  account text, key text, amount bigint default null,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

-- Consumed credit comes back to the lot it came from.
create function ledger.return_to_lot(w ledger.draft, lot bigint, amount bigint, fault text, grace_seconds bigint)
returns ledger.draft
language plpgsql as $$
declare
  started boolean;
begin
  update ledger.lot t set remaining = t.remaining + amount, live = t.remaining + amount > 0, refunded = t.refunded + amount
  where t.account_no = w.account_no and t.lot = return_to_lot.lot returning t.started into started;
  w := ledger.add_left(w, started, amount);
  w := ledger.add_entry(w, return_to_lot.lot, amount);
  return ledger.settle_freed(w, return_to_lot.lot, amount, fault, grace_seconds);
end $$;

-- What caused a debt is undone: what is still open of it goes first, then the lots that repaid it get theirs back.
create function ledger.reverse_debt(w ledger.draft, debt bigint, amount bigint, fault text, grace_seconds bigint)
returns ledger.draft
language plpgsql as $$
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
end $$;

create function ledger.refund(
  account text, key text, hold bigint, amount bigint default null, fault text default 'customer',
  grace_seconds bigint default 604800,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;
