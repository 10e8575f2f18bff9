-- Opening accounts and granting credit.

create function ledger.open_account(
  account text, unit text default 'credit', key text default 'ledger:open',
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  checked boolean;
  a ledger.account;
  w ledger.draft;
  opened_at timestamptz := ledger.clock();
begin
  checked := ledger.check_text(account, 'account', 200)
    and ledger.check_text(unit, 'unit', 40);
  insert into ledger.account (id, unit, opened_at, last_at, head, salt)
  values (account, unit, opened_at, opened_at, '', uuid_send(gen_random_uuid()))
  on conflict (id) do nothing returning * into a;
  if not found then
    select * into a from ledger.account t where t.id = account;
    if a.unit <> unit then
      perform ledger.fail('LG010', 'this account counts another unit',
        jsonb_build_object('account', a.id, 'unit', a.unit));
    end if;
    -- opening again is no second operation, whatever its key
    select * into w from ledger.draft_of(a);
    w.stored_seq := 1;
    return ledger.stored_outcome(w);
  end if;
  update ledger.account t set head = sha256(int8send(t.account_no)) where t.account_no = a.account_no;
  w := ledger.begin_write(account, 'open_account', key, ledger.intent('open_account', unit), reference, metadata,
    event_at);
  w.amount := 0;
  w.detail := jsonb_build_object('unit', unit);
  return ledger.finish(w);
end $$;

-- When a lot expires: at a date, or a span after it starts, in calendar months of UTC.
create function ledger.expiry_of(start_at timestamptz, expires_at timestamptz, valid_for interval)
returns timestamptz language plpgsql immutable as $$
declare
  result timestamptz := coalesce(expires_at, ((start_at at time zone 'UTC') + valid_for) at time zone 'UTC', 'infinity');
begin
  if result <= start_at and valid_for is not null then
    perform ledger.fail('LG009', 'validFor is longer than nothing', '{"field": "validFor"}');
  end if;
  if result <= start_at then
    perform ledger.fail('LG009', 'a lot expires after it starts', '{"field": "expiresAt"}');
  end if;
  return result;
end $$;

create function ledger.grant(
  account text, key text, amount bigint, class text default 'promotional', priority bigint default 0,
  effective_at timestamptz default null, expires_at timestamptz default null, valid_for interval default null,
  payment text default null, paid bigint default null,
  bonus_amount bigint default null, bonus_priority bigint default 0, bonus_expires_at timestamptz default null,
  bonus_valid_for interval default null, repay_debt boolean default null,
  reference text default null, metadata jsonb default null, event_at timestamptz default null
) returns ledger.outcome
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  checked boolean;
  w ledger.draft;
  starts_at timestamptz;
  ends_at timestamptz;
  main_lot bigint;
  repaid bigint := 0;
  owner record;
  w_payment text := payment;
begin
  checked := ledger.check_amount(amount)
    and ledger.check_choice(class, 'class', '{paid,promotional}')
    and ledger.check_range(priority, 'priority', -1000, 1000)
    and ledger.check_range(bonus_priority, 'bonus.priority', -1000, 1000);
  if payment is not null then
    checked := ledger.check_text(payment, 'payment.id', 200)
      and ledger.check_amount(paid);
  end if;
  if bonus_amount is not null then
    checked := ledger.check_amount(bonus_amount);
  end if;
  w := ledger.begin_write(account, 'grant', key,
    ledger.intent('grant', amount::text, class, priority::text, ledger.stamp(effective_at), ledger.stamp(expires_at),
      valid_for::text, payment, paid::text, bonus_amount::text, bonus_priority::text, ledger.stamp(bonus_expires_at),
      bonus_valid_for::text, repay_debt::text, reference, metadata::text, ledger.stamp(event_at)),
    reference, metadata, event_at);
  if ledger.is_stored(w) then
    return ledger.stored_outcome(w);
  end if;
  if w.total + w.upcoming + amount + coalesce(bonus_amount, 0) > 1000000000000000000 then
    perform ledger.fail('LG004', 'an account holds at most 10^18', jsonb_build_object('amount', amount::text));
  end if;

  if payment is not null then
    insert into ledger.payment (payment, account_no, granted_seq, paid, granted)
    values (payment, w.account_no, w.last_seq + 1, paid, amount + coalesce(bonus_amount, 0))
    on conflict do nothing;
    if not found then
      select a.id, p.granted_seq into owner
      from ledger.payment p join ledger.account a on a.account_no = p.account_no where p.payment = w_payment;
      return ledger.refuse(w, ledger.refusal_of(w, 'payment_taken', jsonb_build_object(
        'payment', payment, 'account', owner.id, 'operation', owner.granted_seq::text)));
    end if;
  end if;

  starts_at := coalesce(effective_at, w.now);
  ends_at := ledger.expiry_of(starts_at, expires_at, valid_for);
  w.amount := amount + coalesce(bonus_amount, 0);
  w := ledger.add_entry(w, -1, -w.amount);
  w := ledger.new_lot(w, amount, class, priority::int, starts_at, ends_at, payment, null, null);
  main_lot := w.last_place;
  w.detail := jsonb_build_object('lot', main_lot::text, 'class', class, 'priority', priority,
    'effective_at', ledger.stamp(starts_at), 'expires_at', ledger.stamp(ends_at));
  if bonus_amount is not null then
    ends_at := ledger.expiry_of(starts_at, bonus_expires_at, bonus_valid_for);
    w := ledger.new_lot(w, bonus_amount, 'promotional', bonus_priority::int, starts_at, ends_at, payment, null, null);
    w.detail := w.detail || jsonb_build_object('bonus_lot', w.last_place::text, 'bonus_amount', bonus_amount::text,
      'bonus_priority', bonus_priority, 'bonus_expires_at', ledger.stamp(ends_at));
  end if;

  if w.debt > 0 and starts_at <= w.now and coalesce(repay_debt, class = 'paid') then
    repaid := w.debt;
    w := ledger.repay_from(w, main_lot, amount);
    repaid := repaid - w.debt;
    w.detail := w.detail || jsonb_build_object('repaid', repaid::text);
  end if;
  -- an opening balance may come with lots that have expired already
  w := ledger.expire_new_lots(w, main_lot);
  return ledger.finish(w);
end $$;

create function ledger.expire_new_lots(w ledger.draft, first_lot bigint) returns ledger.draft
language plpgsql as $$
declare
  l record;
begin
  for l in
    select t.lot, t.remaining from ledger.lot t
    where t.account_no = w.account_no and t.lot >= first_lot and t.live and t.expires_at <= w.now order by t.lot
  loop
    w := ledger.settle_freed(w, l.lot, l.remaining, 'customer', 0);
  end loop;
  return w;
end $$;
