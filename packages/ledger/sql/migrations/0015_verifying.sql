-- Checking the invariants. Every check is one reading of one account; differences come as rows, with ids.

create type ledger.difference as (
  check_name text, account text, operation bigint, lot bigint, hold bigint, expected text, found text
);

create function ledger.count_accounts(account text) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select count(*) from ledger.account a where count_accounts.account is null or a.id = count_accounts.account
$$;

-- The chain and each operation's own figures, from `first_seq` on; at most `most` operations.
create function ledger.verify_operations(a ledger.account, first_seq bigint, most bigint)
returns setof ledger.difference
language plpgsql stable as $$
declare
  o ledger.operation;
  p ledger.operation;
  previous_hash bytea := sha256(int8send(a.account_no));
  expected_seq bigint := first_seq;
  booked bigint;
  pinned bigint;
begin
  select * into p from ledger.operation t where t.account_no = a.account_no and t.seq = first_seq - 1;
  if found then
    previous_hash := p.hash;
  else
    p.total := 0;
    p.held := 0;
    p.debt := 0;
    p.upcoming := 0;
    p.at := '-infinity';
  end if;
  for o in
    select * from ledger.operation t
    where t.account_no = a.account_no and t.seq between first_seq and least(a.last_seq, first_seq + most - 1)
    order by t.seq
  loop
    if o.seq <> expected_seq then
      return next row('chain', a.id, expected_seq, null, null, 'an operation', 'nothing')::ledger.difference;
    end if;
    expected_seq := o.seq + 1;
    if o.hash <> ledger.link(previous_hash, o,
      coalesce(o.commitment, ledger.commitment(a.salt, o.key, o.reference, o.metadata, o.event_at))) then
      return next row('chain', a.id, o.seq, null, o.hold, 'the operation as it was written', 'an altered one')::ledger.difference;
    end if;
    previous_hash := o.hash;
    if (select coalesce(sum(e), 0) from unnest(o.entry_amount) e) <> 0 then
      return next row('I1', a.id, o.seq, null, o.hold, 'legs that sum to 0', o.entry_amount::text)::ledger.difference;
    end if;
    select coalesce(sum(e.amount), 0) into booked
    from unnest(o.entry_place, o.entry_amount) as e (place, amount) where e.place > 0 or e.place < -10;
    if o.total + o.upcoming - o.debt <> p.total + p.upcoming - p.debt + booked then
      return next row('I2', a.id, o.seq, null, o.hold, (p.total + p.upcoming - p.debt + booked)::text,
        (o.total + o.upcoming - o.debt)::text)::ledger.difference;
    end if;
    select coalesce(sum(e), 0) into pinned from unnest(o.pin_amount) e;
    if o.held <> p.held + pinned then
      return next row('I3', a.id, o.seq, null, o.hold, (p.held + pinned)::text, o.held::text)::ledger.difference;
    end if;
    if o.held > o.total or o.held < 0 or o.debt < 0 or o.upcoming < 0 then
      return next row('I5', a.id, o.seq, null, o.hold, 'available not below 0 but by debt',
        format('total %s, held %s, debt %s', o.total, o.held, o.debt))::ledger.difference;
    end if;
    if o.at < p.at then
      return next row('I9', a.id, o.seq, null, o.hold, 'not before ' || p.at, o.at::text)::ledger.difference;
    end if;
    p := o;
  end loop;
  if expected_seq <= least(a.last_seq, first_seq + most - 1) then
    return next row('chain', a.id, expected_seq, null, null, 'an operation', 'nothing')::ledger.difference;
  end if;
  if first_seq + most > a.last_seq then
    if previous_hash <> a.head then
      return next row('head', a.id, a.last_seq, null, null, encode(previous_hash, 'hex'), encode(a.head, 'hex'))::ledger.difference;
    end if;
    if (p.total, p.held, p.debt, p.upcoming, p.at) is distinct from (a.total, a.held, a.debt, a.upcoming, a.last_at) then
      return next row('I2', a.id, a.last_seq, null, null,
        format('total %s, held %s, debt %s, upcoming %s', p.total, p.held, p.debt, p.upcoming),
        format('total %s, held %s, debt %s, upcoming %s', a.total, a.held, a.debt, a.upcoming))::ledger.difference;
    end if;
  end if;
end $$;

