import { readFile, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { dumpSchema } from '../../../../tools/dump-schema.ts';
import { migrateLedger } from '../../src/index.ts';

/** Writes sql/schema.sql, the committed picture of what the migrations make; `--check` compares instead. */
const file = new URL('../../sql/schema.sql', import.meta.url);
const client = new pg.Client({ connectionString: process.env['DATABASE_URL'] });
await client.connect();
await migrateLedger(client, { ownerRole: 'ledger_dump_owner' });
const dump = await dumpSchema(client, ['ledger']);
await client.end();
if (process.argv.includes('--check')) {
  if ((await readFile(file, 'utf8')) !== dump) {
    console.error('packages/ledger/sql/schema.sql is not what the migrations make: run npm run dump:ledger');
    process.exitCode = 1;
  }
} else {
  await writeFile(file, dump);
}
