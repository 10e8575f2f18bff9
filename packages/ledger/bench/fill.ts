import type pg from 'pg';

/**
 * An account with many operations, written in bulk past the ledger's functions: only their number matters to what is
 * measured on it, so each carries the same link, and `verify` would name the first. Millions are written before their
 * indexes are.
 */
export async function fillOperations(admin: pg.Pool, account: string, operations: number): Promise<void> {
  await admin.query(`select ledger.open_account('${account}')`);
  await admin.query(
    `select ledger."grant"('${account}', 'seed', 1000000000000, valid_for => interval '100 days')`,
  );
  const insert = `
    insert into ledger.operation (account_no, seq, at, kind, key, intent, amount, entry_place, entry_amount, total, held,
      debt, upcoming, hash)
    select a.account_no, a.last_seq + n, a.last_at + n * interval '1 microsecond', 'charge', 'fill-' || n, '', 1,
      '{1,-2}', '{-1,1}', a.total - n, 0, 0, 0, a.head
    from ledger.account a cross join generate_series(1, ${operations}) n where a.id = '${account}'`;
  if (operations < 1_000_000) await admin.query(insert);
  else await withoutIndexes(admin, insert);
  await admin.query(
    `update ledger.account set last_seq = last_seq + ${operations}, total = total - ${operations},
       last_at = last_at + ${operations} * interval '1 microsecond' where id = '${account}'`,
  );
  await admin.query(
    `update ledger.lot set remaining = remaining - ${operations}, consumed = consumed + ${operations}
     where account_no = (select account_no from ledger.account where id = '${account}')`,
  );
}

async function withoutIndexes(admin: pg.Pool, insert: string): Promise<void> {
  const { rows } = await admin.query<{ name: string; definition: string }>(
    `select format('ledger.%I', indexname) as name, indexdef as definition from pg_indexes
     where schemaname = 'ledger' and tablename = 'operation' and indexname <> 'operation_pkey'`,
  );
  await admin.query(
    `begin;
     set local maintenance_work_mem = '1GB';
     alter table ledger.operation drop constraint operation_pkey;
     ${rows.map(({ name }) => `drop index ${name};`).join('\n')}
     ${insert};
     alter table ledger.operation add constraint operation_pkey primary key (account_no, seq);
     ${rows.map(({ definition }) => `${definition};`).join('\n')}
     commit`,
  );
}

/** A million lots that have expired and that nobody has booked yet, on accounts that sleep. */
export async function fillExpired(admin: pg.Pool, accounts: number, lotsEach: number): Promise<void> {
  await admin.query(
    `insert into ledger.account (id, unit, opened_at, last_at, last_seq, head, salt, last_place, total, due_at)
     select 'idle-' || n, 'credit', now() - interval '10 days', now() - interval '10 days', 1, sha256(int8send(n)),
       uuid_send(gen_random_uuid()), ${lotsEach}, ${lotsEach} * 10, now() - interval '1 day'
     from generate_series(1, ${accounts}) n`,
  );
  await admin.query(
    `insert into ledger.lot (account_no, lot, class, priority, effective_at, expires_at, started, granted, remaining, live,
       root_lot, root_expires_at, created_seq)
     select a.account_no, n, 'promotional', 0, a.opened_at, a.due_at + n * interval '1 second', true, 10, 10, true, n,
       a.due_at, 1
     from ledger.account a cross join generate_series(1, ${lotsEach}) n where a.id like 'idle-%'`,
  );
}

/**
 * A server that has run for a while writes its log into segments it has used before. A new one makes each as it comes to it,
 * 16 MB of zeros, and all writers wait 50 ms meanwhile. So these are made here, before anything is measured.
 */
export async function fillSegments(admin: pg.Pool, segments: number): Promise<void> {
  for (let made = 0; made < segments; made += 1) {
    await admin.query('select pg_current_xact_id()');
    await admin.query('select pg_switch_wal()');
  }
  await admin.query('checkpoint');
}
