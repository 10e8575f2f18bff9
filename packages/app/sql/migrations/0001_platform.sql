-- Where every row and every statement takes the time from. It is `stable` so that an index can be searched by it; within one statement
-- it may be asked more than once. Tests replace it by a clock that they move.
create function holdfast.clock() returns timestamptz
language sql stable parallel safe
as $$ select clock_timestamp() $$;

-- One row: what a restored backup leaves to be done. While `reconcile_since` is set, what was under way at the time of the backup is still
-- to be compared with the providers.
create table holdfast.installation (
  id boolean primary key default true check (id),
  made_at timestamptz not null default holdfast.clock(),
  restored_at timestamptz,
  reconcile_since timestamptz
);
insert into holdfast.installation default values;
