-- The rare part of resolving slices: lots that have expired, were voided or clawed back, or owe. Debts are made in the order
-- of the slices, so that the same history always numbers them the same.
create or replace function ledger.settle_slices(
  w ledger.draft, slice_lot bigint[], slice_free bigint[], fault text, grace_seconds bigint
) returns ledger.draft
language plpgsql as $$
declare
  owed bigint;
  payment text;
begin
  for i in 1 .. cardinality(slice_lot) loop
    if slice_free[i] > 0 then
      w := ledger.settle_freed(w, slice_lot[i], slice_free[i], fault, grace_seconds);
    end if;
  end loop;
  -- clawed back while it was held, and now captured: it is owed
  for i in 1 .. cardinality(slice_lot) loop
    select t.claim - t.held, t.payment into owed, payment
    from ledger.lot t where t.account_no = w.account_no and t.lot = slice_lot[i] and t.claim > t.held;
    if found then
      update ledger.lot t set claim = t.held where t.account_no = w.account_no and t.lot = slice_lot[i];
      w := ledger.new_debt(w, owed, 'clawback', null, payment);
      w := ledger.add_entry(w, -5, owed);
    end if;
  end loop;
  return w;
end $$;
