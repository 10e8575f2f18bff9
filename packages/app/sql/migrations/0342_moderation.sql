-- What was refused before anything was held for it, once for each request.
create table holdfast.moderation_strike (
  person_id text not null references holdfast.person (id),
  key text not null check (length(key) between 1 and 200),
  moderator text not null,
  -- For the operator, never shown to people.
  reason text not null,
  at timestamptz not null default holdfast.clock(),
  primary key (person_id, key)
);
create index moderation_strike_at_idx on holdfast.moderation_strike (person_id, at);

-- An operator's word that what came before counts no more.
create table holdfast.moderation_pardon (
  id bigint generated always as identity primary key,
  person_id text not null references holdfast.person (id),
  at timestamptz not null default holdfast.clock()
);
create index moderation_pardon_idx on holdfast.moderation_pardon (person_id, at);
