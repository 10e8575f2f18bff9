-- People: who everything else belongs to. A mail address, where there is one, is a sign-in of this person (auth.identity, same id);
-- a person who came another way has none.
create table holdfast.person (
  id text primary key check (id ~ '^per_[0-9a-z]{26}$'),
  name text not null default '' check (length(name) <= 200),
  role text not null default 'creator' check (role in ('creator', 'operator')),
  -- When the sign-up credits were granted: null until then, which is until the mail address is verified where that is asked for.
  welcomed_at timestamptz,
  created_at timestamptz not null default holdfast.clock()
);