-- The account's lots, holds, debts and payments against a replay of its journal, all in one reading.
create function ledger.verify_state(wanted bigint) returns setof ledger.difference
language sql stable as $$
  with a as (
    select * from ledger.account t where t.account_no = wanted
  ), o as (
    select t.* from ledger.operation t, a where t.account_no = wanted and t.seq <= a.last_seq
  ), legs as (
    select e.place, sum(e.amount)::bigint as amount
    from o cross join lateral unnest(o.entry_place, o.entry_amount) as e (place, amount)
    where e.place > 0 or e.place < -10 group by e.place
  ), pins as (
    select p.lot, sum(p.amount)::bigint as amount
    from o cross join lateral unnest(o.pin_lot, o.pin_amount) as p (lot, amount) group by p.lot
  ), slices as (
    select s.lot, sum(s.amount - s.captured)::bigint as open
    from ledger.hold h cross join lateral unnest(h.slice_place, h.slice_amount, h.slice_captured) as s (lot, amount, captured)
    where h.account_no = wanted and h.state = 'open' group by s.lot
  ), by_hold as (
    select o.hold, coalesce(sum(o.amount) filter (where o.kind = 'capture'), 0)::bigint as captured,
      coalesce(sum(o.amount) filter (where o.kind = 'charge'), 0)::bigint as charged,
      coalesce(sum(o.amount) filter (where o.kind = 'refund'), 0)::bigint as refunded
    from o where o.hold is not null group by o.hold
  ), l as (
    select * from ledger.lot t where t.account_no = wanted
  )
  select 'I2', a.id, null::bigint, coalesce(l.lot, g.place), null::bigint, coalesce(g.amount, 0)::text, l.remaining::text
  from a, l full join (select * from legs where place > 0) g on g.place = l.lot
  where l.remaining is distinct from coalesce(g.amount, 0)
  union all
  select 'I2', a.id, null, null, null, coalesce(-g.amount, 0)::text, d.open::text
  from a, (select * from ledger.debt t where t.account_no = wanted) d
    full join (select * from legs where place < -10) g on g.place = -10 - d.debt
  where d.open is distinct from coalesce(-g.amount, 0)
  union all
  select 'I3', a.id, null, l.lot, null, coalesce(p.amount, 0)::text, l.held::text
  from a, l left join pins p on p.lot = l.lot where l.held <> coalesce(p.amount, 0)
  union all
  select 'I3', a.id, null, l.lot, null, coalesce(s.open, 0)::text, l.held::text
  from a, l left join slices s on s.lot = l.lot where l.held <> coalesce(s.open, 0)
  union all
  select 'I4', a.id, null, l.lot, null, l.granted::text,
    (l.consumed - l.refunded + l.expired + l.voided + l.clawed_back + l.moved + l.remaining)::text
  from a, l
  where l.granted <> l.consumed - l.refunded + l.expired + l.voided + l.clawed_back + l.moved + l.remaining
    or l.remaining < l.held or l.held < l.claim or l.claim < 0 or l.live <> (l.remaining > 0)
  union all
  select 'I2', a.id, null, null, null, format('total %s, held %s, upcoming %s, debt %s', s.total, s.held, s.upcoming, d.open),
    format('total %s, held %s, upcoming %s, debt %s', a.total, a.held, a.upcoming, a.debt)
  from a,
    (select coalesce(sum(l.remaining) filter (where l.started), 0) as total, coalesce(sum(l.held), 0) as held,
       coalesce(sum(l.remaining) filter (where not l.started), 0) as upcoming from l) s,
    (select coalesce(sum(t.open), 0) as open from ledger.debt t where t.account_no = wanted) d
  where (a.total, a.held, a.upcoming, a.debt) is distinct from (s.total::bigint, s.held::bigint, s.upcoming::bigint, d.open::bigint)
  union all
  select 'I3', a.id, null, null, null, count(h.hold)::text, a.open_holds::text
  from a left join ledger.hold h on h.account_no = a.account_no and h.state = 'open'
  group by a.id, a.open_holds having count(h.hold) <> a.open_holds
  union all
  select 'I4', a.id, null, null, null, d.amount::text, (d.open + r.repaid)::text
  from a, ledger.debt d, lateral (select coalesce(sum(x), 0) as repaid from unnest(d.repaid_amount) x) r
  where d.account_no = wanted and d.amount <> d.open + r.repaid
  union all
  select 'I4', a.id, null, null, null, p.posted::text, (c.taken + c.pending + c.owed + p.forfeited)::text
  from a, ledger.payment p, lateral (
    select coalesce((select sum(x.clawed_back) from ledger.lot x where x.payment = p.payment), 0) as taken,
      coalesce((select sum(x.claim) from ledger.lot x where x.payment = p.payment), 0) as pending,
      coalesce((select sum(x.amount) from ledger.debt x where x.payment = p.payment and x.cause = 'clawback'), 0) as owed) c
  where p.account_no = wanted and p.posted <> c.taken + c.pending + c.owed + p.forfeited
  union all
  select 'I6', a.id, o.seq, null, null, 'one effect per key', 'a refusal beside an operation'
  from a, o join ledger.refusal r on r.account_no = wanted and r.key = o.key
  union all
  select 'I8', a.id, null, null, coalesce(h.hold, b.hold),
    format('captured %s, refunded %s', coalesce(b.captured + b.charged, 0), coalesce(b.refunded, 0)),
    format('captured %s, refunded %s', h.captured, h.refunded)
  from a, (select * from ledger.hold t where t.account_no = wanted) h full join by_hold b on b.hold = h.hold
  where h.captured is distinct from coalesce(b.captured + b.charged, 0) or h.refunded is distinct from coalesce(b.refunded, 0)
    or (h.direct and h.captured <> b.charged)
    or h.captured <> (select coalesce(sum(x), 0) from unnest(h.slice_captured) x)
    or (h.state = 'open') is distinct from (h.closed_at is null)
    or h.refunded > h.captured or h.captured + h.released > h.amount
    or (h.state <> 'open' and h.captured + h.released <> h.amount)
