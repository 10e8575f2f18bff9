-- For how each model does: what ended in the last day.
create index generation_finished_idx on holdfast.generation (finished_at) where finished_at is not null;
