-- What a model of a paid provider has beside its limits: how our inputs become its, what it costs the operator, what is done in doubt.
alter table holdfast.model
  -- How a request is put into the provider's words; null: its inputs are handed on as they are.
  add column mapping jsonb check (jsonb_typeof(mapping) = 'object'),
  -- Durations that can be asked for, where not every whole second between the limits can.
  add column allowed_seconds integer[] check (cardinality(allowed_seconds) > 0),
  -- For one second or one piece, as the price's unit is. Null: it costs nothing, or nobody knows.
  add column provider_price_usd numeric(14, 6) check (provider_price_usd >= 0),
  -- What the operator would rather pay twice than have a person wait for: a submit whose outcome is unknown and that can have cost
  -- at most this much is made anew, once. Null: never.
  add column max_unknown_cost_usd numeric(14, 6) check (max_unknown_cost_usd >= 0),
  -- What makes the same at the same price while this one can't. Its provider may not be configured here, so it is only a name.
  add column fallback_model_id text check (fallback_model_id <> id),
  add constraint model_allowed_seconds check (
    allowed_seconds is null or (min_seconds = allowed_seconds[1] and max_seconds = allowed_seconds[cardinality(allowed_seconds)]
      and default_seconds = any(allowed_seconds)));

alter table holdfast.attempt
  -- Until when an outcome that nobody knows is asked about: what turns up later is the operator's loss, never a person's.
  add column unknown_until timestamptz,
  -- Its outcome was never known, and it was nevertheless made anew: by the model's policy, or by an operator's own hand.
  add column resubmitted_by text check (resubmitted_by in ('policy', 'operator')),
  add constraint attempt_resubmitted check (resubmitted_by is null or state = 'failed');
