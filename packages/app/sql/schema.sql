-- sequences

create sequence holdfast.subscription_read as bigint start 1 increment 1;

-- tables

create table auth.api_key (
  id text not null,
  config_id text not null,
  name text,
  start text,
  reference_id text not null,
  prefix text,
  key text not null,
  refill_interval integer,
  refill_amount integer,
  last_refill_at timestamp with time zone,
  enabled boolean,
  rate_limit_enabled boolean,
  rate_limit_time_window integer,
  rate_limit_max integer,
  request_count integer,
  remaining integer,
  last_request timestamp with time zone,
  expires_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  permissions text,
  metadata text,
  constraint api_key_pkey PRIMARY KEY (id)
);

create table auth.credential (
  id text not null,
  account_id text not null,
  provider_id text not null,
  user_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamp with time zone,
  refresh_token_expires_at timestamp with time zone,
  scope text,
  password text,
  created_at timestamp with time zone default CURRENT_TIMESTAMP not null,
  updated_at timestamp with time zone not null,
  constraint credential_pkey PRIMARY KEY (id),
  constraint credential_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.identity(id) ON DELETE CASCADE
);

create table auth.identity (
  id text not null,
  name text not null,
  email text not null,
  email_verified boolean not null,
  image text,
  created_at timestamp with time zone default CURRENT_TIMESTAMP not null,
  updated_at timestamp with time zone default CURRENT_TIMESTAMP not null,
  constraint identity_email_check CHECK ((email = lower(email))),
  constraint identity_email_key UNIQUE (email),
  constraint identity_pkey PRIMARY KEY (id)
);

create table auth.session (
  id text not null,
  expires_at timestamp with time zone not null,
  token text not null,
  created_at timestamp with time zone default CURRENT_TIMESTAMP not null,
  updated_at timestamp with time zone not null,
  ip_address text,
  user_agent text,
  user_id text not null,
  constraint session_pkey PRIMARY KEY (id),
  constraint session_token_key UNIQUE (token),
  constraint session_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.identity(id) ON DELETE CASCADE
);

create table auth.verification (
  id text not null,
  identifier text not null,
  value text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default CURRENT_TIMESTAMP not null,
  updated_at timestamp with time zone default CURRENT_TIMESTAMP not null,
  constraint verification_pkey PRIMARY KEY (id)
);

create table holdfast.alert (
  key text not null,
  severity text not null,
  title text not null,
  detail text not null,
  link text,
  opened_at timestamp with time zone default holdfast.clock() not null,
  last_raised_at timestamp with time zone default holdfast.clock() not null,
  raises integer default 1 not null,
  openings integer default 1 not null,
  cleared_at timestamp with time zone,
  told text,
  told_severity text,
  told_raised_at timestamp with time zone,
  constraint alert_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
  constraint alert_pkey PRIMARY KEY (key),
  constraint alert_severity_check CHECK ((severity = ANY (ARRAY['warning'::text, 'critical'::text]))),
  constraint alert_told_check CHECK ((told = ANY (ARRAY['raised'::text, 'cleared'::text])))
);

create table holdfast.alert_notice (
  id text not null,
  alert_key text not null,
  channel text not null,
  about text not null,
  content jsonb not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  due_at timestamp with time zone default holdfast.clock(),
  attempts integer default 0 not null,
  last_error text,
  delivered_at timestamp with time zone,
  message_id text,
  constraint alert_notice_about_check CHECK ((about = ANY (ARRAY['raised'::text, 'cleared'::text]))),
  constraint alert_notice_pkey PRIMARY KEY (id)
);

create table holdfast.answered_request (
  person_id text not null,
  key text not null,
  fingerprint bytea not null,
  status integer,
  content_type text,
  body bytea,
  claimed_at timestamp with time zone default holdfast.clock() not null,
  constraint answered_request_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
  constraint answered_request_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint answered_request_pkey PRIMARY KEY (person_id, key)
);

create table holdfast.apology (
  id text not null,
  credits bigint not null,
  reason text not null,
  started_at timestamp with time zone default holdfast.clock() not null,
  constraint apology_credits_check CHECK ((credits > 0)),
  constraint apology_id_check CHECK (((length(id) >= 1) AND (length(id) <= 80))),
  constraint apology_pkey PRIMARY KEY (id)
);

create table holdfast.apology_person (
  apology_id text not null,
  person_id text not null,
  granted_at timestamp with time zone,
  mailed_at timestamp with time zone,
  constraint apology_person_apology_id_fkey FOREIGN KEY (apology_id) REFERENCES holdfast.apology(id),
  constraint apology_person_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint apology_person_pkey PRIMARY KEY (apology_id, person_id)
);

create table holdfast.asset (
  id text not null,
  person_id text not null,
  generation_id text not null,
  output integer not null,
  kind text not null,
  sha256 text not null,
  content_type text not null,
  bytes bigint not null,
  width integer not null,
  height integer not null,
  duration_ms integer,
  poster_sha256 text,
  poster_content_type text,
  poster_bytes bigint,
  created_at timestamp with time zone default holdfast.clock() not null,
  removed_at timestamp with time zone,
  constraint asset_bytes_check CHECK ((bytes > 0)),
  constraint asset_check CHECK (((kind = 'video'::text) = (duration_ms IS NOT NULL))),
  constraint asset_check1 CHECK ((num_nulls(poster_sha256, poster_content_type, poster_bytes) = ANY (ARRAY[0, 3]))),
  constraint asset_duration_ms_check CHECK ((duration_ms > 0)),
  constraint asset_generation_id_fkey FOREIGN KEY (generation_id) REFERENCES holdfast.generation(id),
  constraint asset_generation_id_output_key UNIQUE (generation_id, output),
  constraint asset_height_check CHECK ((height > 0)),
  constraint asset_id_check CHECK ((id ~ '^ast_[0-9a-z]{26}$'::text)),
  constraint asset_kind_check CHECK ((kind = ANY (ARRAY['video'::text, 'image'::text]))),
  constraint asset_output_check CHECK ((output >= 0)),
  constraint asset_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint asset_pkey PRIMARY KEY (id),
  constraint asset_poster_sha256_check CHECK ((poster_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint asset_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint asset_width_check CHECK ((width > 0))
);

create table holdfast.attempt (
  id text not null,
  generation_id text not null,
  number integer not null,
  provider_id text not null,
  token text not null,
  state text default 'submitting'::text not null,
  submit_started_at timestamp with time zone default holdfast.clock() not null,
  submitted_at timestamp with time zone,
  task_id text,
  task_urls jsonb,
  outputs jsonb,
  cost_usd numeric(14,6),
  error_code text,
  error_class text,
  error_detail text,
  ended_at timestamp with time zone,
  created_at timestamp with time zone default holdfast.clock() not null,
  unknown_until timestamp with time zone,
  resubmitted_by text,
  declared_seconds numeric(12,3),
  provider_model text,
  estimated_usd numeric(14,6),
  constraint attempt_check CHECK (((state = ANY (ARRAY['succeeded'::text, 'failed'::text])) = (ended_at IS NOT NULL))),
  constraint attempt_declared_seconds_check CHECK ((declared_seconds >= (0)::numeric)),
  constraint attempt_generation_id_fkey FOREIGN KEY (generation_id) REFERENCES holdfast.generation(id),
  constraint attempt_generation_id_number_key UNIQUE (generation_id, number),
  constraint attempt_id_check CHECK ((id ~ '^att_[0-9a-z]{26}$'::text)),
  constraint attempt_number_check CHECK ((number > 0)),
  constraint attempt_pkey PRIMARY KEY (id),
  constraint attempt_provider_id_task_id_key UNIQUE (provider_id, task_id),
  constraint attempt_resubmitted CHECK (((resubmitted_by IS NULL) OR (state = 'failed'::text))),
  constraint attempt_resubmitted_by_check CHECK ((resubmitted_by = ANY (ARRAY['policy'::text, 'operator'::text]))),
  constraint attempt_state_check CHECK ((state = ANY (ARRAY['submitting'::text, 'submitted'::text, 'submit_unknown'::text, 'succeeded'::text, 'failed'::text]))),
  constraint attempt_token_key UNIQUE (token)
) with (fillfactor=80);

create table holdfast.auto_top_up (
  person_id text not null,
  enabled boolean not null,
  threshold bigint not null,
  product_id text not null,
  currency text not null,
  monthly_cap bigint not null,
  paused_reason text,
  enabled_at timestamp with time zone,
  updated_at timestamp with time zone default holdfast.clock() not null,
  constraint auto_top_up_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint auto_top_up_monthly_cap_check CHECK (((monthly_cap >= 1) AND (monthly_cap <= '1000000000000'::bigint))),
  constraint auto_top_up_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint auto_top_up_pkey PRIMARY KEY (person_id),
  constraint auto_top_up_product_id_fkey FOREIGN KEY (product_id) REFERENCES holdfast.product(id),
  constraint auto_top_up_threshold_check CHECK (((threshold >= 0) AND (threshold <= 1000000000)))
);

create table holdfast.bot_conversation (
  chat_id bigint not null,
  state jsonb not null,
  changed_at timestamp with time zone default holdfast.clock() not null,
  constraint bot_conversation_pkey PRIMARY KEY (chat_id)
);

create table holdfast.bot_poller (
  bot_id bigint not null,
  holder text not null,
  held_until timestamp with time zone not null,
  next_offset bigint default 0 not null,
  constraint bot_poller_pkey PRIMARY KEY (bot_id)
);

create table holdfast.bot_update (
  bot_id bigint not null,
  update_id bigint not null,
  chat_id bigint not null,
  payload jsonb not null,
  received_at timestamp with time zone default holdfast.clock() not null,
  claim bigint default 0 not null,
  claimed_until timestamp with time zone,
  failures integer default 0 not null,
  done_at timestamp with time zone,
  constraint bot_update_pkey PRIMARY KEY (bot_id, update_id)
);

create table holdfast.completion (
  attempt_id text not null,
  status text not null,
  output_duration_seconds numeric(12,3),
  output_url text,
  error text,
  received_at timestamp with time zone default holdfast.clock() not null,
  constraint completion_attempt_id_fkey FOREIGN KEY (attempt_id) REFERENCES holdfast.attempt(id),
  constraint completion_error_check CHECK ((length(error) <= 2000)),
  constraint completion_output_duration_seconds_check CHECK ((output_duration_seconds >= (0)::numeric)),
  constraint completion_output_url_check CHECK ((length(output_url) <= 2000)),
  constraint completion_pkey PRIMARY KEY (attempt_id),
  constraint completion_status_check CHECK ((status = ANY (ARRAY['succeeded'::text, 'failed'::text])))
);

create table holdfast.delivery (
  id text not null,
  person_id text not null,
  generation_id text not null,
  event text not null,
  channel text not null,
  target text default ''::text not null,
  asked_by text default ''::text not null,
  wish_id text,
  state text default 'pending'::text not null,
  attempts integer default 0 not null,
  refusals integer default 0 not null,
  due_at timestamp with time zone default holdfast.clock(),
  claim bigint default 0 not null,
  claimed_until timestamp with time zone,
  reason text,
  detail text,
  facts jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  finished_at timestamp with time zone,
  constraint delivery_channel_check CHECK ((channel = ANY (ARRAY['library'::text, 'telegram'::text, 'mail'::text, 'webhook'::text]))),
  constraint delivery_due CHECK (((state = ANY (ARRAY['pending'::text, 'sending'::text])) = (due_at IS NOT NULL))),
  constraint delivery_event_check CHECK ((event = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text, 'refunded'::text, 'resent'::text]))),
  constraint delivery_finished CHECK (((state = ANY (ARRAY['pending'::text, 'sending'::text])) = (finished_at IS NULL))),
  constraint delivery_generation_id_event_channel_target_asked_by_key UNIQUE (generation_id, event, channel, target, asked_by),
  constraint delivery_generation_id_fkey FOREIGN KEY (generation_id) REFERENCES holdfast.generation(id),
  constraint delivery_id_check CHECK ((id ~ '^dlv_[0-9a-z]{26}$'::text)),
  constraint delivery_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint delivery_pkey PRIMARY KEY (id),
  constraint delivery_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sending'::text, 'delivered'::text, 'refused'::text, 'uncertain'::text]))),
  constraint delivery_told CHECK (((state = ANY (ARRAY['pending'::text, 'sending'::text, 'delivered'::text])) OR (reason IS NOT NULL))),
  constraint delivery_wish_id_fkey FOREIGN KEY (wish_id) REFERENCES holdfast.delivery_wish(id)
) with (fillfactor=80);

