import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { pack } from '../pack.ts';
import { createTestLedger, type TestLedger } from './support/database.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
let folder: string;
let tarball: string;
let t: TestLedger;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-package-'));
  tarball = await pack(folder);
  t = await createTestLedger(inject('adminUrl'), { clock: false });
});
afterAll(async () => {
  await t.close();
  await rm(folder, { recursive: true });
});

test('the packed package works in an empty project, from plain JavaScript', async () => {
  const project = join(folder, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }');
  await run('npm', ['install', '--silent', '--offline', '--no-audit', '--no-fund', tarball], {
    cwd: project,
  });
  // the caller brings the driver
  await symlink(join(root, 'node_modules/pg'), join(project, 'node_modules/pg'), 'dir');
  await writeFile(
    join(project, 'main.js'),
    `import pg from 'pg';
     import { createLedger, InsufficientCreditsError, migrateLedger } from '@holdfast/ledger';
     const admin = new pg.Pool({ connectionString: process.argv[2] });
     const version = await migrateLedger(admin, { ownerRole: 'ledger_owner', appRole: 'ledger_app' });
     await admin.end();
     const pool = new pg.Pool({ connectionString: process.argv[3] });
     const ledger = createLedger(pool);
     await ledger.openAccount({ account: 'ann' });
     await ledger.grant({ account: 'ann', key: 'welcome', amount: 100n, validFor: { months: 6 } });
     const { hold } = await ledger.placeHold({ account: 'ann', key: 'video 1', amount: 50n, leaseSeconds: 600 });
     const captured = await ledger.capture({ account: 'ann', key: 'video 1 done', hold: hold.id, amount: 42n });
     const refused = await ledger.placeHold({ account: 'ann', key: 'video 2', amount: 59n, leaseSeconds: 600 })
       .catch((error) => error instanceof InsufficientCreditsError && Number(error.shortfall));
     console.log(JSON.stringify({ version, left: Number(captured.balance.available), refused }));
     await pool.end();`,
  );
  const adminUrl = new URL(t.appUrl);
  const superuser = new URL(inject('adminUrl'));
  adminUrl.username = superuser.username;
  adminUrl.password = superuser.password;
  const { stdout } = await run(process.execPath, ['main.js', adminUrl.href, t.appUrl], { cwd: project });
  expect(JSON.parse(stdout)).toEqual({ version: expect.any(Number) as number, left: 58, refused: 1 });
}, 60_000);

test('publint and attw find nothing', async () => {
  const publint = await run(process.execPath, [
    join(root, 'node_modules/publint/src/cli.js'),
    tarball,
    '--strict',
  ]);
  expect(publint.stdout).toContain('All good');
  const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const { stdout } = await run(process.execPath, [
    attw,
    tarball,
    '--profile',
    'esm-only',
    '--format',
    'ascii',
    '--exclude-entrypoints',
    'schema.sql',
  ]);
  expect(stdout).toContain('node16 (from ESM): 🟢 (ESM)');
}, 60_000);
