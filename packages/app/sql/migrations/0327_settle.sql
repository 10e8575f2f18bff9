-- A row for everything that is to be told about how a generation ended. See delivery/plan.ts.
create function holdfast.plan_deliveries(a_generation text, a_person text, a_event text, a_ids text[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  with wishes as (
     update holdfast.delivery_wish w
        set ended_at = holdfast.clock()
       from holdfast.generation_request r
      where w.person_id = a_person and w.ended_at is null
        and r.person_id = w.person_id and r.command = w.command and r.key = w.key and r.generation_id = a_generation
     returning w.id, w.channel, w.target
   ), targets as (
     select 'library' as channel, '' as target, null as wish, 0 as place where a_event = 'succeeded'
     union all
     select channel, target, id, 1 from wishes
     union all
     select 'webhook', e.id, null, 2 from holdfast.webhook_endpoint e
      where e.person_id = a_person and e.removed_at is null and e.disabled_at is null
     union all
     select 'mail', i.email, null, 3 from auth.identity i
      where i.id = a_person and i.email_verified and a_event <> 'cancelled'
        and not exists (select from wishes)
        and coalesce((select p.wanted from holdfast.notification_preference p
                       where p.person_id = a_person and p.channel = 'mail'
                         and p.topic = case a_event when 'succeeded' then 'ready' else 'failed' end), true)
   ), numbered as (
     select *, row_number() over (order by place, target) as number from targets
   )
   insert into holdfast.delivery
     (id, generation_id, person_id, event, channel, target, wish_id, state, due_at, finished_at)
   select a_ids[number], a_generation, a_person, a_event, channel, target, wish,
          case channel when 'library' then 'delivered' else 'pending' end,
          case channel when 'library' then null else holdfast.clock() end,
          case channel when 'library' then holdfast.clock() end
     from numbered where number <= cardinality(a_ids)
   on conflict (generation_id, event, channel, target, asked_by) do nothing;
end;
$$;

-- Hands over and charges what was held for: the files' rows, `succeeded`, each file's capture under a key of its own with the release of what is left, and
-- what is to be told of it. In one statement and so in one transaction, without a row where somebody else has claimed it. A hold that is not open
-- any more raises HF002, which undoes it all.
create function holdfast.settle_reserved(
  a_id text, a_claim bigint, a_delivered_units numeric, a_delivered_elsewhere boolean,
  a_attempt text, a_assets jsonb, a_amounts bigint[], a_deliveries text[]
) returns table (captured bigint, released bigint, total bigint, held bigint, available bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  charge constant bigint := (select coalesce(sum(amount), 0) from unnest(a_amounts) as amount);
  last constant integer := cardinality(a_amounts);
  g holdfast.generation;
  paid ledger.outcome;
begin
  update holdfast.generation t
     set state = 'succeeded', claimed_until = null, due_at = null, finished_at = holdfast.clock(),
         bound_to = null, bound_machine = null, bound_until = null, progress = 1,
         captured = charge, released = t.held - charge,
         delivered_units = a_delivered_units, delivered_elsewhere = a_delivered_elsewhere,
         timeline = t.timeline || jsonb_build_array(jsonb_build_object('status', 'succeeded', 'at', holdfast.clock()))
   where t.id = a_id and t.claim = coalesce(a_claim, t.claim) and t.state = 'ingesting' and t.policy = 'reserve'
  returning t.* into g;
  if not found then
    return;
  end if;

  with ended as (
    update holdfast.attempt set state = 'succeeded', ended_at = holdfast.clock()
     where id = a_attempt and ended_at is null
  )
  insert into holdfast.asset
    (id, person_id, generation_id, output, kind, sha256, content_type, bytes, width, height, duration_ms,
     poster_sha256, poster_content_type, poster_bytes)
  select f.id, g.person_id, g.id, f.output, g.kind, f.sha256, f.content_type, f.bytes, f.width, f.height, f.duration_ms,
         f.poster_sha256, f.poster_content_type, f.poster_bytes
    from jsonb_to_recordset(a_assets) as f (
           id text, output integer, sha256 text, content_type text, bytes bigint, width integer, height integer,
           duration_ms integer, poster_sha256 text, poster_content_type text, poster_bytes bigint);

  for n in 1 .. last loop
    paid := ledger.capture(account => g.person_id, key => g.id || '/capture/' || n - 1, hold => g.hold_id::bigint,
      amount => a_amounts[n], final => n = last, fault => 'provider', reference => g.id);
    if paid.refusal is not null then
      raise exception 'the hold of % can not be charged: %', g.id, paid.refusal
        using errcode = 'HF002', detail = paid.refusal_data || jsonb_build_object('refusal', paid.refusal);
    end if;
  end loop;
  if paid.captured is distinct from charge or paid.captured + paid.released is distinct from g.held then
    raise exception '%: the ledger captured % and released %', g.id, paid.captured, paid.released;
  end if;

  perform holdfast.plan_deliveries(g.id, g.person_id, 'succeeded', a_deliveries);
  return query select paid.captured, paid.released, paid.total, paid.held, paid.total - paid.held - paid.debt;
end;
$$;