create table holdfast.delivery_attempt (
  delivery_id text not null,
  number integer not null,
  way text default ''::text not null,
  started_at timestamp with time zone default holdfast.clock() not null,
  ended_at timestamp with time zone,
  outcome text,
  reason text,
  detail text,
  http_status integer,
  constraint delivery_attempt_check CHECK (((outcome IS NULL) = (ended_at IS NULL))),
  constraint delivery_attempt_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES holdfast.delivery(id),
  constraint delivery_attempt_number_check CHECK ((number > 0)),
  constraint delivery_attempt_outcome_check CHECK ((outcome = ANY (ARRAY['delivered'::text, 'refused'::text, 'uncertain'::text, 'again'::text]))),
  constraint delivery_attempt_pkey PRIMARY KEY (delivery_id, number)
);

create table holdfast.delivery_wish (
  id text not null,
  person_id text not null,
  command text not null,
  key text not null,
  channel text not null,
  target text not null,
  status_message_id bigint,
  shown text,
  edit_due_at timestamp with time zone default holdfast.clock(),
  ended_at timestamp with time zone,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint delivery_wish_channel_check CHECK ((channel = 'telegram'::text)),
  constraint delivery_wish_command_check CHECK ((command = ANY (ARRAY['create'::text, 'again'::text]))),
  constraint delivery_wish_id_check CHECK ((id ~ '^wsh_[0-9a-z]{26}$'::text)),
  constraint delivery_wish_person_id_command_key_key UNIQUE (person_id, command, key),
  constraint delivery_wish_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint delivery_wish_pkey PRIMARY KEY (id)
);

create table holdfast.generation (
  id text not null,
  person_id text not null,
  model_id text not null,
  provider_id text not null,
  provider_model text not null,
  kind text not null,
  input jsonb not null,
  price_version text not null,
  policy text not null,
  unit text not null,
  credits_per_unit bigint not null,
  quoted_units integer not null,
  quoted bigint not null,
  hold_id text,
  held bigint not null,
  lease_ends_at timestamp with time zone,
  captured bigint,
  released bigint,
  delivered_units numeric(12,3),
  state text default 'queued'::text not null,
  claim bigint default 0 not null,
  claimed_until timestamp with time zone,
  due_at timestamp with time zone,
  deadline_at timestamp with time zone not null,
  woken_at timestamp with time zone,
  turn bigint not null,
  bound_to text,
  bound_machine text,
  bound_until timestamp with time zone,
  pickups integer default 0 not null,
  step_failures integer default 0 not null,
  cancel_requested_at timestamp with time zone,
  progress real,
  error_code text,
  error_class text,
  error_detail text,
  timeline jsonb not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  picked_up_at timestamp with time zone,
  running_at timestamp with time zone,
  finished_at timestamp with time zone,
  callbacks integer default 0 not null,
  refunded bigint default 0 not null,
  owed bigint default 0 not null,
  delivered_elsewhere boolean default false not null,
  eta_from timestamp with time zone,
  eta_to timestamp with time zone,
  eta_stretch real,
  constraint generation_charged CHECK (((due_at IS NOT NULL) OR (captured = refunded) OR ((state = 'succeeded'::text) AND (delivered_units IS NOT NULL)))),
  constraint generation_check CHECK (((held >= 0) AND (held <= quoted))),
  constraint generation_credits_per_unit_check CHECK ((credits_per_unit >= 0)),
  constraint generation_due CHECK (((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text])) = (due_at IS NULL))),
  constraint generation_elsewhere CHECK (((NOT delivered_elsewhere) OR (state = 'succeeded'::text))),
  constraint generation_eta CHECK (((num_nonnulls(eta_from, eta_to, eta_stretch) = ANY (ARRAY[0, 3])) AND (eta_from <= eta_to))),
  constraint generation_failed CHECK (((state = 'failed'::text) = (error_code IS NOT NULL))),
  constraint generation_finished CHECK (((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text])) = (finished_at IS NOT NULL))),
  constraint generation_id_check CHECK ((id ~ '^gen_[0-9a-z]{26}$'::text)),
  constraint generation_idle_when_final CHECK (((due_at IS NOT NULL) OR ((claimed_until IS NULL) AND (bound_to IS NULL)))),
  constraint generation_kind_check CHECK ((kind = ANY (ARRAY['video'::text, 'image'::text]))),
  constraint generation_lease CHECK (
CASE
    WHEN (policy = 'reserve'::text) THEN ((lease_ends_at IS NOT NULL) AND (lease_ends_at >= (deadline_at + '00:10:00'::interval)))
    ELSE (lease_ends_at IS NULL)
END),
  constraint generation_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint generation_pkey PRIMARY KEY (id),
  constraint generation_policy CHECK (
CASE policy
    WHEN 'reserve'::text THEN ((refunded = 0) AND (owed = 0) AND COALESCE(((captured + released) = held), true))
    WHEN 'prepaid'::text THEN ((held = 0) AND (captured = quoted) AND (hold_id IS NOT NULL) AND (owed = 0) AND ((refunded >= 0) AND (refunded <= captured)) AND (COALESCE(released, (0)::bigint) = 0))
    ELSE ((held = 0) AND (refunded = 0) AND (COALESCE(released, (0)::bigint) = 0) AND ((owed >= 0) AND (owed <= COALESCE(captured, (0)::bigint))))
END),
  constraint generation_policy_check CHECK ((policy = ANY (ARRAY['reserve'::text, 'prepaid'::text, 'postpaid'::text]))),
  constraint generation_progress_check CHECK (((progress >= (0)::double precision) AND (progress <= (1)::double precision))),
  constraint generation_quoted_check CHECK ((quoted >= 0)),
  constraint generation_quoted_units_check CHECK ((quoted_units > 0)),
  constraint generation_settled CHECK (
CASE
    WHEN (state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text])) THEN ((captured IS NOT NULL) AND (released IS NOT NULL) AND (captured <= quoted))
    ELSE ((released IS NULL) AND (refunded = 0) AND (owed = 0) AND ((captured IS NOT NULL) = (policy = 'prepaid'::text)))
END),
  constraint generation_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'submitting'::text, 'running'::text, 'ingesting'::text, 'outcome_unknown'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text]))),
  constraint generation_unit_check CHECK ((unit = ANY (ARRAY['second'::text, 'piece'::text])))
) with (fillfactor=80);

create table holdfast.generation_refund (
  generation_id text not null,
  person_id text not null,
  delivery_id text,
  amount bigint not null,
  reason text not null,
  refunded_at timestamp with time zone default holdfast.clock() not null,
  unlocked_at timestamp with time zone,
  unlock_charge text,
  constraint generation_refund_amount_check CHECK ((amount > 0)),
  constraint generation_refund_check CHECK ((num_nulls(unlocked_at, unlock_charge) = ANY (ARRAY[0, 2]))),
  constraint generation_refund_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES holdfast.delivery(id),
  constraint generation_refund_generation_id_fkey FOREIGN KEY (generation_id) REFERENCES holdfast.generation(id),
  constraint generation_refund_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint generation_refund_pkey PRIMARY KEY (generation_id)
);

create table holdfast.generation_request (
  person_id text not null,
  command text not null,
  key text not null,
  fingerprint bytea not null,
  generation_id text,
  refusal jsonb,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint generation_request_check CHECK ((num_nonnulls(generation_id, refusal) = 1)),
  constraint generation_request_command_check CHECK ((command = ANY (ARRAY['create'::text, 'again'::text]))),
  constraint generation_request_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
  constraint generation_request_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint generation_request_pkey PRIMARY KEY (person_id, command, key)
);

create table holdfast.installation (
  id boolean default true not null,
  made_at timestamp with time zone default holdfast.clock() not null,
  restored_at timestamp with time zone,
  reconcile_since timestamp with time zone,
  constraint installation_id_check CHECK (id),
  constraint installation_pkey PRIMARY KEY (id)
);

