import { getConstructionPlans, getMigrationPlans, PgBoss } from 'pg-boss';
import packageJson from 'pg-boss/package.json' with { type: 'json' };
import type pg from 'pg';
import { queues } from '../queues.ts';
import { newerSchema } from './app-schema.ts';

export const queue_schema_version: number = packageJson.pgboss.schema;

/** Brings pg-boss' schema to the version of the installed pg-boss and makes the queues, as the owner. */
export async function migrateQueue(client: pg.ClientBase): Promise<void> {
  const version = await installedVersion(client);
  if (version === undefined) await client.query(getConstructionPlans('pgboss', { createSchema: false }));
  else if (version > queue_schema_version) throw newerSchema(`queue schema ${version}`);
  else if (version < queue_schema_version) await client.query(getMigrationPlans('pgboss', version));
  await makeQueues(client);
}

async function installedVersion(client: pg.ClientBase): Promise<number | undefined> {
  const { rows } = await client.query<{ found: boolean }>(
    `select to_regclass('pgboss.version') is not null as found`,
  );
  if (!rows[0]?.found) return undefined;
  const versions = await client.query<{ version: number }>('select version from pgboss.version');
  return Number(versions.rows[0]?.version);
}

async function makeQueues(client: pg.ClientBase): Promise<void> {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => client.query(text, values) },
    schema: 'pgboss',
    migrate: false,
    supervise: false,
    schedule: false,
  });
  const failures: Error[] = [];
  boss.on('error', (error) => failures.push(error));
  await boss.start();
  try {
    for (const { name, ...options } of queues) {
      if (await boss.getQueue(name)) {
        const changes: Record<string, unknown> = { ...options };
        // These two are for life: pg-boss refuses them in an update.
        delete changes.policy;
        delete changes.partition;
        await boss.updateQueue(name, changes);
      } else await boss.createQueue(name, options);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  if (failures[0]) throw failures[0];
}
