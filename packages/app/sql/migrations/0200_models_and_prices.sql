-- What can be made, and what it costs: data that an operator edits without a deploy.
create table holdfast.model (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9._-]{0,79}$'),
  name text not null,
  description text not null,
  kind text not null check (kind in ('video', 'image')),
  provider_id text not null,
  -- The provider's own name for it.
  provider_model text not null,
  -- The order in which models are shown.
  position integer not null,
  -- Templates with their inputs and limits, as GET /api/models shows them.
  templates jsonb not null check (jsonb_typeof(templates) = 'array' and jsonb_array_length(templates) > 0),
  aspect_ratios text[] not null check (aspect_ratios <@ array['9:16', '1:1', '16:9'] and cardinality(aspect_ratios) > 0),
  min_seconds integer,
  max_seconds integer,
  default_seconds integer,
  submit_timeout_seconds integer not null default 60 check (submit_timeout_seconds between 1 and 300),
  -- How long from acceptance until a generation has ended, whatever happens.
  deadline_seconds integer not null check (deadline_seconds between 10 and 86400),
  -- How long one attempt may run, where stopping it and trying anew is harmless (the local renderer); null is until the deadline.
  run_timeout_seconds integer check (run_timeout_seconds between 10 and 86400),
  -- Attempts after failures that were proven to be the provider's.
  max_attempts integer not null default 2 check (max_attempts between 1 and 10),
  poll_seconds real not null default 10 check (poll_seconds between 0.1 and 600),
  max_output_bytes bigint not null default 2147483648 check (max_output_bytes between 1 and 10737418240),
  offered boolean not null default true,
  -- Why it can't be asked for at the moment; null while it can.
  paused_reason text,
  -- When an operator changed it: from then on a new version of Holdfast leaves it alone.
  edited_at timestamptz,
  created_at timestamptz not null default holdfast.clock(),
  check ((kind = 'image') = (min_seconds is null)),
  check (num_nulls(min_seconds, max_seconds, default_seconds) in (0, 3)),
  check (min_seconds between 1 and default_seconds and default_seconds <= max_seconds and max_seconds <= 3600)
);

-- A price never changes: a new one takes its place. What was quoted under the old one keeps it.
create table holdfast.price (
  version text primary key check (length(version) between 1 and 80),
  model_id text not null references holdfast.model (id),
  unit text not null check (unit in ('second', 'piece')),
  credits_per_unit bigint not null check (credits_per_unit between 0 and 1000000000),
  policy text not null default 'reserve' check (policy in ('reserve', 'prepaid', 'postpaid')),
  effective_at timestamptz not null default holdfast.clock(),
  created_at timestamptz not null default holdfast.clock()
);
create index price_model_idx on holdfast.price (model_id, effective_at desc);

-- Whatever was quoted or made refers to them for ever.
create function holdfast.keep_catalogue() returns trigger
language plpgsql
as $$
begin
  raise exception 'a % is kept as it is: withdraw the model (offered = false), or add a newer price', tg_table_name;
end;
$$;
create trigger model_kept before delete or truncate on holdfast.model
  for each statement execute function holdfast.keep_catalogue();
create trigger price_kept before update or delete or truncate on holdfast.price
  for each statement execute function holdfast.keep_catalogue();

create table holdfast.quote (
  id text primary key,
  person_id text not null references holdfast.person (id),
  model_id text not null,
  provider_id text not null,
  price_version text not null,
  -- Checked against the model, defaults filled in.
  input jsonb not null,
  units integer not null check (units > 0),
  credits bigint not null check (credits >= 0),
  expires_at timestamptz not null,
  created_at timestamptz not null default holdfast.clock()
);
create index quote_expires_at_idx on holdfast.quote (expires_at);