create table holdfast.invitation (
  invitee_id text not null,
  inviter_id text not null,
  invited_at timestamp with time zone default holdfast.clock() not null,
  constraint invitation_check CHECK ((invitee_id <> inviter_id)),
  constraint invitation_invitee_id_fkey FOREIGN KEY (invitee_id) REFERENCES holdfast.person(id),
  constraint invitation_inviter_id_fkey FOREIGN KEY (inviter_id) REFERENCES holdfast.person(id),
  constraint invitation_pkey PRIMARY KEY (invitee_id)
);

create table holdfast.invite_code (
  code text not null,
  person_id text not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint invite_code_code_check CHECK ((code ~ '^[0-9a-z]{8}$'::text)),
  constraint invite_code_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint invite_code_person_id_key UNIQUE (person_id),
  constraint invite_code_pkey PRIMARY KEY (code)
);

create table holdfast.local_mail (
  id text not null,
  recipient text not null,
  subject text not null,
  body text not null,
  link text,
  written_at timestamp with time zone default holdfast.clock() not null,
  constraint local_mail_pkey PRIMARY KEY (id)
);

create table holdfast.migration (
  name text not null,
  checksum text not null,
  ran_at timestamp with time zone default clock_timestamp() not null,
  constraint migration_pkey PRIMARY KEY (name)
);

create table holdfast.model (
  id text not null,
  name text not null,
  description text not null,
  kind text not null,
  provider_id text not null,
  provider_model text not null,
  "position" integer not null,
  templates jsonb not null,
  aspect_ratios text[] not null,
  min_seconds integer,
  max_seconds integer,
  default_seconds integer,
  submit_timeout_seconds integer default 60 not null,
  deadline_seconds integer not null,
  run_timeout_seconds integer,
  max_attempts integer default 2 not null,
  poll_seconds real default 10 not null,
  max_output_bytes bigint default '2147483648'::bigint not null,
  offered boolean default true not null,
  paused_reason text,
  edited_at timestamp with time zone,
  created_at timestamp with time zone default holdfast.clock() not null,
  mapping jsonb,
  allowed_seconds integer[],
  provider_price_usd numeric(14,6),
  max_unknown_cost_usd numeric(14,6),
  fallback_model_id text,
  mapping_changed_at timestamp with time zone,
  provider_price_source text,
  provider_price_read_on date,
  constraint model_allowed_seconds CHECK (((allowed_seconds IS NULL) OR ((min_seconds = allowed_seconds[1]) AND (max_seconds = allowed_seconds[cardinality(allowed_seconds)]) AND (default_seconds = ANY (allowed_seconds))))),
  constraint model_allowed_seconds_check CHECK ((cardinality(allowed_seconds) > 0)),
  constraint model_aspect_ratios_check CHECK (((aspect_ratios <@ ARRAY['9:16'::text, '1:1'::text, '16:9'::text]) AND (cardinality(aspect_ratios) > 0))),
  constraint model_check CHECK (((kind = 'image'::text) = (min_seconds IS NULL))),
  constraint model_check1 CHECK ((num_nulls(min_seconds, max_seconds, default_seconds) = ANY (ARRAY[0, 3]))),
  constraint model_check2 CHECK ((((min_seconds >= 1) AND (min_seconds <= default_seconds)) AND (default_seconds <= max_seconds) AND (max_seconds <= 3600))),
  constraint model_check3 CHECK ((fallback_model_id <> id)),
  constraint model_deadline_seconds_check CHECK (((deadline_seconds >= 10) AND (deadline_seconds <= 86400))),
  constraint model_id_check CHECK ((id ~ '^[a-z0-9][a-z0-9._-]{0,79}$'::text)),
  constraint model_kind_check CHECK ((kind = ANY (ARRAY['video'::text, 'image'::text]))),
  constraint model_mapping_check CHECK ((jsonb_typeof(mapping) = 'object'::text)),
  constraint model_max_attempts_check CHECK (((max_attempts >= 1) AND (max_attempts <= 10))),
  constraint model_max_output_bytes_check CHECK (((max_output_bytes >= 1) AND (max_output_bytes <= '10737418240'::bigint))),
  constraint model_max_unknown_cost_usd_check CHECK ((max_unknown_cost_usd >= (0)::numeric)),
  constraint model_pkey PRIMARY KEY (id),
  constraint model_poll_seconds_check CHECK (((poll_seconds >= (0.1)::double precision) AND (poll_seconds <= (600)::double precision))),
  constraint model_provider_price_source_check CHECK (((length(provider_price_source) >= 1) AND (length(provider_price_source) <= 200))),
  constraint model_provider_price_usd_check CHECK ((provider_price_usd >= (0)::numeric)),
  constraint model_run_timeout_seconds_check CHECK (((run_timeout_seconds >= 10) AND (run_timeout_seconds <= 86400))),
  constraint model_submit_timeout_seconds_check CHECK (((submit_timeout_seconds >= 1) AND (submit_timeout_seconds <= 300))),
  constraint model_templates_check CHECK (((jsonb_typeof(templates) = 'array'::text) AND (jsonb_array_length(templates) > 0)))
);

create table holdfast.moderation_pardon (
  id bigint generated always as identity not null,
  person_id text not null,
  at timestamp with time zone default holdfast.clock() not null,
  constraint moderation_pardon_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint moderation_pardon_pkey PRIMARY KEY (id)
);

create table holdfast.moderation_strike (
  person_id text not null,
  key text not null,
  moderator text not null,
  reason text not null,
  at timestamp with time zone default holdfast.clock() not null,
  constraint moderation_strike_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
  constraint moderation_strike_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint moderation_strike_pkey PRIMARY KEY (person_id, key)
);

create table holdfast.notification_preference (
  person_id text not null,
  channel text not null,
  topic text not null,
  wanted boolean not null,
  changed_at timestamp with time zone default holdfast.clock() not null,
  constraint notification_preference_channel_check CHECK ((channel = ANY (ARRAY['mail'::text, 'telegram'::text]))),
  constraint notification_preference_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint notification_preference_pkey PRIMARY KEY (person_id, channel, topic),
  constraint notification_preference_topic_check CHECK ((topic = ANY (ARRAY['ready'::text, 'failed'::text, 'news'::text])))
);

create table holdfast.offer (
  id text not null,
  product_id text not null,
  version integer not null,
  credits bigint not null,
  bonus_credits bigint default 0 not null,
  lot_months integer,
  rollover_months integer,
  effective_at timestamp with time zone default holdfast.clock() not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint offer_bonus_credits_check CHECK (((bonus_credits >= 0) AND (bonus_credits <= 1000000000))),
  constraint offer_credits_check CHECK (((credits >= 1) AND (credits <= 1000000000))),
  constraint offer_id_check CHECK (((length(id) >= 1) AND (length(id) <= 60))),
  constraint offer_lot_months_check CHECK (((lot_months >= 1) AND (lot_months <= 1200))),
  constraint offer_pkey PRIMARY KEY (id),
  constraint offer_product_id_fkey FOREIGN KEY (product_id) REFERENCES holdfast.product(id),
  constraint offer_product_id_version_key UNIQUE (product_id, version),
  constraint offer_rollover_months_check CHECK (((rollover_months >= 0) AND (rollover_months <= 120))),
  constraint offer_version_check CHECK ((version > 0))
);

create table holdfast.offer_price (
  offer_id text not null,
  currency text not null,
  amount bigint not null,
  constraint offer_price_amount_check CHECK (((amount >= 0) AND (amount <= '1000000000000'::bigint))),
  constraint offer_price_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint offer_price_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES holdfast.offer(id),
  constraint offer_price_pkey PRIMARY KEY (offer_id, currency)
);

create table holdfast.operator_action (
  id text not null,
  at timestamp with time zone default holdfast.clock() not null,
  operator text not null,
  action text not null,
  subject text not null,
  reason text not null,
  asked jsonb default '{}'::jsonb not null,
  before jsonb,
  constraint operator_action_action_check CHECK ((action ~ '^[a-z_]{1,40}$'::text)),
  constraint operator_action_id_check CHECK ((id ~ '^act_[0-9a-z]{26}$'::text)),
  constraint operator_action_operator_check CHECK (((length(operator) >= 1) AND (length(operator) <= 200))),
  constraint operator_action_pkey PRIMARY KEY (id),
  constraint operator_action_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 500))),
  constraint operator_action_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 200)))
);

create table holdfast.operator_outcome (
  action_id text not null,
  at timestamp with time zone default holdfast.clock() not null,
  outcome text not null,
  detail text default ''::text not null,
  after jsonb,
  constraint operator_outcome_action_id_fkey FOREIGN KEY (action_id) REFERENCES holdfast.operator_action(id),
  constraint operator_outcome_detail_check CHECK ((length(detail) <= 2000)),
  constraint operator_outcome_outcome_check CHECK (((length(outcome) >= 1) AND (length(outcome) <= 80))),
  constraint operator_outcome_pkey PRIMARY KEY (action_id)
);

create table holdfast.orphan_cost (
  attempt_id text not null,
  generation_id text not null,
  provider_id text not null,
  task_id text,
  reason text not null,
  cost_usd numeric(14,6),
  found_at timestamp with time zone default holdfast.clock() not null,
  resolved_at timestamp with time zone,
  constraint orphan_cost_attempt_id_fkey FOREIGN KEY (attempt_id) REFERENCES holdfast.attempt(id),
  constraint orphan_cost_generation_id_fkey FOREIGN KEY (generation_id) REFERENCES holdfast.generation(id),
  constraint orphan_cost_pkey PRIMARY KEY (attempt_id)
);

create table holdfast.payment_grant (
  object_id text not null,
  order_id text not null,
  person_id text not null,
  livemode boolean not null,
  credits bigint not null,
  bonus_credits bigint not null,
  paid bigint not null,
  currency text not null,
  granted_at timestamp with time zone default holdfast.clock() not null,
  constraint payment_grant_bonus_credits_check CHECK ((bonus_credits >= 0)),
  constraint payment_grant_credits_check CHECK ((credits >= 0)),
  constraint payment_grant_object_id_check CHECK (((length(object_id) >= 1) AND (length(object_id) <= 200))),
  constraint payment_grant_order_id_fkey FOREIGN KEY (order_id) REFERENCES holdfast.payment_order(id),
  constraint payment_grant_order_id_key UNIQUE (order_id),
  constraint payment_grant_paid_check CHECK ((paid >= 0)),
  constraint payment_grant_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint payment_grant_pkey PRIMARY KEY (object_id)
);

