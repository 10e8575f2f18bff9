-- Many calls in one commit. Each item gets its own result or its own error, in the order of arrival per account. An account
-- in ordinary circumstances is read once, all its items are decided in memory by the same planning functions that single
-- calls use, and everything is written in bulk; in any other circumstances its items go through the single functions.

create type ledger.item as (
  n             int,
  kind          text,
  account       text,
  key           text,
  hold          bigint,
  amount        bigint,
  final         boolean,
  lease_seconds bigint,
  late_seconds  bigint,
  over_capture  text,
  fault         text,
  grace_seconds bigint,
  reference     text,
  metadata      jsonb,
  event_at      timestamptz
);

create type ledger.item_result as (n int, error_state text, error_message text, error_data jsonb, outcome ledger.outcome);

create function ledger.item_error(n int, state text, message text, data jsonb) returns ledger.item_result
language plpgsql immutable as $$
declare
  r ledger.item_result;
begin
  r.n := item_error.n;
  r.error_state := state;
  r.error_message := message;
  r.error_data := data;
  return r;
end $$;

create function ledger.item_done(n int, outcome ledger.outcome) returns ledger.item_result
language plpgsql immutable as $$
declare
  r ledger.item_result;
begin
  r.n := item_done.n;
  r.outcome := item_done.outcome;
  return r;
end $$;

create function ledger.item_intent(i ledger.item) returns bytea
language plpgsql immutable as $$
begin
  if i.kind = 'place_hold' then
    return ledger.place_hold_intent(i.amount, i.lease_seconds, i.late_seconds, i.over_capture, i.reference, i.metadata,
      i.event_at);
  elsif i.kind = 'capture' then
    return ledger.capture_intent(i.hold, i.amount, i.final, i.fault, i.grace_seconds, i.reference, i.metadata, i.event_at);
  end if;
  return ledger.release_intent(i.hold, i.fault, i.grace_seconds, i.reference, i.metadata, i.event_at);
end $$;

-- The same limits as single calls. A malformed item is raised: its batch is then run item by item.
create function ledger.check_item(i ledger.item) returns boolean
language plpgsql immutable as $$
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
end $$;

create function ledger.run_item(i ledger.item) returns ledger.outcome
language plpgsql as $$
begin
  if i.kind = 'place_hold' then
    return ledger.place_hold(i.account, i.key, i.amount, i.lease_seconds, i.late_seconds, i.over_capture, i.reference,
      i.metadata, i.event_at);
  elsif i.kind = 'capture' then
    return ledger.capture(i.account, i.key, i.hold, i.amount, i.final, i.fault, i.grace_seconds, i.reference, i.metadata,
      i.event_at);
  end if;
  return ledger.release(i.account, i.key, i.hold, i.fault, i.grace_seconds, i.reference, i.metadata, i.event_at);
end $$;

create function ledger.batch(items jsonb) returns setof ledger.item_result
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  g record;
  i ledger.item;
  checked boolean;
  results ledger.item_result[] := '{}';
begin
  -- accounts in one order, so that two batches never wait for each other in a circle
  for g in
    select x.account, array_agg(x order by x.n) as items
    from jsonb_populate_recordset(null::ledger.item, batch.items) x group by x.account order by x.account
  loop
    foreach i in array g.items loop
      checked := ledger.check_item(i);
    end loop;
    results := results || ledger.batch_account(g.account, g.items);
  end loop;
  return query select x.* from unnest(results) x;
end $$;

