-- How every write goes: begin (lock, clock, key, what is due), decide, then finish or refuse.

-- A write in progress: the account as it will be, and the operation being drafted.
create type ledger.draft as (
  account_no   bigint,
  account_id   text,
  now          timestamptz,
  last_at      timestamptz,
  last_seq     bigint,
  head         bytea,
  salt         bytea,
  last_place   bigint,
  total        bigint,
  held         bigint,
  debt         bigint,
  upcoming     bigint,
  open_holds   bigint,
  due_at       timestamptz,
  -- the caller's request
  request_kind text,
  request_key  text,
  intent       bytea,
  reference    text,
  metadata     jsonb,
  event_at     timestamptz,
  -- what is stored for this key already
  stored_seq   bigint,
  refusal_code text,
  refusal_data jsonb,
  -- the operation being drafted
  kind         text,
  at           timestamptz,
  hold         bigint,
  amount       bigint,
  entry_place  bigint[],
  entry_amount bigint[],
  pin_lot      bigint[],
  pin_amount   bigint[],
  hold_amount  bigint,
  hold_state   text,
  captured     bigint,
  released     bigint,
  lease_until  timestamptz,
  detail       jsonb,
  -- lots chosen in the order of spending, and what they could not cover
  slice_place  bigint[],
  slice_amount bigint[],
  short        bigint,
  -- what a capture or release takes of each slice of its hold, and what it frees
  slice_take   bigint[],
  slice_free   bigint[],
  replacements bigint[]
);

-- What every write returns. Where `refusal` is set nothing happened and the transaction lives.
create type ledger.outcome as (
  account      text,
  operation    bigint,
  kind         text,
  at           timestamptz,
  replayed     boolean,
  refusal      text,
  refusal_data jsonb,
  amount       bigint,
  total        bigint,
  held         bigint,
  debt         bigint,
  upcoming     bigint,
  hold         bigint,
  hold_amount  bigint,
  hold_state   text,
  captured     bigint,
  released     bigint,
  lease_until  timestamptz,
  places       bigint[],
  amounts      bigint[],
  detail       jsonb
);

-- A fingerprint of what the caller asked for, never of what was found.
create function ledger.intent(variadic parts text[]) returns bytea
language plpgsql immutable as $$
begin
  return substring(sha256(convert_to(parts::text, 'utf8')) for 16);
end $$;

-- A time as text that no session's time zone changes.
create function ledger.stamp(t timestamptz) returns text
language sql immutable as $$ select encode(timestamptz_send(t), 'hex') $$;

