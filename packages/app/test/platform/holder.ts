import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { isPostgres, killPostmaster } from '../../src/platform/embedded-postgres/postmaster.ts';

const script = fileURLToPath(new URL('hold-postgres.ts', import.meta.url));

export interface Line {
  url?: string;
  cluster?: string;
  said?: string;
  code?: string;
  message?: string;
  closed?: boolean;
}

/** A process that uses the embedded Postgres of a data directory. */
export class Holder {
  readonly process: ChildProcess;
  readonly lines: Line[] = [];
  readonly #closed: Promise<unknown>;
  #stderr = '';

  /** `wrap` runs the process inside another program, such as unshare. */
  constructor(
    dataDirectory: string,
    options: { as?: string; uid?: number; wrap?: readonly string[]; umask?: string; home?: string } = {},
  ) {
    const umask = options.umask === undefined ? [] : ['sh', '-c', `umask ${options.umask}; exec "$@"`, 'sh'];
    const before = [...(options.wrap ?? []), ...umask];
    const command = [...before, process.execPath, script, dataDirectory, options.as ?? 'auto'];
    this.process = spawn('env', command, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    const out = createInterface({ input: this.process.stdout as NodeJS.ReadableStream });
    out.on('line', (line) => this.lines.push(JSON.parse(line) as Line));
    this.process.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.#closed = Promise.all([once(this.process, 'exit'), once(out, 'close')]);
    this.#out = out;
  }

  readonly #out: ReturnType<typeof createInterface>;

  /** Waits until a line with this field has come. */
  async line<Key extends keyof Line>(field: Key): Promise<NonNullable<Line[Key]>> {
    for (;;) {
      const found = this.lines.find((line) => line[field] !== undefined)?.[field];
      if (found !== undefined) return found;
      const more = await Promise.race([
        once(this.#out, 'line').then(() => true),
        this.#closed.then(() => false),
      ]);
      if (!more && !this.lines.some((line) => line[field] !== undefined)) {
        throw new Error(`It ended without ${field}: ${JSON.stringify(this.lines)} ${this.#stderr}`);
      }
    }
  }

  async end(how: 'stdin' | NodeJS.Signals = 'stdin'): Promise<void> {
    if (how === 'stdin') this.process.stdin?.end();
    else this.process.kill(how);
    await this.#closed;
  }
}

/** Runs one query; the error if it can't. */
export async function ask(url: string, sql = 'select 1 as answer'): Promise<unknown> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {}); // The query or `connect` says the same.
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

/** Asks until it answers: for a server that is being started again. */
export async function askUntil(url: string, within_ms: number): Promise<unknown> {
  const deadline = Date.now() + within_ms;
  for (;;) {
    try {
      return await ask(url);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

export function postmasterPid(cluster: string): number {
  return Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

export function runs(pid: number): boolean {
  return isPostgres(pid);
}

/** What can be tried depends on who runs the tests, and where: root can be anyone, anyone else is only themselves. */
export const isRoot = process.getuid?.() === 0;

/** A user without a name on this machine. */
export const somebody = 12_345;

/** Whether another user can run the tests' own scripts: not where the project lies in a home of mode 700. */
export const scriptsArePublic =
  spawnSync('test', ['-r', import.meta.filename], { uid: isRoot ? somebody : undefined }).status === 0;
export const hasNamespaces = succeeds('unshare', '--user', '--map-user=65534', 'true');

/** A mount of one's own, seen by nobody else: `unshare` with these, then `sh -c '<mounts>; exec "$@"' sh` and the program. */
export const ownMounts = ['unshare', ...(isRoot ? [] : ['--user', '--map-root-user']), '--mount'];
export const hasOwnMounts = succeeds(...ownMounts, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt');

function succeeds(file = '', ...args: string[]): boolean {
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0;
}

/** A folder for one test (swept by the next run, should this one be killed), gone afterwards together with any Postgres that a failed test left in it. */
export function temporaryFolder(parent = tmpdir()): { path: string; remove: (clusters?: string[]) => void } {
  const path = mkdtempSync(join(parent, `holdfast-temporary-${process.pid}-`));
  // Other users, such as Postgres', may pass; what is to be closed to them closes itself.
  chmodSync(path, 0o755);
  return {
    path,
    remove: (clusters = []) => {
      for (const cluster of clusters) {
        killPostmaster(cluster);
        rmSync(cluster, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      }
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}