create table holdfast.payment_mail (
  key text not null,
  person_id text not null,
  template text not null,
  facts jsonb not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  due_at timestamp with time zone default holdfast.clock(),
  attempts integer default 0 not null,
  sent_at timestamp with time zone,
  constraint payment_mail_key_check CHECK (((length(key) >= 1) AND (length(key) <= 250))),
  constraint payment_mail_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint payment_mail_pkey PRIMARY KEY (key)
);

create table holdfast.payment_order (
  id text not null,
  person_id text not null,
  kind text not null,
  offer_id text,
  livemode boolean not null,
  object_id text,
  subscription_id text,
  state text default 'pending'::text not null,
  currency text not null,
  amount_subtotal bigint not null,
  amount_discount bigint default 0 not null,
  amount_tax bigint default 0 not null,
  amount_total bigint not null,
  checkout_url text,
  document_url text,
  created_at timestamp with time zone default holdfast.clock() not null,
  paid_at timestamp with time zone,
  closed_at timestamp with time zone,
  constraint payment_order_check CHECK (((state = 'paid'::text) = (paid_at IS NOT NULL))),
  constraint payment_order_check1 CHECK (((state = 'pending'::text) = (closed_at IS NULL))),
  constraint payment_order_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint payment_order_id_check CHECK ((id ~ '^ord_[0-9a-z]{26}$'::text)),
  constraint payment_order_kind_check CHECK ((kind = ANY (ARRAY['pack'::text, 'plan'::text, 'refill'::text, 'top_up'::text]))),
  constraint payment_order_object_id_check CHECK (((length(object_id) >= 1) AND (length(object_id) <= 200))),
  constraint payment_order_object_id_key UNIQUE (object_id),
  constraint payment_order_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES holdfast.offer(id),
  constraint payment_order_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint payment_order_pkey PRIMARY KEY (id),
  constraint payment_order_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'paid'::text, 'failed'::text, 'expired'::text])))
);

create table holdfast.payment_reconciliation (
  id text not null,
  person_id text,
  dry_run boolean not null,
  reason text not null,
  findings jsonb default '[]'::jsonb not null,
  found integer,
  repaired integer,
  started_at timestamp with time zone default holdfast.clock() not null,
  ended_at timestamp with time zone,
  constraint payment_reconciliation_id_check CHECK ((id ~ '^rec_[0-9a-z]{26}$'::text)),
  constraint payment_reconciliation_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint payment_reconciliation_pkey PRIMARY KEY (id)
);

create table holdfast.payment_return (
  id text not null,
  object_id text not null,
  kind text not null,
  status text not null,
  amount bigint not null,
  withdrawn bigint not null,
  reinstated bigint not null,
  seen_at timestamp with time zone default holdfast.clock() not null,
  updated_at timestamp with time zone default holdfast.clock() not null,
  constraint payment_return_amount_check CHECK ((amount >= 0)),
  constraint payment_return_kind_check CHECK ((kind = ANY (ARRAY['refund'::text, 'dispute'::text]))),
  constraint payment_return_object_id_fkey FOREIGN KEY (object_id) REFERENCES holdfast.payment_grant(object_id),
  constraint payment_return_pkey PRIMARY KEY (id),
  constraint payment_return_reinstated_check CHECK ((reinstated >= 0)),
  constraint payment_return_withdrawn_check CHECK ((withdrawn >= 0))
);

create table holdfast.payment_source (
  intent_id text not null,
  object_id text not null,
  constraint payment_source_object_id_fkey FOREIGN KEY (object_id) REFERENCES holdfast.payment_grant(object_id),
  constraint payment_source_pkey PRIMARY KEY (intent_id)
);

create table holdfast.person (
  id text not null,
  name text default ''::text not null,
  role text default 'creator'::text not null,
  welcomed_at timestamp with time zone,
  created_at timestamp with time zone default holdfast.clock() not null,
  tier text default 'free'::text not null,
  locale text,
  constraint person_id_check CHECK ((id ~ '^per_[0-9a-z]{26}$'::text)),
  constraint person_locale_check CHECK ((locale = ANY (ARRAY['en'::text, 'ru'::text, 'zh'::text]))),
  constraint person_name_check CHECK ((length(name) <= 200)),
  constraint person_pkey PRIMARY KEY (id),
  constraint person_role_check CHECK ((role = ANY (ARRAY['creator'::text, 'operator'::text]))),
  constraint person_tier_fkey FOREIGN KEY (tier) REFERENCES holdfast.tier(id)
);

create table holdfast.price (
  version text not null,
  model_id text not null,
  unit text not null,
  credits_per_unit bigint not null,
  policy text default 'reserve'::text not null,
  effective_at timestamp with time zone default holdfast.clock() not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint price_credits_per_unit_check CHECK (((credits_per_unit >= 0) AND (credits_per_unit <= 1000000000))),
  constraint price_model_id_fkey FOREIGN KEY (model_id) REFERENCES holdfast.model(id),
  constraint price_pkey PRIMARY KEY (version),
  constraint price_policy_check CHECK ((policy = ANY (ARRAY['reserve'::text, 'prepaid'::text, 'postpaid'::text]))),
  constraint price_unit_check CHECK ((unit = ANY (ARRAY['second'::text, 'piece'::text]))),
  constraint price_version_check CHECK (((length(version) >= 1) AND (length(version) <= 80)))
);

create table holdfast.product (
  id text not null,
  kind text not null,
  name text not null,
  description text default ''::text not null,
  "position" integer not null,
  tier text,
  offered boolean default true not null,
  edited_at timestamp with time zone,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint product_check CHECK (((kind = 'plan'::text) = (tier IS NOT NULL))),
  constraint product_id_check CHECK ((id ~ '^[a-z0-9][a-z0-9_-]{0,39}$'::text)),
  constraint product_kind_check CHECK ((kind = ANY (ARRAY['pack'::text, 'plan'::text]))),
  constraint product_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
  constraint product_pkey PRIMARY KEY (id),
  constraint product_tier_fkey FOREIGN KEY (tier) REFERENCES holdfast.tier(id)
);

create table holdfast.provider_account (
  provider_id text not null,
  paused_at timestamp with time zone,
  paused_reason text,
  daily_cap_usd numeric(14,6),
  max_running integer,
  alert_below_usd numeric(14,6),
  limits jsonb default '{}'::jsonb not null,
  balance_asked_at timestamp with time zone,
  constraint provider_account_alert_below_usd_check CHECK ((alert_below_usd >= (0)::numeric)),
  constraint provider_account_check CHECK (((paused_at IS NULL) = (paused_reason IS NULL))),
  constraint provider_account_daily_cap_usd_check CHECK ((daily_cap_usd >= (0)::numeric)),
  constraint provider_account_limits_check CHECK ((jsonb_typeof(limits) = 'object'::text)),
  constraint provider_account_max_running_check CHECK ((max_running > 0)),
  constraint provider_account_pkey PRIMARY KEY (provider_id),
  constraint provider_account_provider_id_check CHECK (((length(provider_id) >= 1) AND (length(provider_id) <= 80)))
);

create table holdfast.provider_balance (
  id bigint generated always as identity not null,
  provider_id text not null,
  asked_at timestamp with time zone default holdfast.clock() not null,
  units double precision not null,
  usd numeric(14,6),
  constraint provider_balance_pkey PRIMARY KEY (id)
);

create unlogged table holdfast.provider_bucket (
  provider_id text not null,
  kind text not null,
  taken timestamp with time zone[] default '{}'::timestamp with time zone[] not null,
  pushed_back_until timestamp with time zone,
  constraint provider_bucket_pkey PRIMARY KEY (provider_id, kind)
) with (fillfactor=50);

create table holdfast.provider_callback (
  id bigint generated always as identity not null,
  provider_id text not null,
  attempt_token text not null,
  event_key text not null,
  task_id text,
  trust text not null,
  received_at timestamp with time zone default holdfast.clock() not null,
  read_at timestamp with time zone,
  asked_at timestamp with time zone,
  asks integer default 0 not null,
  constraint provider_callback_pkey PRIMARY KEY (id),
  constraint provider_callback_provider_id_event_key_key UNIQUE (provider_id, event_key),
  constraint provider_callback_trust_check CHECK ((trust = ANY (ARRAY['full'::text, 'hint'::text])))
);

create table holdfast.provider_circuit (
  provider_id text not null,
  provider_model text default ''::text not null,
  state text not null,
  reason text not null,
  detail text not null,
  opened_at timestamp with time zone default holdfast.clock() not null,
  closed_at timestamp with time zone,
  probes integer default 0 not null,
  probe_at timestamp with time zone,
  probe_attempt_id text,
  probing_until timestamp with time zone,
  constraint provider_circuit_pkey PRIMARY KEY (provider_id, provider_model),
  constraint provider_circuit_reason_check CHECK ((reason = ANY (ARRAY['balance'::text, 'auth'::text, 'config'::text, 'failures'::text]))),
  constraint provider_circuit_state_check CHECK ((state = ANY (ARRAY['closed'::text, 'open'::text])))
);

create table holdfast.quote (
  id text not null,
  person_id text not null,
  model_id text not null,
  provider_id text not null,
  price_version text not null,
  input jsonb not null,
  units integer not null,
  credits bigint not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint quote_credits_check CHECK ((credits >= 0)),
  constraint quote_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint quote_pkey PRIMARY KEY (id),
  constraint quote_units_check CHECK ((units > 0))
);

create unlogged table holdfast.request_count (
  bucket text not null,
  window_start timestamp with time zone not null,
  requests integer not null,
  constraint request_count_pkey PRIMARY KEY (bucket, window_start)
);

create table holdfast.server_secret (
  name text not null,
  value text not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint server_secret_pkey PRIMARY KEY (name)
);

