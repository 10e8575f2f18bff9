-- Taking back what a payment bought. Events report cumulative figures, come in any order and any number of times; only the
-- difference between what should be clawed back and what has been is posted, so the totals end the same.
--
-- Credit is found in this order: free in the payment's lots; forfeited, because it expired or was voided before; held,
-- where it is marked and taken on release or owed on capture; and the rest, which was spent, is owed.

create function ledger.clawback(
  account text, key text, payment text, refunded bigint default null, dispute text default null,
  withdrawn bigint default null, reinstated bigint default null,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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
end $$;

-- The account that holds the payment's lots now: the one that was named, or the one it was merged into.
create function ledger.payer_of(account text, payment text) returns text
language plpgsql stable as $$
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
end $$;

-- The largest figures win, whatever order they come in.
create function ledger.learn(p ledger.payment, refunded bigint, dispute text, withdrawn bigint, reinstated bigint)
returns ledger.payment
language plpgsql immutable as $$
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
end $$;

create function ledger.clawback_target(p ledger.payment) returns bigint
language plpgsql immutable as $$
declare
  lost numeric := p.refunded + (
    select coalesce(sum(greatest(d.withdrawn - d.reinstated, 0)), 0)
    from unnest(p.dispute_withdrawn, p.dispute_reinstated) as d (withdrawn, reinstated));
begin
  if p.paid = 0 then
    return case when lost > 0 then p.granted else 0 end;
  end if;
  return ceil(p.granted * least(p.paid, lost) / p.paid);
end $$;

create function ledger.claw(w ledger.draft, p ledger.payment, amount bigint) returns ledger.draft
language plpgsql as $$
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
end $$;

-- The way back, in reverse: what is owed, what is marked, what was forfeited, what was taken.
create function ledger.restore(w ledger.draft, p ledger.payment, amount bigint) returns ledger.draft
language plpgsql as $$
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
end $$;

create function ledger.restore_lot(w ledger.draft, l ledger.lot, part bigint) returns ledger.draft
language plpgsql as $$
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
end $$;

-- A debt that had been repaid before the accounts were merged: the lots that repaid it come back in the account that took over.
create function ledger.reverse_old_debt(w ledger.draft, d ledger.debt, amount bigint) returns ledger.draft
language plpgsql as $$
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
end $$;

-- Whose payment this is now; null for one that bought nothing here.
create function ledger.payment_account(payment text) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select a.id from ledger.payment p join ledger.account a using (account_no) where p.payment = payment_account.payment
$$;
