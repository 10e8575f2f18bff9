-- What a person may do at once: data that an operator edits without a deploy. Null is "as the settings say" (GENERATION_COOLDOWN_SECONDS,
-- MAX_RUNNING_PER_PERSON, MAX_ACTIVE_PER_PERSON, POSTPAID_DEBT_LIMIT).
create table holdfast.tier (
  id text primary key check (id ~ '^[a-z][a-z0-9_-]{0,39}$'),
  name text not null check (length(name) between 1 and 80),
  -- Turns per round of a provider's queue: somebody of priority 3 has three made while somebody of priority 1 has one made.
  priority integer not null default 1 check (priority between 1 and 10),
  max_running integer check (max_running between 1 and 1000),
  max_unfinished integer check (max_unfinished between 1 and 10000),
  -- Between two starts of the same kind; 0 is none.
  video_cooldown_seconds integer check (video_cooldown_seconds between 0 and 86400),
  image_cooldown_seconds integer check (image_cooldown_seconds between 0 and 86400),
  -- How far what is paid for after completion may take an account into debt.
  debt_limit bigint check (debt_limit between 0 and 1000000000000000),
  created_at timestamptz not null default holdfast.clock()
);
insert into holdfast.tier (id, name) values ('free', 'Free');

alter table holdfast.person add column tier text not null default 'free' references holdfast.tier (id);
create index person_tier_idx on holdfast.person (tier) where tier <> 'free';

create function holdfast.keep_free_tier() returns trigger
language plpgsql
as $$
begin
  if old.id = 'free' then
    raise exception 'the tier "free" is everyone''s first: edit it, and leave it where it is';
  end if;
  return old;
end;
$$;
create trigger free_tier_kept before delete on holdfast.tier
  for each row execute function holdfast.keep_free_tier();
