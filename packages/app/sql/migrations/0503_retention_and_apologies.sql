-- When a result's file was removed, because the time for which results are kept was over. Its row and its receipt stay.
alter table holdfast.asset add column removed_at timestamptz;
create index asset_kept_idx on holdfast.asset (created_at) where removed_at is null;

-- One act of an operator's: the same bonus and the same words to a set of people. Once per person, however often it is run.
create table holdfast.apology (
  id text primary key check (length(id) between 1 and 80),
  credits bigint not null check (credits > 0),
  reason text not null,
  started_at timestamptz not null default holdfast.clock()
);
create table holdfast.apology_person (
  apology_id text not null references holdfast.apology (id),
  person_id text not null references holdfast.person (id),
  granted_at timestamptz,
  mailed_at timestamptz,
  primary key (apology_id, person_id)
);
