-- Whoever owes for a payment that went back starts nothing new before it is repaid, however much else they may have; what runs already ends as it
-- would. Raising undoes the hold or charge that came with the row.
create function holdfast.refuse_debtor() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  balance ledger.balance_row;
  debt_limit bigint;
begin
  if not exists (
    select from holdfast.payment_grant g join holdfast.payment_return r on r.object_id = g.object_id
     where g.person_id = new.person_id and r.withdrawn > r.reinstated) then
    return new;
  end if;
  balance := ledger.balance(account => new.person_id);
  select coalesce(t.debt_limit, 0) into debt_limit
    from holdfast.person p join holdfast.tier t on t.id = p.tier where p.id = new.person_id;
  if balance.debt > debt_limit then
    raise exception 'credits of a returned payment are owed' using errcode = 'HF001', detail = balance.debt::text;
  end if;
  return new;
end;
$$;
create trigger debtor_refused before insert on holdfast.generation
  for each row execute function holdfast.refuse_debtor();