-- The account as it stands, and the clock, read after its lock.
create function ledger.draft_of(
  a ledger.account, request_kind text default null, request_key text default null, intent bytea default null,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.draft
language plpgsql as $$
begin
  return row(
    a.account_no, a.id, greatest(ledger.clock(), a.last_at), a.last_at, a.last_seq, a.head, a.salt, a.last_place,
    a.total, a.held, a.debt, a.upcoming, a.open_holds, a.due_at, draft_of.request_kind, draft_of.request_key,
    draft_of.intent, draft_of.reference, draft_of.metadata, draft_of.event_at, null, null, null, null, null, null,
    null, '{}', '{}', null, null, null, null, null, null, null, null, null, null, null, null, null, null
  )::ledger.draft;
end $$;

-- Locks the account, reads the clock, looks the key up, and books what is due.
create function ledger.begin_write(
  account_id text, kind text, key text, intent bytea, reference text, metadata jsonb, event_at timestamptz
) returns ledger.draft
language plpgsql as $$
declare
  checked boolean;
  a ledger.account;
  w ledger.draft;
  stored_intent bytea;
begin
  checked := ledger.check_text(begin_write.key, 'key', 200)
    and ledger.check_labels(begin_write.reference, begin_write.metadata);
  select * into a from ledger.account t where t.id = begin_write.account_id for update;
  if not found then
    perform ledger.fail('LG001', 'no such account', jsonb_build_object('account', left(begin_write.account_id, 200)));
  end if;
  w := ledger.draft_of(a, begin_write.kind, begin_write.key, begin_write.intent, begin_write.reference,
    begin_write.metadata, begin_write.event_at);

  select k.seq, k.code, k.data, k.intent into w.stored_seq, w.refusal_code, w.refusal_data, stored_intent
  from (
    select o.seq, null as code, null::jsonb as data, o.intent
    from ledger.operation o where o.account_no = a.account_no and o.key = begin_write.key
    union all
    select null, r.code, r.data, r.intent
    from ledger.refusal r where r.account_no = a.account_no and r.key = begin_write.key
  ) k;
  if stored_intent is not null then
    if stored_intent <> begin_write.intent then
      perform ledger.fail('LG006', 'this key stands for something else', ledger.stored_intent(w));
    end if;
    return w;
  end if;

  if a.closed_at is not null and begin_write.kind <> 'clawback' then
    perform ledger.fail('LG002', 'the account is closed', jsonb_build_object('account', a.id,
      'merged_into', (select m.id from ledger.account m where m.account_no = a.merged_into)));
  end if;
  if a.frozen_at is not null and begin_write.kind not in ('freeze', 'thaw') then
    perform ledger.fail('LG003', 'the account is frozen', jsonb_build_object('account', a.id));
  end if;
  if a.frozen_at is null and a.due_at <= w.now then
    w := ledger.book_due(w, null);
  end if;
  w.kind := begin_write.kind;
  w.at := w.now;
  return w;
end $$;

create function ledger.is_stored(w ledger.draft) returns boolean
language sql immutable as $$ select w.stored_seq is not null or w.refusal_code is not null $$;

-- What a conflict of intent shows.
create function ledger.stored_intent(w ledger.draft) returns jsonb
language sql stable as $$
  select coalesce(
    (select jsonb_build_object('key', o.key, 'kind', o.kind, 'operation', o.seq::text, 'amount', o.amount::text,
       'hold', o.hold::text, 'reference', o.reference, 'at', o.at)
     from ledger.operation o where o.account_no = w.account_no and o.seq = w.stored_seq),
    jsonb_build_object('key', w.request_key, 'refused', w.refusal_code))
$$;

create function ledger.add_entry(w ledger.draft, place bigint, change bigint) returns ledger.draft
language plpgsql immutable as $$
begin
  if change <> 0 then
    w.entry_place := w.entry_place || place;
    w.entry_amount := w.entry_amount || change;
  end if;
  return w;
end $$;

-- The drafted operation as the journal's next row.
create function ledger.next_operation(w ledger.draft) returns ledger.operation
language plpgsql as $$
declare
  o ledger.operation;
  -- what the ledger books by itself has no key
  asked boolean := w.kind = w.request_kind;
begin
  if w.held < 0 or w.held > w.total or w.debt < 0 or w.upcoming < 0 then
    perform ledger.fail('LG015', 'this would break the books', jsonb_build_object('account', w.account_id));
  end if;
  -- one expression for the whole row: each expression of a function is prepared anew in every transaction
  o := row(
    w.account_no, w.last_seq + 1, greatest(w.at, w.last_at), pg_current_xact_id(), w.kind,
    case when asked then w.request_key end, case when asked then w.intent end, w.hold, w.amount, w.entry_place,
    w.entry_amount, w.pin_lot, w.pin_amount, w.total, w.held, w.debt, w.upcoming, w.hold_amount, w.hold_state,
    w.captured, w.released, w.lease_until, w.detail, case when asked then w.reference end,
    case when asked then w.metadata end, case when asked then w.event_at end, null, null
  )::ledger.operation;
  o.hash := ledger.link(w.head, o, ledger.commitment(w.salt, o.key, o.reference, o.metadata, o.event_at));
  return o;
end $$;

create function ledger.after_operation(w ledger.draft, o ledger.operation) returns ledger.draft
language plpgsql immutable as $$
begin
  w.last_seq := o.seq;
  w.last_at := o.at;
  w.at := o.at;
  w.head := o.hash;
  return w;
end $$;

create function ledger.append(w ledger.draft) returns ledger.draft
language plpgsql as $$
declare
  o ledger.operation := ledger.next_operation(w);
begin
  insert into ledger.operation values (o.*);
  return ledger.after_operation(w, o);
end $$;

-- Clears the draft for the next operation of the same write.
create function ledger.next_draft(w ledger.draft) returns ledger.draft
language plpgsql immutable as $$
begin
  w.hold := null;
  w.entry_place := '{}';
  w.entry_amount := '{}';
  w.pin_lot := null;
  w.pin_amount := null;
  w.hold_amount := null;
  w.hold_state := null;
  w.captured := null;
  w.released := null;
  w.lease_until := null;
  w.detail := null;
  w.slice_place := null;
  w.slice_amount := null;
  w.slice_take := null;
  w.slice_free := null;
  w.replacements := null;
  return w;
end $$;

create function ledger.save_account(w ledger.draft) returns boolean
language plpgsql as $$
begin
  update ledger.account t set
    last_at = w.last_at, last_seq = w.last_seq, head = w.head, last_place = w.last_place,
    total = w.total, held = w.held, debt = w.debt, upcoming = w.upcoming,
    open_holds = w.open_holds, due_at = w.due_at
  where t.account_no = w.account_no;
  return found;
end $$;

create function ledger.outcome_of(w ledger.draft, replayed boolean) returns ledger.outcome
language plpgsql immutable as $$
begin
  return row(
    w.account_id, w.last_seq, w.kind, w.at, outcome_of.replayed, null, null, w.amount, w.total, w.held, w.debt, w.upcoming,
    w.hold, w.hold_amount, w.hold_state, w.captured, w.released, w.lease_until,
    case w.kind when 'place_hold' then w.pin_lot else w.entry_place end,
    case w.kind when 'place_hold' then w.pin_amount else w.entry_amount end,
    w.detail
  )::ledger.outcome;
end $$;

create function ledger.finish(w ledger.draft) returns ledger.outcome
language plpgsql as $$
declare
  saved boolean;
begin
  w := ledger.append(w);
  saved := ledger.save_account(w);
  return ledger.outcome_of(w, false);
end $$;

-- A business refusal: remembered for its key if the transaction commits, returned and never raised.
create function ledger.refusal_of(w ledger.draft, code text, data jsonb) returns ledger.refusal
language plpgsql immutable as $$
begin
  return row(w.account_no, w.request_key, w.intent, w.now, code, data)::ledger.refusal;
end $$;

create function ledger.refusal_for_credit(w ledger.draft, required bigint) returns ledger.refusal
language plpgsql immutable as $$
begin
  return ledger.refusal_of(w, 'insufficient_credits', jsonb_build_object(
    'total', w.total::text, 'held', w.held::text, 'available', (w.total - w.held - w.debt)::text,
    'debt', w.debt::text, 'required', required::text));
end $$;

create function ledger.refused_outcome(w ledger.draft, f ledger.refusal, replayed boolean) returns ledger.outcome
language plpgsql immutable as $$
declare
  r ledger.outcome;
begin
  r.account := w.account_id;
  r.kind := w.request_kind;
  r.at := f.at;
  r.replayed := refused_outcome.replayed;
  r.refusal := f.code;
  r.refusal_data := f.data;
  return r;
end $$;

create function ledger.refuse(w ledger.draft, f ledger.refusal) returns ledger.outcome
language plpgsql as $$
begin
  insert into ledger.refusal values (f.*);
  perform ledger.save_account(w);
  return ledger.refused_outcome(w, f, false);
end $$;

-- The first result of this key, from the journal's own row.
create function ledger.stored_outcome(w ledger.draft) returns ledger.outcome
language plpgsql as $$
declare
  o ledger.operation;
begin
  if w.refusal_code is not null then
    return ledger.refused_outcome(w, ledger.refusal_of(w, w.refusal_code, w.refusal_data), true);
  end if;
  select * into o from ledger.operation t where t.account_no = w.account_no and t.seq = w.stored_seq;
  w.last_seq := o.seq;
  w.kind := o.kind;
  w.at := o.at;
  w.amount := o.amount;
  w.total := o.total;
  w.held := o.held;
  w.debt := o.debt;
  w.upcoming := o.upcoming;
  w.hold := o.hold;
  w.hold_amount := o.hold_amount;
  w.hold_state := o.hold_state;
  w.captured := o.captured;
  w.released := o.released;
  w.lease_until := o.lease_until;
  w.detail := o.detail;
  w.entry_place := o.entry_place;
  w.entry_amount := o.entry_amount;
  w.pin_lot := o.pin_lot;
  w.pin_amount := o.pin_amount;
  return ledger.outcome_of(w, true);
end $$;