-- The items of one account.
create function ledger.batch_account(account_id text, items ledger.item[]) returns ledger.item_result[]
language plpgsql as $$
declare
  a ledger.account;
  w ledger.draft;
  i ledger.item;
  h ledger.hold;
  o ledger.operation;
  k int;
  -- what is stored for the items' keys
  stored_key text[];
  stored_intent bytea[];
  -- lots in the order of spending
  lot_id bigint[];
  lot_free bigint[];
  lot_pinned bigint[];
  lot_taken bigint[];
  -- holds that the items name
  holds ledger.hold[] := '{}';
  hold_id bigint[] := '{}';
  -- anything that the quick way does not know: lots past their expiry, voided or clawed back, holds that have expired
  special boolean := false;
  saved boolean;
  -- what will be written
  new_holds ledger.hold[] := '{}';
  operations ledger.operation[] := '{}';
  refusals ledger.refusal[] := '{}';
  results ledger.item_result[] := '{}';
  done_key text[] := '{}';
  done_intent bytea[] := '{}';
  item_intent bytea;
  r ledger.outcome;
  need bigint;
  part bigint;
  refusal ledger.refusal;
begin
  select * into a from ledger.account t where t.id = account_id for update;
  if not found then
    foreach i in array items loop
      results := results || ledger.item_error(i.n, 'LG001', 'no such account', jsonb_build_object('account', account_id));
    end loop;
    return results;
  end if;
  w := ledger.draft_of(a);
  if a.frozen_at is null and a.closed_at is null and a.due_at <= w.now then
    w := ledger.book_due(w, null);
    saved := ledger.save_account(w);
  end if;

  -- `limit 1` makes each a look-up in the index: the planner, not knowing how many rows an account has, would read them all
  select array_agg(s.key), array_agg(s.intent) into stored_key, stored_intent
  from (
    select done.key, done.intent from unnest(items) x cross join lateral (
      select t.key, t.intent from ledger.operation t where t.account_no = a.account_no and t.key = x.key limit 1) done
    union all
    select refused.key, refused.intent from unnest(items) x cross join lateral (
      select t.key, t.intent from ledger.refusal t where t.account_no = a.account_no and t.key = x.key limit 1) refused
  ) s;
  foreach i in array items loop
    if i.hold is not null and array_position(hold_id, i.hold) is null then
      select * into h from ledger.hold t where t.account_no = a.account_no and t.hold = i.hold;
      if found then
        holds := holds || h;
        hold_id := hold_id || h.hold;
        special := special or h.state = 'expired';
      end if;
    end if;
  end loop;
  select array_agg(t.lot order by s), array_agg(t.remaining - t.held order by s), array_agg(0::bigint),
    array_agg(0::bigint), special or coalesce(bool_or(t.unusual), false)
  into lot_id, lot_free, lot_pinned, lot_taken, special
  from (
    select x.lot, x.remaining, x.held, x.claim > 0 or x.voided_at is not null or x.expires_at <= w.now as unusual,
      row_number() over (order by x.priority, x.expires_at, x.class = 'paid', x.effective_at, x.lot) as s
    from ledger.lot x where x.account_no = a.account_no and x.live and x.started
  ) t;

  if special or stored_key is not null or a.frozen_at is not null or a.closed_at is not null or w.debt > 0 then
    return ledger.batch_singly(a, items, stored_key, stored_intent, hold_id);
  end if;

  foreach i in array items loop
    item_intent := ledger.item_intent(i);
    k := array_position(done_key, i.key);
    if k is not null then
      if done_intent[k] <> item_intent then
        results := results || ledger.item_error(i.n, 'LG006', 'this key stands for something else',
          jsonb_build_object('key', i.key));
      else
        r := (results[k]).outcome;
        r.replayed := true;
        results := results || ledger.item_done(i.n, r);
      end if;
      done_key := done_key || i.key;
      done_intent := done_intent || item_intent;
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
    refusal := null;

    if i.kind = 'place_hold' then
      if i.amount > w.total - w.held and i.amount > 0 then
        refusal := ledger.refusal_for_credit(w, i.amount);
      else
        need := i.amount;
        w.slice_place := '{}';
        w.slice_amount := '{}';
        k := 1;
        while need > 0 loop
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
      k := array_position(hold_id, i.hold);
      if k is null then
        results := results || ledger.item_error(i.n, 'LG007', 'no such hold in this account',
          jsonb_build_object('hold', i.hold::text));
        done_key := done_key || null::text;
        done_intent := done_intent || item_intent;
        continue;
      end if;
      h := holds[k];
      if h.state <> 'open' then
        refusal := ledger.refusal_for_state(w, h);
      elsif i.kind = 'capture' and i.amount > h.amount - h.captured and h.over_capture = 'reject' then
        refusal := ledger.refusal_for_over_capture(w, h, i.amount);
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
        for s in 1 .. cardinality(w.slice_place) loop
          k := array_position(lot_id, w.slice_place[s]);
          lot_taken[k] := lot_taken[k] + w.slice_take[s];
          lot_free[k] := lot_free[k] + w.slice_free[s];
          lot_pinned[k] := lot_pinned[k] - w.slice_take[s] - w.slice_free[s];
        end loop;
      end if;
    end if;

    if refusal.code is not null then
      refusals := refusals || refusal;
      results := results || ledger.item_done(i.n, ledger.refused_outcome(w, refusal, false));
    else
      o := ledger.next_operation(w);
      operations := operations || o;
      w := ledger.after_operation(w, o);
      results := results || ledger.item_done(i.n, ledger.outcome_of(w, false));
    end if;
    done_key := done_key || i.key;
    done_intent := done_intent || item_intent;
  end loop;

  if cardinality(operations) > 0 then
    insert into ledger.operation select x.* from unnest(operations) x;
  end if;
  if cardinality(new_holds) > 0 then
    insert into ledger.hold select x.* from unnest(new_holds) x;
  end if;
  if cardinality(refusals) > 0 then
    insert into ledger.refusal select x.* from unnest(refusals) x;
  end if;
  foreach h in array holds loop
    update ledger.hold t
    set captured = h.captured, released = h.released, state = h.state, slice_captured = h.slice_captured,
        closed_at = h.closed_at
    where t.account_no = h.account_no and t.hold = h.hold;
  end loop;
  for k in 1 .. coalesce(cardinality(lot_id), 0) loop
    if lot_pinned[k] <> 0 or lot_taken[k] <> 0 then
      update ledger.lot t
      set held = t.held + lot_pinned[k], remaining = t.remaining - lot_taken[k], live = t.remaining - lot_taken[k] > 0, consumed = t.consumed + lot_taken[k]
      where t.account_no = a.account_no and t.lot = lot_id[k];
    end if;
  end loop;
  saved := ledger.save_account(w);
  return results;
