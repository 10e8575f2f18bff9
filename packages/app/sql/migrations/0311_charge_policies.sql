-- Three ways to charge. `reserve` holds the quote and captures what was delivered. `prepaid` charges the quote at the start and refunds what
-- wasn't delivered. `postpaid` holds nothing: what is in flight counts against the check at the start, and the charge comes with the result.
alter table holdfast.generation
  -- Of what was captured: given back. Only prepaid charges are ever refunded here.
  add column refunded bigint not null default 0,
  -- Of what was captured: not covered by credit, and so the account's debt. Only postpaid charges can be.
  add column owed bigint not null default 0,
  alter column lease_ends_at drop not null,
  drop constraint generation_settled,
  drop constraint generation_charged,
  drop constraint generation_lease,
  -- Final exactly when what was captured and released is known; a prepaid charge is known from the start.
  add constraint generation_settled check (
    case when state in ('succeeded', 'failed', 'cancelled')
      then captured is not null and released is not null and captured <= quoted
      else released is null and refunded = 0 and owed = 0 and (captured is not null) = (policy = 'prepaid')
    end
  ),
  add constraint generation_policy check (
    case policy
      when 'reserve' then refunded = 0 and owed = 0 and coalesce(captured + released = held, true)
      when 'prepaid' then held = 0 and captured = quoted and hold_id is not null and owed = 0
        and refunded between 0 and captured and coalesce(released, 0) = 0
      else held = 0 and refunded = 0 and coalesce(released, 0) = 0 and owed between 0 and coalesce(captured, 0)
    end
  ),
  -- Nobody pays for what isn't there: what stays charged at the end was delivered.
  add constraint generation_charged check (
    due_at is not null or captured = refunded or (state = 'succeeded' and delivered_units is not null)
  ),
  -- Credit is never spent elsewhere while an outcome is unknown: a hold outlives the deadline at which it is released.
  add constraint generation_lease check (
    case when policy = 'reserve'
      then lease_ends_at is not null and lease_ends_at >= deadline_at + interval '10 minutes'
      else lease_ends_at is null
    end
  );
create index generation_in_flight_idx on holdfast.generation (person_id) include (quoted)
  where policy = 'postpaid' and due_at is not null;

-- A round is 2520 turns: every priority from 1 to 10 divides it.
update holdfast.generation set turn = turn * 2520 where due_at is not null;

drop function holdfast.accept_generation(
  text, text, text, bytea, text, text, text, text, text, jsonb, text, text, text, bigint, integer, bigint,
  boolean, timestamptz, integer, integer, integer, integer);

