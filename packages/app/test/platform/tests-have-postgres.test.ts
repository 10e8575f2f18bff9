import pg from 'pg';
import { expect, inject, test } from 'vitest';

test('the run has a Postgres 18 of its own, which a superuser reaches with a password', async () => {
  const client = new pg.Client({ connectionString: inject('adminUrl') });
  await client.connect();
  const { rows } = await client.query<{ major: string; superuser: string }>(
    `select split_part(current_setting('server_version'), '.', 1) as major, current_setting('is_superuser') as superuser`,
  );
  await client.end();
  expect(rows).toEqual([{ major: '18', superuser: 'on' }]);
});
