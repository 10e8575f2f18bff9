-- A clock that tests can move. It is never part of the package, and production never installs it.
create schema if not exists ledger_test;

create table if not exists ledger_test.clock (
  one    boolean primary key default true check (one),
  -- where a test has stopped the clock; null lets it run
  fixed  timestamptz,
  shift  interval not null default '0'
);

insert into ledger_test.clock default values on conflict do nothing;
grant usage on schema ledger_test to public;
grant select, update on ledger_test.clock to public;

create or replace function ledger.clock() returns timestamptz
language sql volatile as $$ select coalesce(c.fixed, clock_timestamp() + c.shift) from ledger_test.clock c $$;
