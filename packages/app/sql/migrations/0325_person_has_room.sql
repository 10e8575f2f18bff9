-- Whether a person has no more under way than they may, the one that is being picked up included. Pick-ups of one person queue up here until they
-- commit, so that several workers that look at the same instant don't overrun the limit together: each counts, in a statement of its own after the
-- lock, what those before it took.
create function holdfast.person_has_room(a_person text, a_limit integer) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(a_person, 25));
  return (select count(*) from holdfast.generation g
           where g.person_id = a_person and g.due_at is not null and g.state <> 'queued')
      <= coalesce((select t.max_running from holdfast.person p join holdfast.tier t on t.id = p.tier
                    where p.id = a_person), a_limit);
end;
$$;
