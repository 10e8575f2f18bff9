-- The quick way of the two calls that everybody waits for: a hold that one lot covers, and the capture that closes it, on an
-- account where nothing unusual is the case. Everything else goes the general way, which decides the same by the same rules.
-- Preparing expressions is most of what a single call costs, so there are few of them here, and no record is built twice.

-- Fingerprints, commitments and links as plain SQL, so that they are expanded where they are used.
create or replace function ledger.intent(variadic parts text[]) returns bytea
language sql stable as $$ select substring(sha256(convert_to(parts::text, 'utf8')) for 16) $$;

create or replace function ledger.place_hold_intent(
  amount bigint, lease_seconds bigint, late_seconds bigint, over_capture text, reference text, metadata jsonb,
  event_at timestamptz
) returns bytea language sql stable as $$
  select substring(sha256(convert_to(array['place_hold', amount::text, lease_seconds::text, late_seconds::text, over_capture,
    reference, metadata::text, encode(timestamptz_send(event_at), 'hex')]::text, 'utf8')) for 16)
$$;

create or replace function ledger.capture_intent(
  hold bigint, amount bigint, final boolean, fault text, grace_seconds bigint, reference text, metadata jsonb,
  event_at timestamptz
) returns bytea language sql stable as $$
  select substring(sha256(convert_to(array['capture', hold::text, amount::text, final::text, fault, grace_seconds::text,
    reference, metadata::text, encode(timestamptz_send(event_at), 'hex')]::text, 'utf8')) for 16)
$$;

create or replace function ledger.commitment(salt bytea, key text, reference text, metadata jsonb, event_at timestamptz)
returns bytea language sql stable as $$
  select sha256(salt || convert_to(jsonb_build_array(key, reference, metadata)::text, 'utf8')
    || coalesce(timestamptz_send(event_at), ''))
$$;

-- What a link of the chain says beside the link before it.
create function ledger.message_of(
  account_no bigint, seq bigint, at timestamptz, amount bigint, hold bigint, entry_place bigint[],
  entry_amount bigint[], pin_lot bigint[], pin_amount bigint[], total bigint, held bigint, debt bigint, upcoming bigint,
  hold_amount bigint, captured bigint, released bigint, lease_until timestamptz, intent bytea, text_commitment bytea,
  kind text, hold_state text, detail jsonb
) returns bytea language sql stable as $$
  select int8send(account_no) || int8send(seq) || timestamptz_send(at)
    || int8send(amount) || int8send(coalesce(hold, 0)) || array_send(entry_place) || array_send(entry_amount)
    || coalesce(array_send(pin_lot) || array_send(pin_amount), '')
    || int8send(total) || int8send(held) || int8send(debt) || int8send(upcoming)
    || int8send(coalesce(hold_amount, -1)) || int8send(coalesce(captured, -1)) || int8send(coalesce(released, -1))
    || coalesce(timestamptz_send(lease_until), '') || coalesce(intent, '') || text_commitment
    || convert_to(concat_ws('|', kind, hold_state, detail::text), 'utf8')
$$;

create or replace function ledger.link(previous bytea, o ledger.operation, text_commitment bytea)
returns bytea language sql stable as $$
  select sha256(previous || ledger.message_of(o.account_no, o.seq, o.at, o.amount, o.hold, o.entry_place, o.entry_amount,
    o.pin_lot, o.pin_amount, o.total, o.held, o.debt, o.upcoming, o.hold_amount, o.captured, o.released, o.lease_until,
    o.intent, text_commitment, o.kind, o.hold_state, o.detail))
$$;

alter function ledger.place_hold(text, text, bigint, bigint, bigint, text, text, jsonb, timestamptz)
  rename to place_hold_generally;
alter function ledger.place_hold_generally(text, text, bigint, bigint, bigint, text, text, jsonb, timestamptz)
  security invoker reset all;

