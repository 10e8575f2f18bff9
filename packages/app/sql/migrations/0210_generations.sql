-- A generation's row is the truth about it; a job in the queue is only a reason to look at it.
create table holdfast.generation (
  id text primary key check (id ~ '^gen_[0-9a-z]{26}$'),
  person_id text not null references holdfast.person (id),
  -- Models and prices are never deleted (a trigger sees to it). A foreign key would have every acceptance lock the same two rows.
  model_id text not null,
  provider_id text not null,
  provider_model text not null,
  kind text not null check (kind in ('video', 'image')),
  input jsonb not null,

  -- What was promised.
  price_version text not null,
  policy text not null check (policy in ('reserve', 'prepaid', 'postpaid')),
  unit text not null check (unit in ('second', 'piece')),
  credits_per_unit bigint not null check (credits_per_unit >= 0),
  quoted_units integer not null check (quoted_units > 0),
  quoted bigint not null check (quoted >= 0),

  -- What became of it. Final exactly when captured and released are known.
  hold_id text,
  held bigint not null check (held >= 0 and held <= quoted),
  lease_ends_at timestamptz not null,
  captured bigint,
  released bigint,
  delivered_units numeric(12, 3),

  state text not null default 'queued' check (
    state in ('queued', 'submitting', 'running', 'ingesting', 'outcome_unknown', 'succeeded', 'failed', 'cancelled')
  ),
  -- Raised at each claim; every write names the claim it was made under, so that whoever was paused and wakes late changes nothing.
  claim bigint not null default 0,
  claimed_until timestamptz,
  -- When somebody must look at it at the latest; null exactly when it is final.
  due_at timestamptz,
  deadline_at timestamptz not null,
  -- When the sweeper last put it into the queue again.
  woken_at timestamptz,
  -- Its place in its provider's queue: one turn per person and round, so that many jobs of one person don't delay another's few.
  turn bigint not null,
  -- The worker on whose machine a local provider makes it, and until when that worker is believed to live.
  bound_to text,
  bound_machine text,
  bound_until timestamptz,
  -- How often it was picked up from the queue, less those handed back by a worker that stopped in good order.
  pickups integer not null default 0,
  -- Steps in a row that ended in an unexpected error.
  step_failures integer not null default 0,
  cancel_requested_at timestamptz,
  progress real check (progress between 0 and 1),
  error_code text,
  error_class text,
  -- For the operator, never shown to people.
  error_detail text,
  -- [{"status": ..., "at": ...}], appended to by each transition.
  timeline jsonb not null,
  created_at timestamptz not null default holdfast.clock(),
  picked_up_at timestamptz,
  running_at timestamptz,
  finished_at timestamptz,

  constraint generation_due check ((state in ('succeeded', 'failed', 'cancelled')) = (due_at is null)),
  constraint generation_finished check ((state in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)),
  constraint generation_settled check (
    case when state in ('succeeded', 'failed', 'cancelled')
      then captured is not null and released is not null and captured + released = held and captured <= quoted
      else captured is null and released is null
    end
  ),
  constraint generation_charged check (coalesce(captured, 0) = 0 or (state = 'succeeded' and delivered_units is not null)),
  constraint generation_failed check ((state = 'failed') = (error_code is not null)),
  constraint generation_idle_when_final check (due_at is not null or (claimed_until is null and bound_to is null)),
  -- Credit is never spent elsewhere while an outcome is unknown: the hold outlives the deadline at which it is released.
  constraint generation_lease check (lease_ends_at >= deadline_at + interval '10 minutes')
) with (fillfactor = 80);

create index generation_person_idx on holdfast.generation (person_id, id);
create index generation_unfinished_idx on holdfast.generation (person_id, provider_id, turn) where due_at is not null;
create index generation_queue_idx on holdfast.generation (provider_id, turn, id) where state = 'queued';
create index generation_due_idx on holdfast.generation (due_at) where due_at is not null and state <> 'queued';
create index generation_deadline_idx on holdfast.generation (deadline_at) where due_at is not null;
create index generation_bound_idx on holdfast.generation (bound_machine, provider_id) where bound_to is not null;
create index generation_recent_idx on holdfast.generation (model_id, finished_at) where state = 'succeeded';