end $$;

-- One item after the other through the single functions; what those would raise is answered instead, so that the other
-- items of the batch live.
create function ledger.batch_singly(
  a ledger.account, items ledger.item[], stored_key text[], stored_intent bytea[], hold_id bigint[]
) returns ledger.item_result[]
language plpgsql as $$
declare
  results ledger.item_result[] := '{}';
  i ledger.item;
  k int;
  seen jsonb := '{}';
  intent bytea;
begin
  foreach i in array items loop
    intent := ledger.item_intent(i);
    k := array_position(stored_key, i.key);
    if (k is not null and stored_intent[k] <> intent)
      or (seen ? i.key and seen ->> i.key <> encode(intent, 'hex')) then
      results := results || ledger.item_error(i.n, 'LG006', 'this key stands for something else', jsonb_build_object('key', i.key));
    elsif k is null and not seen ? i.key and a.closed_at is not null then
      results := results || ledger.item_error(i.n, 'LG002', 'the account is closed', jsonb_build_object('account', a.id,
        'merged_into', (select m.id from ledger.account m where m.account_no = a.merged_into)));
    elsif k is null and not seen ? i.key and a.frozen_at is not null then
      results := results || ledger.item_error(i.n, 'LG003', 'the account is frozen', jsonb_build_object('account', a.id));
    elsif k is null and i.hold is not null and array_position(hold_id, i.hold) is null then
      results := results || ledger.item_error(i.n, 'LG007', 'no such hold in this account', jsonb_build_object('hold', i.hold::text));
    else
      results := results || ledger.item_done(i.n, ledger.run_item(i));
      seen := seen || jsonb_build_object(i.key, encode(intent, 'hex'));
    end if;
  end loop;
  return results;
end $$;
