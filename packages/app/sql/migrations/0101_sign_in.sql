-- Sign-in by better-auth. The tables are written here and not by the library, so that one history of migrations, owned by the
-- owner's role, makes the whole database; a test asks the library whether it misses anything.
create schema if not exists auth;

create table auth.identity (
  id text primary key,
  name text not null,
  email text not null unique check (email = lower(email)),
  email_verified boolean not null,
  image text,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);

create table auth.session (
  id text primary key,
  expires_at timestamptz not null,
  token text not null unique,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null,
  ip_address text,
  user_agent text,
  user_id text not null references auth.identity (id) on delete cascade
);
create index session_user_id_idx on auth.session (user_id);

create table auth.credential (
  id text primary key,
  account_id text not null,
  provider_id text not null,
  user_id text not null references auth.identity (id) on delete cascade,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null
);
create index credential_user_id_idx on auth.credential (user_id);

create table auth.verification (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);
create index verification_identifier_idx on auth.verification (identifier);

create table auth.api_key (
  id text primary key,
  config_id text not null,
  name text,
  start text,
  reference_id text not null,
  prefix text,
  -- The SHA-256 of the key. The key itself is shown once and kept nowhere.
  key text not null,
  refill_interval integer,
  refill_amount integer,
  last_refill_at timestamptz,
  enabled boolean,
  rate_limit_enabled boolean,
  rate_limit_time_window integer,
  rate_limit_max integer,
  request_count integer,
  remaining integer,
  last_request timestamptz,
  expires_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  permissions text,
  metadata text
);
create index api_key_config_id_idx on auth.api_key (config_id);
create index api_key_reference_id_idx on auth.api_key (reference_id);
create index api_key_key_idx on auth.api_key (key);
