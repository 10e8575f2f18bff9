-- Closing, merging, freezing and thawing accounts; scrubbing a person's words from the books.

create function ledger.refuse_for_holds(w ledger.draft) returns ledger.outcome
language sql as $$
  select ledger.refuse(w, ledger.refusal_of(w, 'holds_open',
    jsonb_build_object('open_holds', w.open_holds, 'held', w.held::text)))
$$;

create function ledger.close_account(
  account text, key text, reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

-- Moves all that one account has left and owes into another. Two operations that name each other's account; the first row
-- is the account that is emptied and closed, the second the one that takes over.
create function ledger.merge(
  source text, target text, key text,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns setof ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

create function ledger.freeze(
  account text, key text, reason text,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

-- The leases of open holds are longer by the time the freeze lasted; then what fell due meanwhile is booked.
create function ledger.thaw(
  account text, key text, reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

-- Forgets every free text of an account; amounts, times and the chain stay as they are.
create function ledger.scrub(account text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

create function ledger.prune_refusals(before timestamptz, most bigint default 10000) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  with pruned as (
    delete from ledger.refusal r
    where (r.account_no, r.key) in (
      select o.account_no, o.key from ledger.refusal o where o.at < before order by o.at limit most)
    returning 1
  )
  select count(*) from pruned
$$;
