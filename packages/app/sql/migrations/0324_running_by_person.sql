-- How many of one person's are under way, however many wait: asked for each candidate at each pick-up.
create index generation_running_idx on holdfast.generation (person_id) where due_at is not null and state <> 'queued';
