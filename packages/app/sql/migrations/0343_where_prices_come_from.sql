-- Where what a provider takes was read, and when: what is old, or was only heard of, wants another look.
alter table holdfast.model
  add column provider_price_source text check (length(provider_price_source) between 1 and 200),
  -- Null: not read by anybody who said when.
  add column provider_price_read_on date;
