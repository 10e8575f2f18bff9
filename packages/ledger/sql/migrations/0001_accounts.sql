-- Accounts: one row each, locked once by every write. Everything else of an account is keyed by its number.

-- Production's clock. Read after the account's lock, never before.
create function ledger.clock() returns timestamptz
language sql volatile as $$ select clock_timestamp() $$;

-- Raises one of the ledger's own errors. The class is LG; `detail` is JSON for programs.
create function ledger.fail(state text, message text, data jsonb default '{}') returns void
language plpgsql as $$
begin
  raise exception using errcode = state, message = message, detail = data::text;
end $$;

create table ledger.account (
  account_no  bigint generated always as identity primary key,
  id          text not null unique,
  unit        text not null,
  opened_at   timestamptz not null,
  -- the last operation: its time, its number, its link of the chain
  last_at     timestamptz not null,
  last_seq    bigint not null default 0,
  head        bytea not null,
  -- lots and debts are numbered together, so that a number in an entry names one of them
  last_place  bigint not null default 0,
  -- the booked balance: what is left in lots that have started, what of it holds pin, what is owed, what starts later
  total       bigint not null default 0,
  held        bigint not null default 0,
  debt        bigint not null default 0,
  upcoming    bigint not null default 0,
  open_holds  bigint not null default 0,
  -- nothing falls due before this; it may be too early, never too late
  due_at      timestamptz not null default 'infinity',
  -- free text enters the chain only mixed with this; without it nobody can find the text by trying
  salt        bytea,
  frozen_at   timestamptz,
  closed_at   timestamptz,
  merged_into bigint
) with (fillfactor = 45);

create index account_due on ledger.account (due_at) where due_at < 'infinity';

-- The limits of input, in one place. Each is true or raises, so that a function checks its parameters in one expression.
create function ledger.check_amount(amount bigint) returns boolean
language plpgsql immutable as $$
begin
  if amount is null or amount < 0 or amount > 1000000000000000 then
    perform ledger.fail('LG004', 'an amount is a whole number from 0 to 1,000,000,000,000,000',
      jsonb_build_object('amount', amount::text));
  end if;
  return true;
end $$;

create function ledger.check_text(value text, what text, longest int) returns boolean
language plpgsql immutable as $$
begin
  if value is null or value = '' or length(value) > longest then
    perform ledger.fail(case what when 'key' then 'LG005' else 'LG009' end,
      format('%s is a text of 1 to %s characters', what, longest), jsonb_build_object('field', what));
  end if;
  return true;
end $$;

create function ledger.check_labels(reference text, metadata jsonb) returns boolean
language plpgsql immutable as $$
begin
  if length(reference) > 200 then
    perform ledger.fail('LG009', 'a reference has at most 200 characters', '{"field": "reference"}');
  end if;
  if metadata is not null and (jsonb_typeof(metadata) <> 'object' or length(metadata::text) > 8192) then
    perform ledger.fail('LG009', 'metadata is a JSON object of at most 8 KB', '{"field": "metadata"}');
  end if;
  return true;
end $$;

create function ledger.check_range(value bigint, what text, lowest bigint, highest bigint) returns boolean
language plpgsql immutable as $$
begin
  if value is null or value < lowest or value > highest then
    perform ledger.fail('LG009', format('%s is a whole number from %s to %s', what, lowest, highest),
      jsonb_build_object('field', what, 'value', value::text));
  end if;
  return true;
end $$;

create function ledger.check_choice(value text, what text, choices text[]) returns boolean
language plpgsql immutable as $$
begin
  if value is null or value <> all (choices) then
    perform ledger.fail('LG009', format('%s is one of %s', what, array_to_string(choices, ', ')),
      jsonb_build_object('field', what, 'value', left(value, 200)));
  end if;
  return true;
end $$;

create function ledger.check_fault(fault text, grace_seconds bigint) returns boolean
language plpgsql immutable as $$
begin
  return ledger.check_choice(fault, 'fault', '{customer,ours,provider}')
    and ledger.check_range(grace_seconds, 'graceSeconds', 0, 7776000);
end $$;
