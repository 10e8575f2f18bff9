-- The first range that was shown of when it would be ready, so that it can be seen how often such ranges hold. Written once, soon after
-- acceptance. The stretch is how much (as a logarithm) the range had been widened by then for what earlier ones missed.
alter table holdfast.generation
  add column eta_from timestamptz,
  add column eta_to timestamptz,
  add column eta_stretch real,
  add constraint generation_eta check (
    num_nonnulls(eta_from, eta_to, eta_stretch) in (0, 3) and eta_from <= eta_to
  );

-- The language that a person has chosen to be told things in; null: whatever their browser or chat prefers.
alter table holdfast.person add column if not exists locale text check (locale in ('en', 'ru', 'zh'));
