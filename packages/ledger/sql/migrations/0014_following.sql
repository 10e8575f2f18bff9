-- Following the journal from outside, and anchoring its heads elsewhere.

create type ledger.head_row as (account_no bigint, account text, operation bigint, at timestamptz, hash text);

create function ledger.heads(account text, after bigint, most bigint) returns setof ledger.head_row
language sql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select a.account_no, a.id, a.last_seq, a.last_at, encode(a.head, 'hex')
  from ledger.account a
  where a.account_no > heads.after and (heads.account is null or a.id = heads.account)
  order by a.account_no limit least(most, 10000)
$$;

-- Operations of transactions that have ended, in the order in which those began to write: none can appear before the
-- cursor later. A cursor belongs to one database cluster.
create function ledger.operations(after text default null, most bigint default 100)
returns table (account text, cursor text, seq bigint, at timestamptz, kind text, key text, amount bigint, hold bigint,
  reference text, metadata jsonb, event_at timestamptz, total bigint, held bigint, debt bigint, upcoming bigint,
  entry_place bigint[], entry_amount bigint[])
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  checked boolean;
  parts text[] := string_to_array(coalesce(nullif(after, ''), '0:0:0'), ':');
begin
  checked := ledger.check_range(most, 'limit', 1, 10000);
  if cardinality(parts) <> 3 or coalesce(after, '') !~ '^([0-9]{1,19}:[0-9]{1,18}:[0-9]{1,18})?$' then
    perform ledger.fail('LG009', 'this cursor is none of ours', '{"field": "after"}');
  end if;
  return query
    select a.id, format('%s:%s:%s', o.tx, o.account_no, o.seq), o.seq, o.at, o.kind, o.key, o.amount, o.hold,
      o.reference, o.metadata, o.event_at, o.total, o.held, o.debt, o.upcoming, o.entry_place, o.entry_amount
    from ledger.operation o join ledger.account a on a.account_no = o.account_no
    where o.tx >= parts[1]::xid8 and (o.tx, o.account_no, o.seq) > (parts[1]::xid8, parts[2]::bigint, parts[3]::bigint)
      and o.tx < pg_snapshot_xmin(pg_current_snapshot())
    order by o.tx, o.account_no, o.seq
    limit most;
end $$;
