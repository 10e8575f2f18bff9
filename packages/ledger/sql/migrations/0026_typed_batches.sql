-- A batch arrives as typed items instead of JSON, which the database had to read three times; running sums are added as the
-- whole numbers they are; and the last item of each account tells what to save of it, without sorting all of them once more.

create aggregate ledger.added(bigint) (sfunc = int8pl, stype = bigint, initcond = '0');

drop function ledger.run_batch(jsonb);

create function ledger.run_batch(items ledger.item[]) returns setof ledger.batch_answer
language plpgsql security definer set search_path = pg_catalog, pg_temp
-- rows are looked up in indexes, however small the tables were when the plan was made; and it is made once
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan as $$
declare
  account_ids text[] := array(select distinct x.account from unnest(items) x);
  clock timestamptz;
  is_due boolean;
  answers ledger.batch_answer;
  one ledger.item_result;
  others jsonb;
begin
  select bool_or(q.due_at <= ledger.clock()) into is_due
  from (select t.due_at from ledger.account t where t.id = any (account_ids) order by t.id for update) q;
  if is_due then
    perform ledger.lock_for_batch(account_ids);
  end if;
  clock := ledger.clock();

  -- the rows found here are changed by their place on the disk: under the account's lock nobody moves them, and no table is
  -- ever joined whole, whatever the planner believes of its size
  with asked as (
    select a.account_no, a.tid as account_tid, a.head, a.salt, a.last_seq, a.total, a.held, a.upcoming, g.size, g.opened,
      g.shortest_lease,
      greatest(clock, a.last_at) as at, i.*, case when h.place is null then l.lot else h.place end as place,
      case when h.place is null then l.tid else h.lot_tid end as lot_tid, h.tid as hold_tid, h.amount as hold_amount,
      h.captured, h.released, h.lease_until,
      coalesce(
        i.kind = 'place_hold' and i.hold is null and i.amount between 1 and 1000000000000000
        and i.lease_seconds between 1 and 31536000 and i.late_seconds between 0 and 31536000
        and i.over_capture in ('reject', 'cap')
        or i.kind = 'capture' and i.amount between 1 and h.amount - h.captured and i.final
        and i.fault in ('customer', 'ours', 'provider') and i.grace_seconds between 0 and 7776000
        or i.kind = 'release' and h.amount > 0
        and i.fault in ('customer', 'ours', 'provider') and i.grace_seconds between 0 and 7776000, false)
      and a.due_at > greatest(clock, a.last_at) and g.named_once and (g.wanted = 0 or coalesce(g.wanted <= l.free, false))
      and coalesce(length(i.key) between 1 and 200, false) and coalesce(length(i.reference), 0) <= 200
      and (i.metadata is null or jsonb_typeof(i.metadata) = 'object' and length(i.metadata::text) <= 8192)
      -- with `limit 1` these stay look-ups: the planner can't know how many rows an account has
      and (select o.seq from ledger.operation o where o.account_no = a.account_no and o.key = i.key limit 1) is null
      and (select r.at from ledger.refusal r where r.account_no = a.account_no and r.key = i.key limit 1) is null as usual
    from (
      select x.account, array_agg(x order by x.n) as items,
        count(*) as size, ledger.added(case x.kind when 'place_hold' then x.amount end) as wanted,
        ledger.added(case x.kind when 'place_hold' then 1 else -1 end) as opened,
        min(case x.kind when 'place_hold' then x.lease_seconds end) as shortest_lease,
        count(x.key) = count(distinct x.key) and count(x.hold) = count(distinct x.hold) as named_once
      from unnest(run_batch.items) x
      group by x.account
    ) g
    left join lateral (
      select t.*, t.ctid as tid from ledger.account t
      where t.id = g.account and t.frozen_at is null and t.closed_at is null and t.debt = 0 limit 1
    ) a on true
    left join lateral (
      select t.lot, t.ctid as tid, t.remaining - t.held as free, t.priority, t.expires_at, t.class, t.effective_at
      from ledger.lot t
      where t.account_no = a.account_no and t.live and t.started and t.remaining > t.held
      order by t.priority, t.expires_at, t.class = 'paid', t.effective_at, t.lot limit 1
    ) l on true
    cross join lateral unnest(g.items) i
    left join lateral (
      select t.*, t.ctid as tid from ledger.hold t where t.account_no = a.account_no and t.hold = i.hold limit 1
    ) s on true
    left join lateral (
      select s.tid, s.amount, s.captured, s.released, s.lease_until, t.lot as place, t.ctid as lot_tid
      from ledger.lot t
      where t.account_no = a.account_no and t.lot = s.slice_place[1] and s.state = 'open' and cardinality(s.slice_place) = 1
        and t.claim = 0 and t.voided_at is null and t.expires_at > greatest(clock, a.last_at)
        -- credit that comes back to a lot before the one that new holds take would have to be taken first
        and (g.wanted = 0 or row(t.priority, t.expires_at, t.class = 'paid', t.effective_at, t.lot)
          >= row(l.priority, l.expires_at, l.class = 'paid', l.effective_at, l.lot))
      limit 1
    ) h on true
  ), summed as (
    select d.account_no, d.account_tid, d.lot_tid, d.hold_tid, d.head, d.salt, d.at, d.n, d.kind, d.key, d.upcoming,
      d.over_capture, d.late_seconds, d.reference, d.metadata, d.event_at, d.opened,
      row_number() over w = d.size as is_last, d.at + make_interval(secs => d.shortest_lease) as first_lapse,
      bool_and(d.usual) over (partition by d.account_no) as usual,
      d.last_seq + row_number() over w as seq,
      d.total - ledger.added(case d.kind when 'capture' then d.amount end) over w as total,
      d.held + ledger.added(case d.kind when 'place_hold' then d.amount else d.captured - d.hold_amount end) over w as held,
      case d.kind
        when 'place_hold' then
          ledger.place_hold_intent(d.amount, d.lease_seconds, d.late_seconds, d.over_capture, d.reference,
            d.metadata, d.event_at)
        when 'capture' then
          ledger.capture_intent(d.hold, d.amount, d.final, d.fault, d.grace_seconds, d.reference, d.metadata, d.event_at)
        else ledger.release_intent(d.hold, d.fault, d.grace_seconds, d.reference, d.metadata, d.event_at)
      end as intent,
      coalesce(d.hold, d.last_seq + row_number() over w) as hold,
      case d.kind when 'release' then d.hold_amount - d.captured else d.amount end as amount,
      case d.kind when 'capture' then array[d.place, -2] else '{}' end as entry_place,
      case d.kind when 'capture' then array[-d.amount, d.amount] else '{}' end as entry_amount,
      d.place as lot,
      case d.kind when 'place_hold' then d.amount else d.captured - d.hold_amount end as pinned,
      case d.kind when 'capture' then d.amount else 0 end as taken,
      case d.kind when 'place_hold' then d.amount else d.hold_amount end as hold_amount,
      case d.kind when 'place_hold' then 'open' when 'capture' then 'captured'
        else case when d.captured > 0 then 'captured' else 'released' end end as hold_state,
      case d.kind when 'place_hold' then 0 when 'capture' then d.captured + d.amount else d.captured end as captured,
      case d.kind when 'place_hold' then 0 when 'capture' then d.released + d.hold_amount - d.captured - d.amount
        else d.released + d.hold_amount - d.captured end as released,
      case d.kind when 'place_hold' then d.at + make_interval(secs => d.lease_seconds) else d.lease_until end as lease_until
    from asked d
    window w as (partition by d.account_no order by d.n rows unbounded preceding)
  ), decided as materialized (
    select s.*, ledger.chain(s.head, ledger.message_of(s.account_no, s.seq, s.at, s.amount, s.hold, s.entry_place,
      s.entry_amount, array[s.lot], array[s.pinned], s.total, s.held, 0, s.upcoming, s.hold_amount, s.captured, s.released,
      s.lease_until, s.intent, ledger.commitment(s.salt, s.key, s.reference, s.metadata, s.event_at), s.kind, s.hold_state, null))
      over (partition by s.account_no order by s.n rows unbounded preceding) as link
    from summed s where s.usual
  ), written as (
    insert into ledger.operation (account_no, seq, at, kind, key, intent, hold, amount, entry_place, entry_amount, pin_lot,
      pin_amount, total, held, debt, upcoming, hold_amount, hold_state, captured, released, lease_until, reference, metadata,
      event_at, hash)
    select d.account_no, d.seq, d.at, d.kind, d.key, d.intent, d.hold, d.amount, d.entry_place, d.entry_amount, array[d.lot],
      array[d.pinned], d.total, d.held, 0, d.upcoming, d.hold_amount, d.hold_state, d.captured, d.released, d.lease_until,
      d.reference, d.metadata, d.event_at, d.link
    from decided d
  ), placed as (
    insert into ledger.hold (account_no, hold, amount, state, over_capture, lease_until, late_until, placed_at, slice_place,
      slice_amount, slice_captured)
    select d.account_no, d.hold, d.amount, 'open', d.over_capture, d.lease_until,
      d.lease_until + make_interval(secs => d.late_seconds), d.at, array[d.lot], array[d.amount], '{0}'
    from decided d where d.kind = 'place_hold'
  ), closed as (
    update ledger.hold t set captured = d.captured, released = d.released, state = d.hold_state,
      slice_captured = array[d.captured], closed_at = d.at
    from decided d where t.ctid = d.hold_tid
  ), moved as (
    update ledger.lot t set held = t.held + d.pinned, remaining = t.remaining - d.taken, live = t.remaining - d.taken > 0,
      consumed = t.consumed + d.taken
    from (
      select c.lot_tid, ledger.added(c.pinned) as pinned, ledger.added(c.taken) as taken from decided c group by c.lot_tid
    ) d
    where t.ctid = d.lot_tid
  ), saved as (
    update ledger.account t set last_at = d.at, last_seq = d.seq, head = d.link, total = d.total, held = d.held,
      open_holds = t.open_holds + d.opened, due_at = least(t.due_at, d.first_lapse)
    from decided d where d.is_last and t.ctid = d.account_tid
  )
  select array_agg(d.n), array_agg(d.seq), array_agg(encode(timestamptz_send(d.at), 'hex')), array_agg(d.hold),
    array_agg(d.amount), array_agg(d.lot), array_agg(d.total), array_agg(d.held), array_agg(d.upcoming),
    array_agg(d.hold_amount), array_agg(d.hold_state), array_agg(d.captured), array_agg(d.released),
    array_agg(encode(timestamptz_send(d.lease_until), 'hex')), null
  into answers
  from decided d;
  if answers.n is not null then
    return next answers;
  end if;

  if coalesce(cardinality(answers.n), 0) < cardinality(items) then
    select jsonb_agg(to_jsonb(x)) into others from unnest(items) x
    where x.n <> all (coalesce(answers.n, '{}'));
    for one in select x.* from ledger.batch(others) x loop
      answers := null;
      answers.other := one;
      return next answers;
    end loop;
  end if;
end $$;
