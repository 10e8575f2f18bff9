-- The journal: one row per operation, numbered without gaps within its account, linked by a hash chain, never changed.

create table ledger.operation (
  account_no   bigint not null,
  seq          bigint not null,
  at           timestamptz not null,
  tx           xid8 not null default pg_current_xact_id(),
  kind         text not null,
  -- the caller's key, and a fingerprint of what was asked for; null for what the ledger books by itself
  key          text,
  intent       bytea,
  hold         bigint,
  amount       bigint not null,
  -- double entry as two arrays whose amounts sum to 0: above 0 a lot of this account, from -1 to -6 a contra,
  -- below -10 a debt of this account
  entry_place  bigint[] not null,
  entry_amount bigint[] not null,
  -- what became pinned (above 0) or free again (below 0)
  pin_lot      bigint[],
  pin_amount   bigint[],
  -- the balance right after
  total        bigint not null,
  held         bigint not null,
  debt         bigint not null,
  upcoming     bigint not null,
  -- the hold right after
  hold_amount  bigint,
  hold_state   text,
  captured     bigint,
  released     bigint,
  lease_until  timestamptz,
  -- figures of the rarer kinds; never free text
  detail       jsonb,
  reference    text,
  metadata     jsonb,
  event_at     timestamptz,
  -- stands in for the free text once that has been scrubbed
  commitment   bytea,
  hash         bytea not null,
  primary key (account_no, seq)
);

create unique index operation_key on ledger.operation (account_no, key) where key is not null;
create index operation_tx on ledger.operation (tx);

-- Refusals are remembered for their key, outside the chain, until they are pruned.
create table ledger.refusal (
  account_no bigint not null,
  key        text not null,
  intent     bytea not null,
  at         timestamptz not null,
  code       text not null,
  data       jsonb not null,
  primary key (account_no, key)
);

create index refusal_at on ledger.refusal (at);

create function ledger.contra(place bigint) returns text
language sql immutable as $$
  select case place
    when -1 then 'issued' when -2 then 'earned' when -3 then 'expired'
    when -4 then 'voided' when -5 then 'clawed_back' when -6 then 'transferred'
  end
$$;

-- Every leg of every operation.
create view ledger.entry as
  select a.id as account, o.account_no, o.seq as operation, o.at, o.kind,
         coalesce(ledger.contra(e.place), 'account') as side,
         case when e.place > 0 then e.place end as lot, case when e.place < -10 then -10 - e.place end as debt, e.amount
  from ledger.operation o
  join ledger.account a on a.account_no = o.account_no
  cross join lateral unnest(o.entry_place, o.entry_amount) as e (place, amount);

create function ledger.commitment(salt bytea, key text, reference text, metadata jsonb, event_at timestamptz)
returns bytea language plpgsql immutable as $$
begin
  return sha256(salt || convert_to(jsonb_build_array(key, reference, metadata)::text, 'utf8')
    || coalesce(timestamptz_send(event_at), ''));
end $$;

-- One link of the chain, over canonical binary: eight-byte integers and microseconds.
create function ledger.link(previous bytea, o ledger.operation, text_commitment bytea)
returns bytea language plpgsql immutable as $$
begin
  return sha256(previous || int8send(o.account_no) || int8send(o.seq) || timestamptz_send(o.at)
    || int8send(o.amount) || int8send(coalesce(o.hold, 0)) || array_send(o.entry_place) || array_send(o.entry_amount)
    || coalesce(array_send(o.pin_lot) || array_send(o.pin_amount), '')
    || int8send(o.total) || int8send(o.held) || int8send(o.debt) || int8send(o.upcoming)
    || int8send(coalesce(o.hold_amount, -1)) || int8send(coalesce(o.captured, -1)) || int8send(coalesce(o.released, -1))
    || coalesce(timestamptz_send(o.lease_until), '') || coalesce(o.intent, '') || text_commitment
    || convert_to(concat_ws('|', o.kind, o.hold_state, o.detail::text), 'utf8'));
end $$;

-- The journal is never changed, whoever asks; but free text may be replaced by its commitment.
create function ledger.refuse_change() returns trigger
language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.commitment is null and new.commitment is not null
    and new.key is null and new.reference is null and new.metadata is null
    and new is not distinct from ledger.scrubbed(old) then
    return new;
  end if;
  perform ledger.fail('LG013', 'the journal is never changed: correct it by a new operation');
end $$;

create function ledger.scrubbed(o ledger.operation) returns ledger.operation
language plpgsql stable as $$
begin
  o.commitment := ledger.commitment(
    (select a.salt from ledger.account a where a.account_no = o.account_no), o.key, o.reference, o.metadata, o.event_at);
  o.key := null;
  o.reference := null;
  o.metadata := null;
  o.event_at := null;
  return o;
end $$;

create trigger operation_immutable before update or delete on ledger.operation
  for each row execute function ledger.refuse_change();
create trigger operation_not_truncated before truncate on ledger.operation
  for each statement execute function ledger.refuse_change();
