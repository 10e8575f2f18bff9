-- What operators did by hand: who, when, why, and how things stood before. Written before anything is done, in a transaction of its own, so
-- that nothing is done that isn't noted; what came of it is a row beside it. Neither is ever changed or deleted.
create table holdfast.operator_action (
  id text primary key check (id ~ '^act_[0-9a-z]{26}$'),
  at timestamptz not null default holdfast.clock(),
  -- A person's id, or "cli" and the name of whoever is logged in to the machine.
  operator text not null check (length(operator) between 1 and 200),
  action text not null check (action ~ '^[a-z_]{1,40}$'),
  -- The id of what it was done to.
  subject text not null check (length(subject) between 1 and 200),
  reason text not null check (length(reason) between 3 and 500),
  -- What else was said with it, such as the task to adopt.
  asked jsonb not null default '{}',
  before jsonb
);
create index operator_action_subject_idx on holdfast.operator_action (subject, at);
create index operator_action_at_idx on holdfast.operator_action (at);

create table holdfast.operator_outcome (
  action_id text primary key references holdfast.operator_action (id),
  at timestamptz not null default holdfast.clock(),
  -- `done`, `nothing_to_do`, or the code of the refusal.
  outcome text not null check (length(outcome) between 1 and 80),
  detail text not null default '' check (length(detail) <= 2000),
  after jsonb
);

create function holdfast.keep_operator_log() returns trigger
language plpgsql
as $$
begin
  raise exception 'what operators did is kept as it was written';
end;
$$;
create trigger operator_action_kept before update or delete or truncate on holdfast.operator_action
  for each statement execute function holdfast.keep_operator_log();
create trigger operator_outcome_kept before update or delete or truncate on holdfast.operator_outcome
  for each statement execute function holdfast.keep_operator_log();
