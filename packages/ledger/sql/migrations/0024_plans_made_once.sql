-- The statements of the quick ways have one good plan, whatever their parameters: made at the first call, not at the first six.
-- A third of what a new connection spends on its first calls.
alter function ledger.place_hold(text, text, bigint, bigint, bigint, text, text, jsonb, timestamptz)
  set plan_cache_mode = force_generic_plan;
alter function ledger.capture(text, text, bigint, bigint, boolean, text, bigint, text, jsonb, timestamptz)
  set plan_cache_mode = force_generic_plan;
