-- Books what is due on idle accounts. An account that a writer has locked is left to that writer. At most a thousand
-- operations over all accounts of one call, so that no customer waits long behind a sweep, however much is due.
create or replace function ledger.sweep(max_accounts bigint default 100) returns ledger.sweep_row
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  checked boolean;
  budget int := 1000;
  a record;
  w ledger.draft;
  r ledger.sweep_row;
begin
  checked := ledger.check_range(max_accounts, 'maxAccounts', 1, 10000);
  r := row(0, 0, 0, 0, false);
  for a in
    select t.account_no, t.last_seq from ledger.account t
    where t.due_at <= ledger.clock() and t.frozen_at is null and t.closed_at is null
    order by t.due_at limit max_accounts for update skip locked
  loop
    w := ledger.book_now(a.account_no, budget);
    budget := budget - (w.last_seq - a.last_seq)::int;
    r.accounts := r.accounts + 1;
    select r.lots_started + count(*) filter (where o.kind = 'start_lot'),
      r.lots_expired + count(*) filter (where o.kind = 'expire_lot'),
      r.holds_expired + count(*) filter (where o.kind = 'expire_hold')
    into r.lots_started, r.lots_expired, r.holds_expired
    from ledger.operation o where o.account_no = a.account_no and o.seq > a.last_seq;
    r.more := r.more or w.due_at <= w.now or budget = 0;
    exit when budget = 0;
  end loop;
  r.more := r.more or r.accounts = max_accounts;
  return r;
end $$;
