-- What an application's role may do: call these functions and read the entries. It can't touch a table.

create function ledger.allow(app_role name) returns void
language plpgsql as $$
declare
  f regprocedure;
begin
  execute format('grant usage on schema ledger to %I', app_role);
  execute format('grant select on ledger.entry to %I', app_role);
  for f in
    select p.oid from pg_proc p
    where p.pronamespace = 'ledger'::regnamespace and p.prosecdef
  loop
    execute format('grant execute on function %s to %I', f, app_role);
  end loop;
end $$;
