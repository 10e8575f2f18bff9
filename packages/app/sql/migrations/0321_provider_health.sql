-- What an operator has decided about a provider. No row: nothing was decided.
create table holdfast.provider_account (
  provider_id text primary key check (length(provider_id) between 1 and 80),
  -- The switch: nothing new is accepted or submitted while it is set.
  paused_at timestamptz,
  paused_reason text,
  -- From midnight UTC to midnight UTC. Null: no cap.
  daily_cap_usd numeric(14, 6) check (daily_cap_usd >= 0),
  -- Tasks that it may have at once, over all workers. Null: as many as it takes.
  max_running integer check (max_running > 0),
  alert_below_usd numeric(14, 6) check (alert_below_usd >= 0),
  -- {"submit": {"count": 20, "seconds": 10}, "status": ...}; what isn't there is as it is known of the vendor, null is no limit.
  limits jsonb not null default '{}' check (jsonb_typeof(limits) = 'object'),
  -- Whoever raises it asks for the balance.
  balance_asked_at timestamptz,
  check ((paused_at is null) = (paused_reason is null))
);

-- When the next call of a kind may leave, if calls were evenly spaced. What is lost in a crash is a burst that the vendor refuses.
create unlogged table holdfast.provider_bucket (
  provider_id text not null,
  kind text not null,
  ready_at timestamptz not null,
  primary key (provider_id, kind)
) with (fillfactor = 50);

-- Open: nothing is submitted, but for one attempt at a time to see whether it is over. '' is the whole provider.
create table holdfast.provider_circuit (
  provider_id text not null,
  provider_model text not null default '',
  state text not null check (state in ('closed', 'open')),
  reason text not null check (reason in ('balance', 'auth', 'config', 'failures')),
  detail text not null,
  opened_at timestamptz not null default holdfast.clock(),
  closed_at timestamptz,
  -- Probes in a row that found it not over.
  probes integer not null default 0,
  -- When the next may be made. Null: not before the balance shows credit.
  probe_at timestamptz,
  probe_attempt_id text,
  -- By then the probe has been answered, or whoever made it is lost.
  probing_until timestamptz,
  primary key (provider_id, provider_model)
);

create table holdfast.provider_balance (
  id bigint generated always as identity primary key,
  provider_id text not null,
  asked_at timestamptz not null default holdfast.clock(),
  units double precision not null,
  usd numeric(14, 6)
);
create index provider_balance_idx on holdfast.provider_balance (provider_id, asked_at desc);

alter table holdfast.attempt
  -- Whose model was asked: another than the generation's first, where it went to a fallback.
  add column provider_model text,
  -- What it should cost the operator by the catalogue; null where that isn't known.
  add column estimated_usd numeric(14, 6);
create index attempt_started_idx on holdfast.attempt (provider_id, submit_started_at);
create index attempt_ended_idx on holdfast.attempt (provider_id, ended_at) where ended_at is not null;