$$;

create type ledger.verify_row as (next text, accounts bigint, operations bigint, differences jsonb);

-- A bounded step: about `budget` operations from the cursor `account_no` or `account_no.seq` on. `next` is null at the end.
create function ledger.verify(only_account text, cursor text, budget bigint, freeze_drifted boolean default false)
returns ledger.verify_row
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  a ledger.account;
  d ledger.difference[];
  r ledger.verify_row;
  after_no bigint := split_part(cursor, '.', 1)::bigint;
  seq bigint := coalesce(nullif(split_part(cursor, '.', 2), '')::bigint, 1);
  step bigint;
begin
  r := row(null, 0, 0, '[]');
  while r.operations < budget loop
    select * into a from ledger.account t
    where (case when seq > 1 then t.account_no >= after_no else t.account_no > after_no end)
      and (only_account is null or t.id = only_account)
    order by t.account_no limit 1;
    if not found then
      return r;
    end if;
    step := budget - r.operations;
    d := array(select v from ledger.verify_operations(a, seq, step) v);
    r.operations := r.operations + least(step, a.last_seq - seq + 1);
    after_no := a.account_no;
    if seq + step <= a.last_seq then
      r.next := format('%s.%s', a.account_no, seq + step);
    else
      d := d || array(select v from ledger.verify_state(a.account_no) v);
      r.accounts := r.accounts + 1;
      r.next := a.account_no::text;
    end if;
    if cardinality(d) > 0 then
      r.differences := r.differences || (
        select jsonb_agg(jsonb_build_object('check', x.check_name, 'account', x.account, 'operation', x.operation::text,
          'lot', x.lot::text, 'hold', x.hold::text, 'expected', coalesce(x.expected, 'nothing'),
          'found', coalesce(x.found, 'nothing')))
        from unnest(d) x);
      if freeze_drifted and a.frozen_at is null then
        perform ledger.freeze(a.id, 'drift-' || a.last_seq, 'verify found a difference');
      end if;
    end if;
    seq := 1;
    exit when split_part(r.next, '.', 2) <> '';
  end loop;
  return r;
end $$;

-- An anchored head against the journal.
create function ledger.verify_head(account text, seq bigint, hash text)
returns table (check_name text, account_id text, operation bigint, expected text, found text)
language sql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select 'head', verify_head.account, verify_head.seq, verify_head.hash, coalesce(encode(o.hash, 'hex'), 'nothing')
  from (select 1) one
  left join ledger.account a on a.id = verify_head.account
  left join ledger.operation o on o.account_no = a.account_no and o.seq = verify_head.seq
  where o.hash is null or encode(o.hash, 'hex') <> verify_head.hash
$$;
