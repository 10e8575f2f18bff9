-- Many calls in one commit. Each item gets its own result or its own error, in the order of arrival per account. Everything
-- that the items touch is read at once, decided in memory by the same planning functions that single calls use, and written
-- in bulk. Accounts in unusual circumstances go through the single functions, item by item.

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

-- What is due on these accounts is booked before anything else of them is read.
create function ledger.lock_for_batch(account_id text[]) returns ledger.account[]
language plpgsql as $$
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
end $$;

create function ledger.batch(items jsonb) returns setof ledger.item_result
language plpgsql security definer set search_path = pg_catalog, pg_temp
-- arrays are looked up in indexes, however small the tables were when the plan was made
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
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
end $$;

-- One item after the other through the single functions; what those would raise is answered instead, so that the other
-- items of the batch live.
create function ledger.batch_singly(a ledger.account, items ledger.item[]) returns ledger.item_result[]
language plpgsql as $$
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
end $$;
