-- When its provider was last asked about what it names, and how often, after its attempt had ended: whoever could not be asked waits behind the others.
alter table holdfast.provider_callback
  add column asked_at timestamptz,
  add column asks integer not null default 0;