-- Accepts a request, in one statement and so in one transaction: under the person's lock (their concurrent requests queue up here, and so do
-- their postpaid charges) what may refuse it is checked in its order, credit is held, charged or looked at, and the row and the
-- idempotency record are written. What the person's tier says comes before what the settings say.
-- The outcome is one of: conflict, replayed, unavailable, quote_expired, cooldown, too_many, refused, accepted. Only the last two write.
create function holdfast.accept_generation(
  a_person text, a_command text, a_key text, a_fingerprint bytea,
  a_id text, a_model text, a_provider text, a_provider_model text, a_kind text, a_input jsonb,
  a_price_version text, a_policy text, a_unit text, a_credits_per_unit bigint, a_units integer, a_quoted bigint,
  a_available boolean, a_quote_expires_at timestamptz, a_cooldown_seconds integer, a_max_unfinished integer,
  a_debt_limit bigint, a_deadline_seconds integer, a_lease_slack_seconds integer
) returns table (outcome text, facts jsonb, hold_id text, lease_ends_at timestamptz, created_at timestamptz)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  earlier record;
  placed ledger.outcome;
  refusal jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended(a_person, 20));

  select r.fingerprint, r.refusal, r.generation_id, holdfast.clock() as now, t.priority,
         (select count(*) from holdfast.generation g where g.person_id = a_person and g.due_at is not null) as unfinished,
         coalesce(t.max_unfinished, a_max_unfinished) as max_unfinished,
         coalesce(t.debt_limit, a_debt_limit) as debt_limit,
         c.seconds as cooldown,
         case when c.seconds > 0 then
           (select g.created_at from holdfast.generation g
             where g.person_id = a_person and g.kind = a_kind order by g.id desc limit 1)
         end as started_at
    into earlier
    from holdfast.person p
    join holdfast.tier t on t.id = p.tier
   cross join lateral (select coalesce(
           case a_kind when 'video' then t.video_cooldown_seconds else t.image_cooldown_seconds end, a_cooldown_seconds) as seconds) as c
    left join holdfast.generation_request r on r.person_id = a_person and r.command = a_command and r.key = a_key
   where p.id = a_person;
  if not found then
    raise exception 'no such person: %', a_person using errcode = 'foreign_key_violation';
  end if;

  if earlier.fingerprint is not null then
    outcome := case when earlier.fingerprint = a_fingerprint then 'replayed' else 'conflict' end;
    facts := coalesce(earlier.refusal, jsonb_build_object('generation', earlier.generation_id));
  elsif not a_available then
    outcome := 'unavailable';
  elsif a_quote_expires_at <= earlier.now then
    outcome := 'quote_expired';
  elsif earlier.started_at + make_interval(secs => earlier.cooldown) > earlier.now then
    outcome := 'cooldown';
    facts := jsonb_build_object('seconds', earlier.cooldown - extract(epoch from earlier.now - earlier.started_at));
  elsif earlier.unfinished >= earlier.max_unfinished then
    outcome := 'too_many';
    facts := jsonb_build_object('unfinished', earlier.unfinished, 'limit', earlier.max_unfinished);
  end if;
  if outcome is not null then
    return next;
    return;
  end if;

  case a_policy
    when 'reserve' then
      -- A generation's deadline releases its hold; what comes later is never charged.
      placed := ledger.place_hold(account => a_person, key => a_id || '/hold', amount => a_quoted,
        lease_seconds => a_deadline_seconds + a_lease_slack_seconds, late_seconds => 0, reference => a_id);
      refusal := placed.refusal_data;
    when 'prepaid' then
      placed := ledger.charge(account => a_person, key => a_id || '/charge', amount => a_quoted, reference => a_id);
      refusal := placed.refusal_data;
    else
      placed := holdfast.check_postpaid(a_person, a_quoted, earlier.debt_limit);
      refusal := placed.refusal_data;
  end case;
  if placed.refusal is not null then
    outcome := 'refused';
    facts := refusal;
    insert into holdfast.generation_request (person_id, command, key, fingerprint, refusal)
    values (a_person, a_command, a_key, a_fingerprint, facts);
    return next;
    return;
  end if;

  outcome := 'accepted';
  facts := jsonb_build_object('total', placed.total::text, 'held', placed.held::text,
    'available', (placed.total - placed.held - placed.debt)::text, 'required', a_quoted::text);
  hold_id := placed.hold::text;
  lease_ends_at := case when a_policy = 'reserve' then placed.lease_until end;
  created_at := holdfast.clock();
  -- Its turn comes after those of this person's that are unfinished, by a round divided by their priority, but not behind more than one
  -- round of anybody else's.
  with remembered as (
    insert into holdfast.generation_request (person_id, command, key, fingerprint, generation_id)
    values (a_person, a_command, a_key, a_fingerprint, a_id)
  )
  insert into holdfast.generation (
    id, person_id, model_id, provider_id, provider_model, kind, input,
    price_version, policy, unit, credits_per_unit, quoted_units, quoted,
    hold_id, held, captured, lease_ends_at, created_at, due_at, deadline_at, timeline, turn)
  values (
    a_id, a_person, a_model, a_provider, a_provider_model, a_kind, a_input,
    a_price_version, a_policy, a_unit, a_credits_per_unit, a_units, a_quoted,
    accept_generation.hold_id, case when a_policy = 'reserve' then a_quoted else 0 end,
    case when a_policy = 'prepaid' then a_quoted end, accept_generation.lease_ends_at,
    accept_generation.created_at, accept_generation.created_at,
    accept_generation.created_at + make_interval(secs => a_deadline_seconds),
    jsonb_build_array(jsonb_build_object('status', 'queued', 'at', accept_generation.created_at)),
    coalesce(greatest(
      (select min(g.turn) from holdfast.generation g where g.state = 'queued' and g.provider_id = a_provider),
      (select max(g.turn) + 2520 / earlier.priority from holdfast.generation g
        where g.person_id = a_person and g.provider_id = a_provider and g.due_at is not null)), 2520));
  return next;
end;
$$;

-- Whether a postpaid generation may start: what is available, less the quotes of those in flight, must cover it, and no debt may be above the
-- limit. Called under the person's lock, which their postpaid charges take too: each is counted in flight or charged, never neither.
create function holdfast.check_postpaid(a_person text, a_quoted bigint, a_debt_limit bigint) returns ledger.outcome
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  balance ledger.balance_row;
  checked ledger.outcome;
  in_flight bigint;
begin
  balance := ledger.balance(account => a_person);
  if balance.frozen then
    raise exception 'the account is frozen' using errcode = 'LG003';
  end if;
  if balance.closed then
    raise exception 'the account is closed' using errcode = 'LG002';
  end if;
  select coalesce(sum(g.quoted), 0) into in_flight from holdfast.generation g
   where g.person_id = a_person and g.policy = 'postpaid' and g.due_at is not null;
  checked.total := balance.total;
  checked.held := balance.held;
  checked.debt := balance.debt;
  if balance.debt > a_debt_limit or balance.total - balance.held - balance.debt - in_flight < a_quoted then
    checked.refusal := 'insufficient_credits';
    checked.refusal_data := jsonb_build_object('total', balance.total::text, 'held', balance.held::text,
      'debt', balance.debt::text, 'in_flight', in_flight::text,
      'available', (balance.total - balance.held - balance.debt - in_flight)::text, 'required', a_quoted::text);
  end if;
  return checked;
end;
$$;
