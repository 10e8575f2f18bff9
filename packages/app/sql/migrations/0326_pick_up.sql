-- Picks up the next generations of a provider, in turn, one for each token that is given: claims each and writes the marker of its attempt. In one statement, since
-- every one that is waited for delays the next, and one commit for all, since every commit is waited for.
--
-- Nobody gets more under way than they may: who is to pick up for a person locks them and counts, in a statement after the lock, what those
-- before took. With one such lock held, another is only taken where nobody has it: two who wait for each other would wait in vain.
create function holdfast.pick_up(
  a_provider text, a_only text, a_except text[], a_max_running integer, a_claim_seconds integer,
  a_bound_to text, a_bound_machine text, a_bound_seconds integer,
  a_attempts text[], a_tokens text[], a_may_repeat boolean
) returns table (generation holdfast.generation, attempt holdfast.attempt)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
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
$$;

drop function holdfast.person_has_room(text, integer);
