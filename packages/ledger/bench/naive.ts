import type pg from 'pg';

/**
 * What an application writes by itself: a balance and a frozen column, `select for update`, and a row per movement. No
 * lots, no keys, no double entry, no chain.
 */
export async function createNaive(admin: pg.Pool, accounts: number): Promise<void> {
  await admin.query(`
    create table public.naive_credits (id int primary key, balance bigint not null, frozen bigint not null default 0)
      with (fillfactor = 50);
    create table public.naive_movement (
      id bigint generated always as identity primary key, account int not null, kind text not null, amount bigint not null,
      at timestamptz not null default now());
    create index on public.naive_movement (account, id);
    insert into public.naive_credits (id, balance) select n, 1000000000000 from generate_series(0, ${accounts}) n;
    grant select, insert, update on public.naive_credits, public.naive_movement to public;`);
}

export async function naiveCycle(pool: pg.Pool, id: number): Promise<void> {
  await naiveStep(pool, id, 'freeze', 0, 10);
  await naiveStep(pool, id, 'spend', -8, -10);
}

async function naiveStep(
  pool: pg.Pool,
  id: number,
  kind: string,
  change: number,
  frozen: number,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query({
      name: 'naive_lock',
      text: 'select balance, frozen from public.naive_credits where id = $1 for update',
      values: [id],
    });
    await client.query({
      name: 'naive_update',
      text: 'update public.naive_credits set balance = balance + $2, frozen = frozen + $3 where id = $1',
      values: [id, change, frozen],
    });
    await client.query({
      name: 'naive_insert',
      text: 'insert into public.naive_movement (account, kind, amount) values ($1, $2, $3)',
      values: [id, kind, change],
    });
    await client.query('commit');
  } finally {
    client.release();
  }
}
