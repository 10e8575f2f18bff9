import type pg from 'pg';

/** What pgbench calls simple-update: one update, one select and one insert in one commit, prepared, in five round trips. */
export async function createYardstick(admin: pg.Pool, accounts: number): Promise<void> {
  await admin.query(`
    create table public.yard_account (id int primary key, balance bigint not null) with (fillfactor = 50);
    create table public.yard_history (id int not null, delta int not null, at timestamptz not null);
    insert into public.yard_account select n, 0 from generate_series(0, ${accounts}) n;
    grant select, insert, update on public.yard_account, public.yard_history to public;`);
}

export async function yardstick(pool: pg.Pool, id: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query({
      name: 'yard_update',
      text: 'update public.yard_account set balance = balance + $2 where id = $1',
      values: [id, 1],
    });
    await client.query({
      name: 'yard_select',
      text: 'select balance from public.yard_account where id = $1',
      values: [id],
    });
    await client.query({
      name: 'yard_insert',
      text: 'insert into public.yard_history (id, delta, at) values ($1, $2, now())',
      values: [id, 1],
    });
    await client.query('commit');
  } finally {
    client.release();
  }
}