create function ledger.place_hold(
  account text, key text, amount bigint, lease_seconds bigint, late_seconds bigint default 3600,
  over_capture text default 'reject', reference text default null, metadata jsonb default null,
  event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  number bigint;
  now timestamptz;
  next_seq bigint;
  link bytea;
  salt bytea;
  total bigint;
  held bigint;
  upcoming bigint;
  due_at timestamptz;
  place bigint;
  lease_until timestamptz;
  intent bytea;
begin
  if amount between 1 and 1000000000000000 and lease_seconds between 1 and 31536000
    and late_seconds between 0 and 31536000 and over_capture in ('reject', 'cap') and length(key) between 1 and 200
    and coalesce(length(reference), 0) <= 200
    and (metadata is null or jsonb_typeof(metadata) = 'object' and length(metadata::text) <= 8192) then
    select t.account_no, t.last_at, t.last_seq + 1, t.head, t.salt, t.total, t.held, t.upcoming, t.due_at
    into number, now, next_seq, link, salt, total, held, upcoming, due_at
    from ledger.account t
    where t.id = place_hold.account and t.frozen_at is null and t.closed_at is null and t.debt = 0
    for update;
    now := greatest(ledger.clock(), now);
    if amount <= total - held and due_at > now then
      select case when t.remaining - t.held >= amount
          and not exists (select from ledger.operation o where o.account_no = number and o.key = place_hold.key)
          and not exists (select from ledger.refusal r where r.account_no = number and r.key = place_hold.key)
        then t.lot end
      into place
      from ledger.lot t
      where t.account_no = number and t.live and t.started and t.remaining > t.held
      order by t.priority, t.expires_at, t.class = 'paid', t.effective_at, t.lot limit 1;
      if place is not null then
        lease_until := now + make_interval(secs => lease_seconds);
        intent := ledger.place_hold_intent(amount, lease_seconds, late_seconds, over_capture, reference, metadata,
          event_at);
        link := sha256(link || ledger.message_of(number, next_seq, now, amount, next_seq, '{}', '{}', array[place],
          array[amount], total, held + amount, 0, upcoming, amount, 0, 0, lease_until, intent,
          ledger.commitment(salt, key, reference, metadata, event_at), 'place_hold', 'open', null));
        with pinned as (
          update ledger.lot t set held = t.held + amount where t.account_no = number and t.lot = place
        ), placed as (
          insert into ledger.hold (account_no, hold, amount, state, over_capture, lease_until, late_until, placed_at,
            slice_place, slice_amount, slice_captured)
          values (number, next_seq, amount, 'open', over_capture, lease_until,
            lease_until + make_interval(secs => late_seconds), now, array[place], array[amount], '{0}')
        ), written as (
          insert into ledger.operation (account_no, seq, at, kind, key, intent, hold, amount, entry_place, entry_amount,
            pin_lot, pin_amount, total, held, debt, upcoming, hold_amount, hold_state, captured, released, lease_until,
            reference, metadata, event_at, hash)
          values (number, next_seq, now, 'place_hold', key, intent, next_seq, amount, '{}', '{}', array[place],
            array[amount], total, held + amount, 0, upcoming, amount, 'open', 0, 0, lease_until, reference, metadata,
            event_at, link)
        )
        update ledger.account t set last_at = now, last_seq = next_seq, head = link, held = t.held + amount,
          open_holds = t.open_holds + 1, due_at = least(t.due_at, lease_until)
        where t.account_no = number;
        return row(account, next_seq, 'place_hold', now, false, null, null, amount, total, held + amount, 0, upcoming,
          next_seq, amount, 'open', 0, 0, lease_until, array[place], array[amount], null)::ledger.outcome;
      end if;
    end if;
  end if;
  return ledger.place_hold_generally(account, key, amount, lease_seconds, late_seconds, over_capture, reference, metadata,
    event_at);
end $$;

alter function ledger.capture(text, text, bigint, bigint, boolean, text, bigint, text, jsonb, timestamptz)
  rename to capture_generally;
alter function ledger.capture_generally(text, text, bigint, bigint, boolean, text, bigint, text, jsonb, timestamptz)
  security invoker reset all;

create function ledger.capture(
  account text, key text, hold bigint, amount bigint, final boolean default true, fault text default 'customer',
  grace_seconds bigint default 604800,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
<<quick>>
declare
  number bigint;
  now timestamptz;
  next_seq bigint;
  link bytea;
  salt bytea;
  total bigint;
  held bigint;
  upcoming bigint;
  due_at timestamptz;
  place bigint;
  pinned bigint;
  hold_amount bigint;
  captured bigint;
  released bigint;
  lease_until timestamptz;
  intent bytea;
begin
  if amount between 1 and 1000000000000000 and final and fault in ('customer', 'ours', 'provider')
    and grace_seconds between 0 and 7776000 and length(key) between 1 and 200 and coalesce(length(reference), 0) <= 200
    and (metadata is null or jsonb_typeof(metadata) = 'object' and length(metadata::text) <= 8192) then
    select t.account_no, t.last_at, t.last_seq + 1, t.head, t.salt, t.total, t.held, t.upcoming, t.due_at
    into number, now, next_seq, link, salt, total, held, upcoming, due_at
    from ledger.account t
    where t.id = capture.account and t.frozen_at is null and t.closed_at is null and t.debt = 0
    for update;
    now := greatest(ledger.clock(), now);
    if due_at > now then
      select l.lot, h.amount - h.captured, h.amount, h.captured + capture.amount,
        h.released + h.amount - h.captured - capture.amount, h.lease_until
      into place, pinned, hold_amount, captured, released, lease_until
      from ledger.hold h
      join ledger.lot l on l.account_no = number and l.lot = h.slice_place[1]
      where h.account_no = number and h.hold = capture.hold and h.state = 'open' and cardinality(h.slice_place) = 1
        and capture.amount <= h.amount - h.captured and l.claim = 0 and l.voided_at is null and l.expires_at > now
        and not exists (select from ledger.operation o where o.account_no = number and o.key = capture.key)
        and not exists (select from ledger.refusal r where r.account_no = number and r.key = capture.key);
      if place is not null then
        total := total - amount;
        held := held - pinned;
        intent := ledger.capture_intent(hold, amount, true, fault, grace_seconds, reference, metadata, event_at);
        link := sha256(link || ledger.message_of(number, next_seq, now, amount, hold, array[place, -2], array[-amount, amount],
          array[place], array[-pinned], total, held, 0, upcoming, hold_amount, captured, released, lease_until, intent,
          ledger.commitment(salt, key, reference, metadata, event_at), 'capture', 'captured', null));
        with consumed as (
          update ledger.lot t set held = t.held - pinned, remaining = t.remaining - amount,
            live = t.remaining - amount > 0, consumed = t.consumed + amount
          where t.account_no = number and t.lot = place
        ), closed as (
          update ledger.hold t set captured = quick.captured, released = quick.released, state = 'captured',
            slice_captured = array[quick.captured], closed_at = now
          where t.account_no = number and t.hold = capture.hold
        ), written as (
          insert into ledger.operation (account_no, seq, at, kind, key, intent, hold, amount, entry_place, entry_amount,
            pin_lot, pin_amount, total, held, debt, upcoming, hold_amount, hold_state, captured, released, lease_until,
            reference, metadata, event_at, hash)
          values (number, next_seq, now, 'capture', key, intent, hold, amount, array[place, -2], array[-amount, amount],
            array[place], array[-pinned], total, held, 0, upcoming, hold_amount, 'captured', captured, released, lease_until,
            reference, metadata, event_at, link)
        )
        update ledger.account t set last_at = now, last_seq = next_seq, head = link, total = quick.total,
          held = quick.held, open_holds = t.open_holds - 1
        where t.account_no = number;
        return row(account, next_seq, 'capture', now, false, null, null, amount, total, held, 0, upcoming, hold,
          hold_amount, 'captured', captured, released, lease_until, array[place, -2], array[-amount, amount],
          null)::ledger.outcome;
      end if;
    end if;
  end if;
  return ledger.capture_generally(account, key, hold, amount, final, fault, grace_seconds, reference, metadata, event_at);
end $$;