create table holdfast.star_order (
  id text not null,
  person_id text not null,
  pack_id text not null,
  credits bigint not null,
  stars integer not null,
  lot_months integer,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint star_order_id_check CHECK ((id ~ '^sto_[0-9a-z]{26}$'::text)),
  constraint star_order_pack_id_fkey FOREIGN KEY (pack_id) REFERENCES holdfast.star_pack(id),
  constraint star_order_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint star_order_pkey PRIMARY KEY (id)
);

create table holdfast.star_pack (
  id text not null,
  credits bigint not null,
  stars integer not null,
  lot_months integer,
  "position" integer default 0 not null,
  offered boolean default true not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint star_pack_credits_check CHECK ((credits > 0)),
  constraint star_pack_id_check CHECK ((id ~ '^[a-z0-9_-]{1,40}$'::text)),
  constraint star_pack_lot_months_check CHECK ((lot_months > 0)),
  constraint star_pack_pkey PRIMARY KEY (id),
  constraint star_pack_stars_check CHECK (((stars >= 1) AND (stars <= 25000)))
);

create table holdfast.star_payment (
  charge_id text not null,
  person_id text not null,
  telegram_id bigint not null,
  order_id text,
  payload text not null,
  stars integer not null,
  credits bigint not null,
  paid_at timestamp with time zone not null,
  refund_asked_at timestamp with time zone,
  refunded_at timestamp with time zone,
  refund_reason text,
  seen_at timestamp with time zone,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint star_payment_charge_id_check CHECK (((length(charge_id) >= 1) AND (length(charge_id) <= 200))),
  constraint star_payment_credits_check CHECK ((credits >= 0)),
  constraint star_payment_order_id_fkey FOREIGN KEY (order_id) REFERENCES holdfast.star_order(id),
  constraint star_payment_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint star_payment_pkey PRIMARY KEY (charge_id),
  constraint star_payment_stars_check CHECK ((stars > 0))
);

create table holdfast.stripe_customer (
  person_id text not null,
  livemode boolean not null,
  customer_id text not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  gone_at timestamp with time zone,
  constraint stripe_customer_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint stripe_customer_pkey PRIMARY KEY (customer_id)
);

create table holdfast.stripe_event (
  id text not null,
  type text not null,
  livemode boolean not null,
  account text,
  api_version text,
  object_id text,
  body text not null,
  said_at timestamp with time zone not null,
  received_at timestamp with time zone default holdfast.clock() not null,
  state text default 'received'::text not null,
  result text,
  attempts integer default 0 not null,
  due_at timestamp with time zone default holdfast.clock(),
  claimed_until timestamp with time zone,
  handled_at timestamp with time zone,
  told_at timestamp with time zone,
  constraint stripe_event_check CHECK (((due_at IS NULL) = (state = ANY (ARRAY['done'::text, 'ignored'::text, 'unmatched'::text])))),
  constraint stripe_event_id_check CHECK (((length(id) >= 1) AND (length(id) <= 255))),
  constraint stripe_event_pkey PRIMARY KEY (id),
  constraint stripe_event_state_check CHECK ((state = ANY (ARRAY['received'::text, 'done'::text, 'ignored'::text, 'parked'::text, 'unmatched'::text])))
);

create table holdfast.stripe_price (
  price_id text not null,
  offer_id text not null,
  currency text not null,
  livemode boolean not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint stripe_price_offer_id_currency_fkey FOREIGN KEY (offer_id, currency) REFERENCES holdfast.offer_price(offer_id, currency),
  constraint stripe_price_pkey PRIMARY KEY (price_id),
  constraint stripe_price_price_id_check CHECK (((length(price_id) >= 1) AND (length(price_id) <= 255)))
);

create table holdfast.subscription (
  id text not null,
  person_id text not null,
  livemode boolean not null,
  customer_id text not null,
  price_id text not null,
  offer_id text not null,
  status text not null,
  period_start timestamp with time zone not null,
  period_end timestamp with time zone not null,
  cancel_at_period_end boolean not null,
  paused boolean not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  read_no bigint not null,
  read_at timestamp with time zone default holdfast.clock() not null,
  paid_offer_id text,
  paid_until timestamp with time zone,
  paid_invoice_at timestamp with time zone,
  changing_until timestamp with time zone,
  constraint subscription_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES holdfast.offer(id),
  constraint subscription_paid_offer_id_fkey FOREIGN KEY (paid_offer_id) REFERENCES holdfast.offer(id),
  constraint subscription_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint subscription_pkey PRIMARY KEY (id)
);

create table holdfast.telegram_account (
  telegram_id bigint not null,
  person_id text not null,
  chat_id bigint not null,
  username text,
  first_name text default ''::text not null,
  locale text default 'en'::text not null,
  terms_accepted_at timestamp with time zone,
  unreachable_since timestamp with time zone,
  unreachable_reason text,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint telegram_account_check CHECK ((num_nulls(unreachable_since, unreachable_reason) = ANY (ARRAY[0, 2]))),
  constraint telegram_account_locale_check CHECK ((locale = ANY (ARRAY['en'::text, 'ru'::text, 'zh'::text]))),
  constraint telegram_account_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint telegram_account_person_id_key UNIQUE (person_id),
  constraint telegram_account_pkey PRIMARY KEY (telegram_id),
  constraint telegram_account_telegram_id_check CHECK ((telegram_id > 0))
);

create table holdfast.telegram_departed (
  fingerprint bytea not null,
  departed_at timestamp with time zone default holdfast.clock() not null,
  constraint telegram_departed_fingerprint_check CHECK ((length(fingerprint) = 32)),
  constraint telegram_departed_pkey PRIMARY KEY (fingerprint)
);