-- One try at making it. At most one is alive per generation.
create table holdfast.attempt (
  id text primary key check (id ~ '^att_[0-9a-z]{26}$'),
  generation_id text not null references holdfast.generation (id),
  number integer not null check (number > 0),
  provider_id text not null,
  -- 128 random bits that callbacks are addressed by; for the local renderer also the task's name.
  token text not null unique,
  state text not null default 'submitting' check (
    state in ('submitting', 'submitted', 'submit_unknown', 'succeeded', 'failed')
  ),
  -- The marker: written and committed before the one request leaves.
  submit_started_at timestamptz not null default holdfast.clock(),
  submitted_at timestamptz,
  task_id text,
  task_urls jsonb,
  -- What the provider says it made, kept so that fetching it can be repeated.
  outputs jsonb,
  cost_usd numeric(14, 6),
  error_code text,
  error_class text,
  error_detail text,
  ended_at timestamptz,
  created_at timestamptz not null default holdfast.clock(),
  unique (generation_id, number),
  unique (provider_id, task_id),
  check ((state in ('succeeded', 'failed')) = (ended_at is not null))
) with (fillfactor = 80);
create unique index attempt_live_idx on holdfast.attempt (generation_id)
  where state in ('submitting', 'submitted', 'submit_unknown');

-- The first answer to each request for a generation, for ever: written in the transaction that places the hold. A refusal for lack of
-- credit is an answer too.
create table holdfast.generation_request (
  person_id text not null references holdfast.person (id),
  command text not null check (command in ('create', 'again')),
  key text not null check (length(key) between 1 and 200),
  -- SHA-256 of what was asked for, never of anything that changes with time.
  fingerprint bytea not null,
  -- Written by the same statement as the generation, which is never deleted.
  generation_id text,
  refusal jsonb,
  created_at timestamptz not null default holdfast.clock(),
  primary key (person_id, command, key),
  check (num_nonnulls(generation_id, refusal) = 1)
);

-- Accepts a request, in one statement and so in one transaction: under the person's lock (their concurrent requests queue up here) what may
-- refuse it is checked in its order, the hold is placed, and the row and the idempotency record are written.
-- The outcome is one of: conflict, replayed, unavailable, quote_expired, cooldown, too_many, refused, accepted. Only the last two write.
create function holdfast.accept_generation(
  a_person text, a_command text, a_key text, a_fingerprint bytea,
  a_id text, a_model text, a_provider text, a_provider_model text, a_kind text, a_input jsonb,
  a_price_version text, a_policy text, a_unit text, a_credits_per_unit bigint, a_units integer, a_quoted bigint,
  a_available boolean, a_quote_expires_at timestamptz, a_cooldown_seconds integer, a_max_unfinished integer,
  a_deadline_seconds integer, a_lease_slack_seconds integer
) returns table (outcome text, facts jsonb, hold_id text, lease_ends_at timestamptz, created_at timestamptz)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  earlier record;
  placed ledger.outcome;
