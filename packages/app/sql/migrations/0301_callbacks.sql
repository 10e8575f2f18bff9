-- Raised by each callback that comes in for it, under the row's own lock: a step that ends compares it with what it saw when it was
-- claimed, so that no callback is lost between the two.
alter table holdfast.generation add column callbacks integer not null default 0;

-- When a model's way of being asked for changed: what was sent before that can't be recognized by what would be sent now.
alter table holdfast.model add column mapping_changed_at timestamptz;
create function holdfast.note_mapping_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.mapping_changed_at := holdfast.clock();
  return new;
end;
$$;
create trigger model_mapping_changed before update on holdfast.model
  for each row when (old.mapping is distinct from new.mapping or old.templates is distinct from new.templates)
  execute function holdfast.note_mapping_change();

-- Keeps a verified callback and makes whoever waits for it look at once. `woken` names the generation where somebody may look now; a step
-- under way finds the raised count at its end. Outcomes: unknown (no such attempt of this provider), duplicate, kept.
create function holdfast.receive_callback(a_provider text, a_token text, a_event text, a_task text, a_trust text)
returns table (outcome text, woken text)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
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
$$;
