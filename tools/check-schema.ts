import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../packages/app/src/platform/migrate.ts';
import { dumpSchema } from './dump-schema.ts';
import { temporaryPostgres } from './temporary-postgres.ts';

/**
 * Compares what the migrations make with the committed dumps, so that a change of the schema is seen whole when it is reviewed.
 * `--write` writes them anew.
 */
const dumps = [
  { file: 'packages/ledger/sql/schema.sql', schemas: ['ledger'] },
  { file: 'packages/app/sql/schema.sql', schemas: ['auth', 'holdfast'] },
];

async function dumpAll(): Promise<string[]> {
  const postgres = await temporaryPostgres('none');
  try {
    const ownerUrl = postgres.adminUrl('postgres');
    await migrate({ ownerUrl });
    const client = new pg.Client({ connectionString: ownerUrl });
    await client.connect();
    const texts: string[] = [];
    for (const { schemas } of dumps) texts.push(await dumpSchema(client, schemas));
    await client.end();
    return texts;
  } finally {
    await postgres.close();
  }
}

async function main(write: boolean): Promise<void> {
  const texts = await dumpAll();
  for (const [index, { file }] of dumps.entries()) {
    const path = join(import.meta.dirname, '..', file);
    const text = texts[index] ?? '';
    if (write) writeFileSync(path, text);
    else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
      console.error(`${file} is not what the migrations make: run "npm run schema" and commit it.`);
      process.exitCode = 1;
    }
  }
}

await main(process.argv.includes('--write'));
