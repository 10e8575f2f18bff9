-- A balance in words, and what becomes of it if nothing else happens.

create function ledger.date_words(t timestamptz) returns text
language sql stable as $$ select to_char(t at time zone 'UTC', 'YYYY-MM-DD') $$;

-- One line per lot, per open hold and per open debt; the amounts add up to what is available.
create type ledger.explain_row as (at timestamptz, amount bigint, text text);

create function ledger.explain(account text, at timestamptz default null) returns setof ledger.explain_row
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  a ledger.account := ledger.account_of(account);
  t timestamptz;
  last_operation bigint;
begin
  if a.due_at <= ledger.clock() and a.frozen_at is null and current_setting('transaction_read_only') = 'off' then
    perform ledger.book_now(a.account_no, null);
    a := ledger.account_of(account);
  end if;
  t := least(coalesce(explain.at, ledger.clock()), greatest(ledger.clock(), a.last_at));
  last_operation := ledger.operation_at(a, t);
  return query
    with legs as (
      select o.seq, o.at, o.kind, o.reference, e.place, e.amount
      from ledger.operation o cross join lateral unnest(o.entry_place, o.entry_amount) as e (place, amount)
      where o.account_no = a.account_no and o.seq <= last_operation and (e.place > 0 or e.place < -10)
    ), kinds as (
      select g.place, g.kind, sum(g.amount)::bigint as amount, min(g.seq) as seq from legs g group by g.place, g.kind
    ), places as (
      select k.place, sum(k.amount)::bigint as amount, min(k.seq) as seq,
        string_agg(format('%s %s', ledger.kind_words(k.kind), to_char(k.amount, 'FMSG999,999,999,999,990')), ', '
          order by k.seq) as story
      from kinds k group by k.place
    ), pins as (
      select o.hold, sum(p.amount)::bigint as amount, min(o.seq) as seq
      from ledger.operation o cross join lateral unnest(o.pin_amount) as p (amount)
      where o.account_no = a.account_no and o.seq <= last_operation and o.hold is not null
      group by o.hold having sum(p.amount) <> 0
    )
    select x.at, x.amount, x.words from (
    select o.seq, o.at, case when l.effective_at > t then 0 else p.amount end as amount,
      format('lot %s (%s%s, from %s%s): %s', l.lot, l.class, coalesce(', ' || o.reference, ''),
        ledger.date_words(l.effective_at),
        case when l.expires_at < 'infinity' then ' to ' || ledger.date_words(l.expires_at) else ', never expires' end,
        p.story)
      || case when l.effective_at > t then format('; %s not started yet', p.amount) else '' end as words
    from places p
    join ledger.lot l on l.account_no = a.account_no and l.lot = p.place
    join ledger.operation o on o.account_no = a.account_no and o.seq = p.seq
    union all
    select o.seq, o.at, p.amount, format('debt %s (%s%s): %s', d.debt, d.cause, coalesce(' of ' || d.payment, ''), p.story)
    from places p
    join ledger.debt d on d.account_no = a.account_no and d.debt = -10 - p.place
    join ledger.operation o on o.account_no = a.account_no and o.seq = p.seq
    where p.amount <> 0
    union all
    select o.seq, o.at, -p.amount, format('hold %s%s pins %s', p.hold, coalesce(' (' || o.reference || ')', ''), p.amount)
    from pins p join ledger.operation o on o.account_no = a.account_no and o.seq = p.seq
    ) x order by x.seq, x.words;
end $$;

create function ledger.kind_words(kind text) returns text
language sql immutable as $$
  select case kind
    when 'grant' then 'granted' when 'capture' then 'captured' when 'charge' then 'charged' when 'refund' then 'refunded'
    when 'expire_lot' then 'expired' when 'expire_hold' then 'expired with a hold' when 'release' then 'moved on release'
    when 'void_lot' then 'voided' when 'change_expiry' then 'expired' when 'clawback' then 'clawed back'
    when 'repay' then 'repaid' when 'merge_in' then 'merged in' when 'merge_out' then 'merged out'
    when 'close_account' then 'voided' else kind
  end
$$;

create type ledger.forecast_row as (
  at timestamptz, kind text, lot bigint, hold bigint, amount bigint, total bigint, held bigint, debt bigint, upcoming bigint
);

-- At most 500 steps, the earliest first.
create function ledger.forecast(account text, until timestamptz) returns setof ledger.forecast_row
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  a ledger.account := ledger.account_of(account);
  now_at timestamptz := greatest(ledger.clock(), a.last_at);
  e record;
  r ledger.forecast_row;
begin
  for e in
    select l.effective_at as at, 'start_lot' as kind, l.lot, null::bigint as hold, l.remaining as amount
    from ledger.lot l
    where l.account_no = a.account_no and l.live and not l.started and l.effective_at > now_at and l.effective_at <= until
    union all
    select h.lease_until, 'expire_hold', null, h.hold, h.amount - h.captured
    from ledger.hold h
    where h.account_no = a.account_no and h.state = 'open' and h.lease_until > now_at and h.lease_until <= until
      and a.frozen_at is null
    union all
    select l.expires_at, 'expire_lot', l.lot, null, null
    from ledger.lot l
    where l.account_no = a.account_no and l.live and l.expires_at > now_at and l.expires_at <= until
    order by 1, 2, 3, 4
    limit 500
  loop
    r := row(e.at, e.kind, e.lot, e.hold, e.amount, 0, 0, a.debt, 0);
    if e.kind = 'expire_lot' then
      select v.expired - l.expired into r.amount
      from ledger.lots_at(a.account_no, e.at) v join ledger.lot l on l.account_no = a.account_no and l.lot = v.lot
      where v.lot = e.lot;
    end if;
    select coalesce(sum(v.remaining) filter (where v.started), 0), coalesce(sum(v.held), 0),
      coalesce(sum(v.remaining) filter (where not v.started), 0)
    into r.total, r.held, r.upcoming
    from ledger.lots_at(a.account_no, e.at) v;
    return next r;
  end loop;
end $$;