begin
  perform pg_advisory_xact_lock(hashtextextended(a_person, 20));

  select r.fingerprint, r.refusal, r.generation_id, holdfast.clock() as now,
         (select count(*) from holdfast.generation g where g.person_id = a_person and g.due_at is not null) as unfinished,
         case when a_cooldown_seconds > 0 then
           (select g.created_at from holdfast.generation g
             where g.person_id = a_person and g.kind = a_kind order by g.id desc limit 1)
         end as started_at
    into earlier
    from (values (1)) as one (row)
    left join holdfast.generation_request r on r.person_id = a_person and r.command = a_command and r.key = a_key;

  if earlier.fingerprint is not null then
    outcome := case when earlier.fingerprint = a_fingerprint then 'replayed' else 'conflict' end;
    facts := coalesce(earlier.refusal, jsonb_build_object('generation', earlier.generation_id));
  elsif not a_available then
    outcome := 'unavailable';
  elsif a_quote_expires_at <= earlier.now then
    outcome := 'quote_expired';
  elsif earlier.started_at + make_interval(secs => a_cooldown_seconds) > earlier.now then
    outcome := 'cooldown';
    facts := jsonb_build_object('seconds', a_cooldown_seconds - extract(epoch from earlier.now - earlier.started_at));
  elsif earlier.unfinished >= a_max_unfinished then
    outcome := 'too_many';
    facts := jsonb_build_object('unfinished', earlier.unfinished);
  end if;
  if outcome is not null then
    return next;
    return;
  end if;

  -- A generation's deadline releases its hold; what comes later is never charged.
  placed := ledger.place_hold(account => a_person, key => a_id || '/hold', amount => a_quoted,
    lease_seconds => a_deadline_seconds + a_lease_slack_seconds, late_seconds => 0, reference => a_id);
  if placed.refusal is not null then
    outcome := 'refused';
    facts := placed.refusal_data;
    insert into holdfast.generation_request (person_id, command, key, fingerprint, refusal)
    values (a_person, a_command, a_key, a_fingerprint, facts);
    return next;
    return;
  end if;

  outcome := 'accepted';
  facts := jsonb_build_object('total', placed.total::text, 'held', placed.held::text,
    'available', (placed.total - placed.held - placed.debt)::text, 'required', a_quoted::text);
  hold_id := placed.hold::text;
  lease_ends_at := placed.lease_until;
  created_at := holdfast.clock();
  -- Its turn comes after those of this person's that are unfinished, but not behind more than one round of anybody else's.
  with remembered as (
    insert into holdfast.generation_request (person_id, command, key, fingerprint, generation_id)
    values (a_person, a_command, a_key, a_fingerprint, a_id)
  )
  insert into holdfast.generation (
    id, person_id, model_id, provider_id, provider_model, kind, input,
    price_version, policy, unit, credits_per_unit, quoted_units, quoted,
    hold_id, held, lease_ends_at, created_at, due_at, deadline_at, timeline, turn)
  values (
    a_id, a_person, a_model, a_provider, a_provider_model, a_kind, a_input,
    a_price_version, a_policy, a_unit, a_credits_per_unit, a_units, a_quoted,
    placed.hold::text, a_quoted, placed.lease_until, accept_generation.created_at, accept_generation.created_at,
    accept_generation.created_at + make_interval(secs => a_deadline_seconds),
    jsonb_build_array(jsonb_build_object('status', 'queued', 'at', accept_generation.created_at)),
    coalesce(greatest(
      (select min(g.turn) from holdfast.generation g where g.state = 'queued' and g.provider_id = a_provider),
      (select 1 + max(g.turn) from holdfast.generation g
        where g.person_id = a_person and g.provider_id = a_provider and g.due_at is not null)), 1));
  return next;
end;
$$;

-- Callbacks as they came in. Reading one never acts on its words: it makes somebody ask the provider.
create table holdfast.provider_callback (
  id bigint generated always as identity primary key,
  provider_id text not null,
  attempt_token text not null,
  event_key text not null,
  task_id text,
  trust text not null check (trust in ('full', 'hint')),
  received_at timestamptz not null default holdfast.clock(),
  read_at timestamptz,
  unique (provider_id, event_key)
);
create index provider_callback_unread_idx on holdfast.provider_callback (attempt_token) where read_at is null;

-- Money that a provider may have taken for something nobody was charged for: the operator's, never a person's.
create table holdfast.orphan_cost (
  attempt_id text primary key references holdfast.attempt (id),
  generation_id text not null references holdfast.generation (id),
  provider_id text not null,
  task_id text,
  reason text not null,
  cost_usd numeric(14, 6),
  found_at timestamptz not null default holdfast.clock(),
  resolved_at timestamptz
);
create index orphan_cost_open_idx on holdfast.orphan_cost (found_at) where resolved_at is null;
