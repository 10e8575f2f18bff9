-- The last calls of a kind, the oldest first: as many as may leave within the limit's time. Exact, where evenly spaced calls would use
-- only a part of what a vendor allows.
drop table holdfast.provider_bucket;
create unlogged table holdfast.provider_bucket (
  provider_id text not null,
  kind text not null,
  taken timestamptz[] not null default '{}',
  -- The vendor wants no calls until then.
  pushed_back_until timestamptz,
  primary key (provider_id, kind)
) with (fillfactor = 50);
