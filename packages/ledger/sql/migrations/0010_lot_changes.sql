-- Voiding a lot and changing when it expires.

create function ledger.lot_of(w ledger.draft, lot bigint) returns ledger.lot
language plpgsql as $$
declare
  l ledger.lot;
begin
  select * into l from ledger.lot t where t.account_no = w.account_no and t.lot = lot_of.lot;
  if not found then
    perform ledger.fail('LG008', 'no such lot in this account', jsonb_build_object('lot', lot_of.lot::text));
  end if;
  return l;
end $$;

-- Removes what is free in a lot now. What is held goes when it is released.
create function ledger.void_free(w ledger.draft, l ledger.lot) returns ledger.draft
language plpgsql as $$
begin
  update ledger.lot t set remaining = t.held, live = t.held > 0, voided = t.voided + l.remaining - l.held, voided_at = w.at
  where t.account_no = w.account_no and t.lot = l.lot;
  w := ledger.add_left(w, l.started, l.held - l.remaining);
  w := ledger.add_entry(w, l.lot, l.held - l.remaining);
  return ledger.add_entry(w, -4, l.remaining - l.held);
end $$;

create function ledger.void_lot(
  account text, key text, lot bigint,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

create function ledger.change_expiry(
  account text, key text, lot bigint, expires_at timestamptz,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;