create table holdfast.telegram_file (
  bot_id bigint not null,
  sha256 text not null,
  kind text not null,
  file_id text not null,
  stored_at timestamp with time zone default holdfast.clock() not null,
  constraint telegram_file_kind_check CHECK ((kind = ANY (ARRAY['video'::text, 'photo'::text, 'document'::text]))),
  constraint telegram_file_pkey PRIMARY KEY (bot_id, sha256, kind),
  constraint telegram_file_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table holdfast.telegram_link (
  id text not null,
  person_id text not null,
  code_sha256 bytea not null,
  telegram_id bigint,
  telegram_name text,
  expires_at timestamp with time zone not null,
  telegram_confirmed_at timestamp with time zone,
  completed_at timestamp with time zone,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint telegram_link_check CHECK (((telegram_id IS NULL) = (telegram_confirmed_at IS NULL))),
  constraint telegram_link_code_sha256_key UNIQUE (code_sha256),
  constraint telegram_link_id_check CHECK ((id ~ '^lnk_[0-9a-z]{26}$'::text)),
  constraint telegram_link_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint telegram_link_pkey PRIMARY KEY (id)
);

create table holdfast.tier (
  id text not null,
  name text not null,
  priority integer default 1 not null,
  max_running integer,
  max_unfinished integer,
  video_cooldown_seconds integer,
  image_cooldown_seconds integer,
  debt_limit bigint,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint tier_debt_limit_check CHECK (((debt_limit >= 0) AND (debt_limit <= '1000000000000000'::bigint))),
  constraint tier_id_check CHECK ((id ~ '^[a-z][a-z0-9_-]{0,39}$'::text)),
  constraint tier_image_cooldown_seconds_check CHECK (((image_cooldown_seconds >= 0) AND (image_cooldown_seconds <= 86400))),
  constraint tier_max_running_check CHECK (((max_running >= 1) AND (max_running <= 1000))),
  constraint tier_max_unfinished_check CHECK (((max_unfinished >= 1) AND (max_unfinished <= 10000))),
  constraint tier_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
  constraint tier_pkey PRIMARY KEY (id),
  constraint tier_priority_check CHECK (((priority >= 1) AND (priority <= 10))),
  constraint tier_video_cooldown_seconds_check CHECK (((video_cooldown_seconds >= 0) AND (video_cooldown_seconds <= 86400)))
);

create table holdfast.top_up (
  id text not null,
  person_id text not null,
  offer_id text not null,
  livemode boolean not null,
  currency text not null,
  amount bigint not null,
  state text default 'charging'::text not null,
  intent_id text,
  problem text,
  due_at timestamp with time zone default holdfast.clock(),
  created_at timestamp with time zone default holdfast.clock() not null,
  ended_at timestamp with time zone,
  constraint top_up_amount_check CHECK ((amount > 0)),
  constraint top_up_check CHECK (((state = 'charging'::text) = (due_at IS NOT NULL))),
  constraint top_up_id_check CHECK ((id ~ '^top_[0-9a-z]{26}$'::text)),
  constraint top_up_intent_id_key UNIQUE (intent_id),
  constraint top_up_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES holdfast.offer(id),
  constraint top_up_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint top_up_pkey PRIMARY KEY (id),
  constraint top_up_state_check CHECK ((state = ANY (ARRAY['charging'::text, 'paid'::text, 'failed'::text])))
);

create table holdfast.unwanted_object (
  sha256 text not null,
  due_at timestamp with time zone default holdfast.clock() not null,
  constraint unwanted_object_pkey PRIMARY KEY (sha256),
  constraint unwanted_object_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table holdfast.upload (
  id text not null,
  person_id text not null,
  sha256 text not null,
  content_type text not null,
  bytes bigint not null,
  width integer not null,
  height integer not null,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint upload_bytes_check CHECK ((bytes > 0)),
  constraint upload_height_check CHECK ((height > 0)),
  constraint upload_id_check CHECK ((id ~ '^upl_[0-9a-z]{26}$'::text)),
  constraint upload_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint upload_pkey PRIMARY KEY (id),
  constraint upload_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint upload_width_check CHECK ((width > 0))
);

create table holdfast.webhook_endpoint (
  id text not null,
  person_id text not null,
  url text not null,
  secret text not null,
  earlier_secret text,
  earlier_secret_until timestamp with time zone,
  disabled_at timestamp with time zone,
  disabled_reason text,
  removed_at timestamp with time zone,
  created_at timestamp with time zone default holdfast.clock() not null,
  constraint webhook_endpoint_check CHECK ((num_nulls(earlier_secret, earlier_secret_until) = ANY (ARRAY[0, 2]))),
  constraint webhook_endpoint_id_check CHECK ((id ~ '^whk_[0-9a-z]{26}$'::text)),
  constraint webhook_endpoint_person_id_fkey FOREIGN KEY (person_id) REFERENCES holdfast.person(id),
  constraint webhook_endpoint_pkey PRIMARY KEY (id),
  constraint webhook_endpoint_secret_check CHECK ((secret ~ '^whsec_[A-Za-z0-9+/]{32,88}=*$'::text)),
  constraint webhook_endpoint_url_check CHECK (((length(url) >= 9) AND (length(url) <= 2000)))
);

-- indexes

CREATE INDEX api_key_config_id_idx ON auth.api_key USING btree (config_id);

CREATE INDEX api_key_key_idx ON auth.api_key USING btree (key);

CREATE INDEX api_key_reference_id_idx ON auth.api_key USING btree (reference_id);

CREATE INDEX credential_user_id_idx ON auth.credential USING btree (user_id);

CREATE INDEX session_user_id_idx ON auth.session USING btree (user_id);

CREATE INDEX verification_identifier_idx ON auth.verification USING btree (identifier);

CREATE INDEX alert_notice_created_idx ON holdfast.alert_notice USING btree (created_at);

CREATE INDEX alert_notice_delivered_idx ON holdfast.alert_notice USING btree (channel, delivered_at) WHERE (delivered_at IS NOT NULL);

CREATE INDEX alert_notice_due_idx ON holdfast.alert_notice USING btree (channel, due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX alert_open_idx ON holdfast.alert USING btree (opened_at) WHERE (cleared_at IS NULL);

CREATE INDEX alert_to_tell_idx ON holdfast.alert USING btree (key) WHERE (((cleared_at IS NULL) <> (NOT (told IS DISTINCT FROM 'raised'::text))) OR (told_severity IS DISTINCT FROM severity));

CREATE INDEX asset_kept_idx ON holdfast.asset USING btree (created_at) WHERE (removed_at IS NULL);

CREATE INDEX asset_poster_idx ON holdfast.asset USING btree (poster_sha256) WHERE (poster_sha256 IS NOT NULL);

CREATE INDEX asset_sha256_idx ON holdfast.asset USING btree (sha256);

CREATE INDEX attempt_ended_idx ON holdfast.attempt USING btree (provider_id, ended_at) WHERE (ended_at IS NOT NULL);

CREATE UNIQUE INDEX attempt_live_idx ON holdfast.attempt USING btree (generation_id) WHERE (state = ANY (ARRAY['submitting'::text, 'submitted'::text, 'submit_unknown'::text]));

CREATE INDEX attempt_started_idx ON holdfast.attempt USING btree (provider_id, submit_started_at);

CREATE INDEX bot_update_done_idx ON holdfast.bot_update USING btree (done_at) WHERE (done_at IS NOT NULL);

CREATE INDEX bot_update_open_idx ON holdfast.bot_update USING btree (bot_id, chat_id, update_id) WHERE (done_at IS NULL);

CREATE INDEX delivery_due_idx ON holdfast.delivery USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX delivery_person_idx ON holdfast.delivery USING btree (person_id, id);

CREATE INDEX delivery_target_idx ON holdfast.delivery USING btree (channel, target, id) WHERE (channel = 'webhook'::text);

CREATE INDEX delivery_wish_edit_idx ON holdfast.delivery_wish USING btree (edit_due_at) WHERE (edit_due_at IS NOT NULL);

CREATE INDEX delivery_wish_open_idx ON holdfast.delivery_wish USING btree (person_id) WHERE (ended_at IS NULL);

CREATE INDEX generation_bound_idx ON holdfast.generation USING btree (bound_machine, provider_id) WHERE (bound_to IS NOT NULL);

CREATE INDEX generation_deadline_idx ON holdfast.generation USING btree (deadline_at) WHERE (due_at IS NOT NULL);

CREATE INDEX generation_due_idx ON holdfast.generation USING btree (due_at) WHERE ((due_at IS NOT NULL) AND (state <> 'queued'::text));

CREATE INDEX generation_finished_idx ON holdfast.generation USING btree (finished_at) WHERE (finished_at IS NOT NULL);

CREATE INDEX generation_in_flight_idx ON holdfast.generation USING btree (person_id) INCLUDE (quoted) WHERE ((policy = 'postpaid'::text) AND (due_at IS NOT NULL));

CREATE INDEX generation_person_idx ON holdfast.generation USING btree (person_id, id);

CREATE INDEX generation_queue_idx ON holdfast.generation USING btree (provider_id, turn, id) WHERE (state = 'queued'::text);

CREATE INDEX generation_recent_idx ON holdfast.generation USING btree (model_id, finished_at) WHERE (state = 'succeeded'::text);

CREATE INDEX generation_refund_person_idx ON holdfast.generation_refund USING btree (person_id);

CREATE INDEX generation_running_idx ON holdfast.generation USING btree (person_id) WHERE ((due_at IS NOT NULL) AND (state <> 'queued'::text));

CREATE INDEX generation_unfinished_idx ON holdfast.generation USING btree (person_id, provider_id, turn) WHERE (due_at IS NOT NULL);

CREATE INDEX invitation_inviter_idx ON holdfast.invitation USING btree (inviter_id);

CREATE INDEX local_mail_written_at_idx ON holdfast.local_mail USING btree (written_at DESC);

CREATE INDEX moderation_pardon_idx ON holdfast.moderation_pardon USING btree (person_id, at);

CREATE INDEX moderation_strike_at_idx ON holdfast.moderation_strike USING btree (person_id, at);

CREATE INDEX offer_current_idx ON holdfast.offer USING btree (product_id, effective_at DESC);

CREATE INDEX operator_action_at_idx ON holdfast.operator_action USING btree (at);

CREATE INDEX operator_action_subject_idx ON holdfast.operator_action USING btree (subject, at);

CREATE INDEX orphan_cost_open_idx ON holdfast.orphan_cost USING btree (found_at) WHERE (resolved_at IS NULL);

CREATE INDEX payment_grant_person_idx ON holdfast.payment_grant USING btree (person_id, granted_at DESC);

CREATE INDEX payment_grant_recent_idx ON holdfast.payment_grant USING btree (granted_at);

CREATE INDEX payment_mail_due_idx ON holdfast.payment_mail USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX payment_order_pending_idx ON holdfast.payment_order USING btree (created_at) WHERE (state = 'pending'::text);

CREATE INDEX payment_order_person_idx ON holdfast.payment_order USING btree (person_id, id DESC);

CREATE INDEX payment_order_recent_idx ON holdfast.payment_order USING btree (created_at DESC);

CREATE INDEX payment_reconciliation_started_idx ON holdfast.payment_reconciliation USING btree (started_at DESC);

CREATE INDEX payment_return_object_idx ON holdfast.payment_return USING btree (object_id);

CREATE INDEX payment_source_object_idx ON holdfast.payment_source USING btree (object_id);

CREATE INDEX person_tier_idx ON holdfast.person USING btree (tier) WHERE (tier <> 'free'::text);

CREATE INDEX price_model_idx ON holdfast.price USING btree (model_id, effective_at DESC);

CREATE INDEX provider_balance_idx ON holdfast.provider_balance USING btree (provider_id, asked_at DESC);

CREATE INDEX provider_callback_unread_idx ON holdfast.provider_callback USING btree (attempt_token) WHERE (read_at IS NULL);

CREATE INDEX quote_expires_at_idx ON holdfast.quote USING btree (expires_at);

CREATE INDEX request_count_window_start_idx ON holdfast.request_count USING btree (window_start);

CREATE INDEX star_payment_person_idx ON holdfast.star_payment USING btree (person_id);

CREATE UNIQUE INDEX stripe_customer_current_idx ON holdfast.stripe_customer USING btree (person_id, livemode) WHERE (gone_at IS NULL);

CREATE INDEX stripe_event_due_idx ON holdfast.stripe_event USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX stripe_event_object_idx ON holdfast.stripe_event USING btree (object_id);

CREATE INDEX stripe_event_received_idx ON holdfast.stripe_event USING btree (received_at DESC);

CREATE INDEX stripe_event_told_idx ON holdfast.stripe_event USING btree (told_at DESC) WHERE (told_at IS NOT NULL);

CREATE INDEX stripe_price_offer_idx ON holdfast.stripe_price USING btree (offer_id, currency, livemode);

CREATE INDEX subscription_person_idx ON holdfast.subscription USING btree (person_id, livemode);

CREATE INDEX telegram_account_chat_idx ON holdfast.telegram_account USING btree (chat_id);

CREATE INDEX telegram_link_person_idx ON holdfast.telegram_link USING btree (person_id, id);

CREATE INDEX top_up_due_idx ON holdfast.top_up USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE UNIQUE INDEX top_up_in_flight_idx ON holdfast.top_up USING btree (person_id) WHERE (state = 'charging'::text);

CREATE INDEX top_up_month_idx ON holdfast.top_up USING btree (person_id, created_at);

CREATE INDEX unwanted_object_due_idx ON holdfast.unwanted_object USING btree (due_at);

CREATE INDEX upload_person_idx ON holdfast.upload USING btree (person_id, id);

CREATE INDEX upload_sha256_idx ON holdfast.upload USING btree (sha256);

CREATE INDEX webhook_endpoint_person_idx ON holdfast.webhook_endpoint USING btree (person_id) WHERE (removed_at IS NULL);

-- functions

CREATE OR REPLACE FUNCTION holdfast.accept_generation(a_person text, a_command text, a_key text, a_fingerprint bytea, a_id text, a_model text, a_provider text, a_provider_model text, a_kind text, a_input jsonb, a_price_version text, a_policy text, a_unit text, a_credits_per_unit bigint, a_units integer, a_quoted bigint, a_available boolean, a_quote_expires_at timestamp with time zone, a_cooldown_seconds integer, a_max_unfinished integer, a_debt_limit bigint, a_deadline_seconds integer, a_lease_slack_seconds integer)
 RETURNS TABLE(outcome text, facts jsonb, hold_id text, lease_ends_at timestamp with time zone, created_at timestamp with time zone)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  earlier record;
  placed ledger.outcome;
  refusal jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended(a_person, 20));

  select r.fingerprint, r.refusal, r.generation_id, holdfast.clock() as now, t.priority,
         (select count(*) from holdfast.generation g where g.person_id = a_person and g.due_at is not null) as unfinished,
         coalesce(t.max_unfinished, a_max_unfinished) as max_unfinished,
         coalesce(t.debt_limit, a_debt_limit) as debt_limit,
         c.seconds as cooldown,
         case when c.seconds > 0 then
           (select g.created_at from holdfast.generation g
             where g.person_id = a_person and g.kind = a_kind order by g.id desc limit 1)
         end as started_at
    into earlier
    from holdfast.person p
    join holdfast.tier t on t.id = p.tier
   cross join lateral (select coalesce(
           case a_kind when 'video' then t.video_cooldown_seconds else t.image_cooldown_seconds end, a_cooldown_seconds) as seconds) as c
    left join holdfast.generation_request r on r.person_id = a_person and r.command = a_command and r.key = a_key
   where p.id = a_person;
  if not found then
    raise exception 'no such person: %', a_person using errcode = 'foreign_key_violation';
  end if;

  if earlier.fingerprint is not null then
    outcome := case when earlier.fingerprint = a_fingerprint then 'replayed' else 'conflict' end;
    facts := coalesce(earlier.refusal, jsonb_build_object('generation', earlier.generation_id));
  elsif not a_available then
    outcome := 'unavailable';
  elsif a_quote_expires_at <= earlier.now then
    outcome := 'quote_expired';
  elsif earlier.started_at + make_interval(secs => earlier.cooldown) > earlier.now then
    outcome := 'cooldown';
    facts := jsonb_build_object('seconds', earlier.cooldown - extract(epoch from earlier.now - earlier.started_at));
  elsif earlier.unfinished >= earlier.max_unfinished then
    outcome := 'too_many';
    facts := jsonb_build_object('unfinished', earlier.unfinished, 'limit', earlier.max_unfinished);
  end if;
  if outcome is not null then
    return next;
    return;
  end if;

  case a_policy
    when 'reserve' then
      -- A generation's deadline releases its hold; what comes later is never charged.
      placed := ledger.place_hold(account => a_person, key => a_id || '/hold', amount => a_quoted,
        lease_seconds => a_deadline_seconds + a_lease_slack_seconds, late_seconds => 0, reference => a_id);
      refusal := placed.refusal_data;
    when 'prepaid' then
      placed := ledger.charge(account => a_person, key => a_id || '/charge', amount => a_quoted, reference => a_id);
      refusal := placed.refusal_data;
    else
      placed := holdfast.check_postpaid(a_person, a_quoted, earlier.debt_limit);
      refusal := placed.refusal_data;
  end case;
  if placed.refusal is not null then
    outcome := 'refused';
    facts := refusal;
    insert into holdfast.generation_request (person_id, command, key, fingerprint, refusal)
    values (a_person, a_command, a_key, a_fingerprint, facts);
    return next;
    return;
  end if;

  outcome := 'accepted';
  facts := jsonb_build_object('total', placed.total::text, 'held', placed.held::text,
    'available', (placed.total - placed.held - placed.debt)::text, 'required', a_quoted::text);
  hold_id := placed.hold::text;
  lease_ends_at := case when a_policy = 'reserve' then placed.lease_until end;
  created_at := holdfast.clock();
  -- Its turn comes after those of this person's that are unfinished, by a round divided by their priority, but not behind more than one
  -- round of anybody else's.
  with remembered as (
    insert into holdfast.generation_request (person_id, command, key, fingerprint, generation_id)
    values (a_person, a_command, a_key, a_fingerprint, a_id)
  )
  insert into holdfast.generation (
    id, person_id, model_id, provider_id, provider_model, kind, input,
    price_version, policy, unit, credits_per_unit, quoted_units, quoted,
    hold_id, held, captured, lease_ends_at, created_at, due_at, deadline_at, timeline, turn)
  values (
    a_id, a_person, a_model, a_provider, a_provider_model, a_kind, a_input,
    a_price_version, a_policy, a_unit, a_credits_per_unit, a_units, a_quoted,
    accept_generation.hold_id, case when a_policy = 'reserve' then a_quoted else 0 end,
    case when a_policy = 'prepaid' then a_quoted end, accept_generation.lease_ends_at,
    accept_generation.created_at, accept_generation.created_at,
    accept_generation.created_at + make_interval(secs => a_deadline_seconds),
    jsonb_build_array(jsonb_build_object('status', 'queued', 'at', accept_generation.created_at)),
    coalesce(greatest(
      (select min(g.turn) from holdfast.generation g where g.state = 'queued' and g.provider_id = a_provider),
      (select max(g.turn) + 2520 / earlier.priority from holdfast.generation g
        where g.person_id = a_person and g.provider_id = a_provider and g.due_at is not null)), 2520));
  return next;
end;
$function$;

CREATE OR REPLACE FUNCTION holdfast.check_postpaid(a_person text, a_quoted bigint, a_debt_limit bigint)
 RETURNS ledger.outcome
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  balance ledger.balance_row;
  checked ledger.outcome;
  in_flight bigint;
begin
  balance := ledger.balance(account => a_person);
  if balance.frozen then
    raise exception 'the account is frozen' using errcode = 'LG003';
  end if;
  if balance.closed then
    raise exception 'the account is closed' using errcode = 'LG002';
  end if;
  select coalesce(sum(g.quoted), 0) into in_flight from holdfast.generation g
   where g.person_id = a_person and g.policy = 'postpaid' and g.due_at is not null;
  checked.total := balance.total;
  checked.held := balance.held;
  checked.debt := balance.debt;
  if balance.debt > a_debt_limit or balance.total - balance.held - balance.debt - in_flight < a_quoted then
    checked.refusal := 'insufficient_credits';
    checked.refusal_data := jsonb_build_object('total', balance.total::text, 'held', balance.held::text,
      'debt', balance.debt::text, 'in_flight', in_flight::text,
      'available', (balance.total - balance.held - balance.debt - in_flight)::text, 'required', a_quoted::text);
  end if;
  return checked;
end;
$function$;

CREATE OR REPLACE FUNCTION holdfast.clock()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select clock_timestamp() $function$;

CREATE OR REPLACE FUNCTION holdfast.keep_catalogue()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'a % is kept as it is: withdraw the model (offered = false), or add a newer price', tg_table_name;
end;
$function$;

CREATE OR REPLACE FUNCTION holdfast.keep_free_tier()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.id = 'free' then
    raise exception 'the tier "free" is everyone''s first: edit it, and leave it where it is';
  end if;
  return old;
end;
$function$;

CREATE OR REPLACE FUNCTION holdfast.keep_offers()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'a % is kept as it is: withdraw the product (offered = false), or add a newer offer', tg_table_name;
end;
$function$;

CREATE OR REPLACE FUNCTION holdfast.keep_operator_log()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'what operators did is kept as it was written';
end;
$function$;

CREATE OR REPLACE FUNCTION holdfast.note_mapping_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  new.mapping_changed_at := holdfast.clock();
  return new;
end;
$function$;

CREATE OR REPLACE FUNCTION holdfast.pick_up(a_provider text, a_only text, a_except text[], a_max_running integer, a_claim_seconds integer, a_bound_to text, a_bound_machine text, a_bound_seconds integer, a_attempts text[], a_tokens text[], a_may_repeat boolean)
 RETURNS TABLE(generation holdfast.generation, attempt holdfast.attempt)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  wanted constant integer := cardinality(a_tokens);
  found_id text;
  found_person text;
  taken integer := 0;
  looked boolean := false;
  locking boolean := false;
  -- Of whom as much is under way as may be.
  busy text[] := '{}';
  candidates text[];
begin
  loop
    -- Whoever is next is nearly always among the first few. Where those are all of people who may have no more, all that wait are looked
    -- at: thousands of one person's are passed over at once.
    if not looked then
      select array_agg(q.id order by q.turn, q.id) into candidates
        from (select g.id, g.turn from holdfast.generation g
               where g.state = 'queued' and g.provider_id = a_provider
                 and g.due_at <= holdfast.clock() and g.deadline_at > holdfast.clock()
                 and g.provider_model <> all (a_except) and (a_only is null or g.provider_model = a_only)
               order by g.turn, g.id
               limit 12 + wanted) as q;
      if candidates is null then
        return;
      end if;
    else
      with counted as materialized (
        select r.person_id, count(*) as running from holdfast.generation r
         where r.due_at is not null and r.state <> 'queued'
         group by r.person_id
        having count(*) >= least(a_max_running, (select min(t.max_running) from holdfast.tier t))
      ), full_ones as materialized (
        select c.person_id from counted c
         where c.running >= coalesce((select t.max_running from holdfast.person p join holdfast.tier t on t.id = p.tier
                                       where p.id = c.person_id), a_max_running)
      )
      select array_agg(q.id order by q.turn, q.id) into candidates
        from (select g.id, g.turn from holdfast.generation g
               where g.state = 'queued' and g.provider_id = a_provider
                 and g.due_at <= holdfast.clock() and g.deadline_at > holdfast.clock()
                 and g.provider_model <> all (a_except) and (a_only is null or g.provider_model = a_only)
                 and g.person_id not in (select f.person_id from full_ones f) and g.person_id <> all (busy)
               order by g.turn, g.id
               limit 12 + wanted) as q;
      if candidates is null then
        return;
      end if;
    end if;

    foreach found_id in array candidates loop
      select g.person_id into found_person from holdfast.generation g
       where g.id = found_id and g.state = 'queued' and g.person_id <> all (busy)
         -- It may have gone to another provider since.
         and g.provider_id = a_provider and g.provider_model <> all (a_except) and (a_only is null or g.provider_model = a_only)
         for update skip locked;
      continue when not found;
      if not locking then
        perform pg_advisory_xact_lock(hashtextextended(found_person, 25));
        locking := true;
      elsif not pg_try_advisory_xact_lock(hashtextextended(found_person, 25)) then
        continue;
      end if;
      if (select count(*) from holdfast.generation g
           where g.person_id = found_person and g.due_at is not null and g.state <> 'queued')
         >= coalesce((select t.max_running from holdfast.person p join holdfast.tier t on t.id = p.tier
                       where p.id = found_person), a_max_running) then
        busy := busy || found_person;
        continue;
      end if;

      taken := taken + 1;
      update holdfast.generation g
         set state = 'submitting',
             timeline = g.timeline || jsonb_build_array(jsonb_build_object('status', 'submitting', 'at', holdfast.clock())),
             claim = g.claim + 1,
             claimed_until = holdfast.clock() + make_interval(secs => a_claim_seconds),
             due_at = holdfast.clock() + make_interval(secs => a_claim_seconds),
             pickups = g.pickups + 1,
             picked_up_at = holdfast.clock(),
             bound_to = a_bound_to, bound_machine = a_bound_machine,
             bound_until = case when a_bound_to is not null then holdfast.clock() + make_interval(secs => a_bound_seconds) end
       where g.id = found_id
      returning g.* into generation;

      -- A new attempt; or the one that is still alive, where the provider allows the same to be submitted again (a render whose machine was
      -- lost). For any other provider a live attempt of something queued can't exist, and the unique index says so.
      insert into holdfast.attempt as a (id, generation_id, number, provider_id, token, provider_model, estimated_usd)
      select a_attempts[taken], found_id, 1 + (select count(*) from holdfast.attempt e where e.generation_id = found_id),
             a_provider, a_tokens[taken], generation.provider_model,
             -- Of the model that makes it now: its own, or the one it fell back to.
             (select m.provider_price_usd * generation.quoted_units from holdfast.model m
               where m.provider_id = a_provider and m.provider_model = generation.provider_model
               order by m.id = generation.model_id desc,
                        m.id is not distinct from (select o.fallback_model_id from holdfast.model o where o.id = generation.model_id) desc,
                        m.id
               limit 1)
      on conflict (generation_id) where state in ('submitting', 'submitted', 'submit_unknown')
      do update set submit_started_at = holdfast.clock(), state = 'submitting'
         where a_may_repeat
      returning a.* into attempt;
      if attempt.id is null then
        raise exception '% is queued and has a live attempt that must not be repeated', found_id;
      end if;
      return next;
      exit when taken = wanted;
    end loop;

    exit when taken > 0 or looked;
    looked := true;
  end loop;
end;
$function$;

CREATE OR REPLACE FUNCTION holdfast.plan_deliveries(a_generation text, a_person text, a_event text, a_ids text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  with wishes as (
     update holdfast.delivery_wish w
        set ended_at = holdfast.clock()
       from holdfast.generation_request r
      where w.person_id = a_person and w.ended_at is null
        and r.person_id = w.person_id and r.command = w.command and r.key = w.key and r.generation_id = a_generation
     returning w.id, w.channel, w.target
   ), targets as (
     select 'library' as channel, '' as target, null as wish, 0 as place where a_event = 'succeeded'
     union all
     select channel, target, id, 1 from wishes
     union all
     select 'webhook', e.id, null, 2 from holdfast.webhook_endpoint e
      where e.person_id = a_person and e.removed_at is null and e.disabled_at is null
     union all
     select 'mail', i.email, null, 3 from auth.identity i
      where i.id = a_person and i.email_verified and a_event <> 'cancelled'
        and not exists (select from wishes)
        and coalesce((select p.wanted from holdfast.notification_preference p
                       where p.person_id = a_person and p.channel = 'mail'
                         and p.topic = case a_event when 'succeeded' then 'ready' else 'failed' end), true)
   ), numbered as (
     select *, row_number() over (order by place, target) as number from targets
   )
   insert into holdfast.delivery
     (id, generation_id, person_id, event, channel, target, wish_id, state, due_at, finished_at)
   select a_ids[number], a_generation, a_person, a_event, channel, target, wish,
          case channel when 'library' then 'delivered' else 'pending' end,
          case channel when 'library' then null else holdfast.clock() end,
          case channel when 'library' then holdfast.clock() end
     from numbered where number <= cardinality(a_ids)
   on conflict (generation_id, event, channel, target, asked_by) do nothing;
end;
$function$;

CREATE OR REPLACE FUNCTION holdfast.receive_callback(a_provider text, a_token text, a_event text, a_task text, a_trust text)
 RETURNS TABLE(outcome text, woken text)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  whose text;
  new_id bigint;
begin
  select a.generation_id into whose from holdfast.attempt a where a.token = a_token and a.provider_id = a_provider;
  if whose is null then
    outcome := 'unknown';
    return next;
    return;
  end if;
  insert into holdfast.provider_callback (provider_id, attempt_token, event_key, task_id, trust)
  values (a_provider, a_token, a_event, a_task, a_trust)
  on conflict (provider_id, event_key) do nothing
  returning id into new_id;
  if new_id is null then
    outcome := 'duplicate';
    return next;
    return;
  end if;
  outcome := 'kept';
  update holdfast.generation g
     set callbacks = g.callbacks + 1,
         due_at = case when g.claimed_until is null and g.state in ('submitting', 'running', 'outcome_unknown')
                    then least(g.due_at, holdfast.clock()) else g.due_at end
   where g.id = whose and g.due_at is not null
  returning case when g.claimed_until is null and g.state in ('submitting', 'running', 'outcome_unknown') then g.id end
    into woken;
  return next;
end;
$function$;

CREATE OR REPLACE FUNCTION holdfast.refuse_debtor()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  balance ledger.balance_row;
  debt_limit bigint;
begin
  if not exists (
    select from holdfast.payment_grant g join holdfast.payment_return r on r.object_id = g.object_id
     where g.person_id = new.person_id and r.withdrawn > r.reinstated) then
    return new;
  end if;
  balance := ledger.balance(account => new.person_id);
  select coalesce(t.debt_limit, 0) into debt_limit
    from holdfast.person p join holdfast.tier t on t.id = p.tier where p.id = new.person_id;
  if balance.debt > debt_limit then
    raise exception 'credits of a returned payment are owed' using errcode = 'HF001', detail = balance.debt::text;
  end if;
  return new;
end;
$function$;

CREATE OR REPLACE FUNCTION holdfast.settle_reserved(a_id text, a_claim bigint, a_delivered_units numeric, a_delivered_elsewhere boolean, a_attempt text, a_assets jsonb, a_amounts bigint[], a_deliveries text[])
 RETURNS TABLE(captured bigint, released bigint, total bigint, held bigint, available bigint)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  charge constant bigint := (select coalesce(sum(amount), 0) from unnest(a_amounts) as amount);
  last constant integer := cardinality(a_amounts);
  g holdfast.generation;
  paid ledger.outcome;
begin
  update holdfast.generation t
     set state = 'succeeded', claimed_until = null, due_at = null, finished_at = holdfast.clock(),
         bound_to = null, bound_machine = null, bound_until = null, progress = 1,
         captured = charge, released = t.held - charge,
         delivered_units = a_delivered_units, delivered_elsewhere = a_delivered_elsewhere,
         timeline = t.timeline || jsonb_build_array(jsonb_build_object('status', 'succeeded', 'at', holdfast.clock()))
   where t.id = a_id and t.claim = coalesce(a_claim, t.claim) and t.state = 'ingesting' and t.policy = 'reserve'
  returning t.* into g;
  if not found then
    return;
  end if;

  with ended as (
    update holdfast.attempt set state = 'succeeded', ended_at = holdfast.clock()
     where id = a_attempt and ended_at is null
  )
  insert into holdfast.asset
    (id, person_id, generation_id, output, kind, sha256, content_type, bytes, width, height, duration_ms,
     poster_sha256, poster_content_type, poster_bytes)
  select f.id, g.person_id, g.id, f.output, g.kind, f.sha256, f.content_type, f.bytes, f.width, f.height, f.duration_ms,
         f.poster_sha256, f.poster_content_type, f.poster_bytes
    from jsonb_to_recordset(a_assets) as f (
           id text, output integer, sha256 text, content_type text, bytes bigint, width integer, height integer,
           duration_ms integer, poster_sha256 text, poster_content_type text, poster_bytes bigint);

  for n in 1 .. last loop
    paid := ledger.capture(account => g.person_id, key => g.id || '/capture/' || n - 1, hold => g.hold_id::bigint,
      amount => a_amounts[n], final => n = last, fault => 'provider', reference => g.id);
    if paid.refusal is not null then
      raise exception 'the hold of % can not be charged: %', g.id, paid.refusal
        using errcode = 'HF002', detail = paid.refusal_data || jsonb_build_object('refusal', paid.refusal);
    end if;
  end loop;
  if paid.captured is distinct from charge or paid.captured + paid.released is distinct from g.held then
    raise exception '%: the ledger captured % and released %', g.id, paid.captured, paid.released;
  end if;

  perform holdfast.plan_deliveries(g.id, g.person_id, 'succeeded', a_deliveries);
  return query select paid.captured, paid.released, paid.total, paid.held, paid.total - paid.held - paid.debt;
end;
$function$;

-- triggers

CREATE TRIGGER debtor_refused BEFORE INSERT ON holdfast.generation FOR EACH ROW EXECUTE FUNCTION holdfast.refuse_debtor();

CREATE TRIGGER model_kept BEFORE DELETE OR TRUNCATE ON holdfast.model FOR EACH STATEMENT EXECUTE FUNCTION holdfast.keep_catalogue();

CREATE TRIGGER model_mapping_changed BEFORE UPDATE ON holdfast.model FOR EACH ROW WHEN (old.mapping IS DISTINCT FROM new.mapping OR old.templates IS DISTINCT FROM new.templates) EXECUTE FUNCTION holdfast.note_mapping_change();

CREATE TRIGGER offer_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON holdfast.offer FOR EACH STATEMENT EXECUTE FUNCTION holdfast.keep_offers();

CREATE TRIGGER offer_price_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON holdfast.offer_price FOR EACH STATEMENT EXECUTE FUNCTION holdfast.keep_offers();

CREATE TRIGGER operator_action_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON holdfast.operator_action FOR EACH STATEMENT EXECUTE FUNCTION holdfast.keep_operator_log();

CREATE TRIGGER operator_outcome_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON holdfast.operator_outcome FOR EACH STATEMENT EXECUTE FUNCTION holdfast.keep_operator_log();

CREATE TRIGGER price_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON holdfast.price FOR EACH STATEMENT EXECUTE FUNCTION holdfast.keep_catalogue();

CREATE TRIGGER free_tier_kept BEFORE DELETE ON holdfast.tier FOR EACH ROW EXECUTE FUNCTION holdfast.keep_free_tier();
