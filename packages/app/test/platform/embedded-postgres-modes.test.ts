import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  ask,
  hasNamespaces,
  hasOwnMounts,
  Holder,
  isRoot,
  ownMounts,
  postmasterPid,
  runs,
  scriptsArePublic,
  somebody,
  temporaryFolder,
} from './holder.ts';

const nobody = 65_534;

let folder: ReturnType<typeof temporaryFolder>;
let holders: Holder[];
let clusters: string[];

beforeEach(() => {
  folder = temporaryFolder();
  holders = [];
  clusters = [];
});

afterEach(async () => {
  await Promise.all(holders.map((holder) => holder.end('SIGTERM')));
  folder.remove(clusters);
});

function hold(...args: ConstructorParameters<typeof Holder>): Holder {
  const holder = new Holder(...args);
  holders.push(holder);
  return holder;
}

/** The folder that is made for a cluster which can't be in the data directory. */
function placeOf(cluster: string): string[] {
  return cluster.startsWith('/var/lib/holdfast/') ? [dirname(cluster)] : [];
}

/** Starts, asks, stops, starts again and finds what was written. */
async function workThrough(...args: ConstructorParameters<typeof Holder>): Promise<Holder> {
  const first = hold(...args);
  const cluster = await first.line('cluster');
  clusters.push(cluster, ...placeOf(cluster));
  await ask(await first.line('url'), 'create table kept as select 42 as answer');
  const pid = postmasterPid(cluster);
  await first.end('SIGTERM');
  expect(runs(pid)).toBe(false);
  const second = hold(...args);
  expect(await ask(await second.line('url'), 'select answer from kept')).toBe(42);
  return first;
}

const shapes = isRoot ? ['auto', 'uid'] : ['auto'];
/** Whether Postgres runs as nobody, who can't do what root can. */
const isNobody = (as: string) => isRoot && (as === 'uid' || !hasNamespaces);
const elsewhere =
  /^Postgres can't run as root, .* the database is kept in \/var\/lib\/holdfast\/home-[0-9a-f]{8}\.$/;

test.each(shapes)('it works as whoever runs the tests (%s)', async (as) => {
  const holder = await workThrough(join(folder.path, '.holdfast'), { as });
  expect(holder.lines.at(-1)).toEqual({ closed: true });
});

test.each(shapes)('it works under a directory of mode 700, with umask 077 (%s)', async (as) => {
  chmodSync(folder.path, 0o700);
  const holder = await workThrough(join(folder.path, 'home', '.holdfast'), { as, umask: '077' });
  const said = holder.lines.flatMap((line) => line.said ?? []);
  expect(said.filter((sentence) => elsewhere.test(sentence))).toHaveLength(isNobody(as) ? 1 : 0);
});

test.each(shapes)(
  'a data directory that was removed leaves nothing in the way of a new one (%s)',
  async (as) => {
    chmodSync(folder.path, 0o700);
    const data = join(folder.path, 'home', '.holdfast');
    await workThrough(data, { as });
    await Promise.all(holders.map((holder) => holder.end('SIGTERM')));
    rmSync(data, { recursive: true });
    const again = await workThrough(data, { as });
    expect(await again.line('url')).toContain('postgresql://');
  },
);

test.each(shapes)('it works where the path has spaces and is too long for a socket (%s)', async (as) => {
  const long = join(folder.path, 'with spaces, a comma and "quotes"', 'x'.repeat(100));
  await workThrough(join(long, '.holdfast'), { as });
  const again = hold(join(long, '.holdfast'), { as });
  const directory = decodeURIComponent(new URL(await again.line('url')).hostname);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

/** One with a name everywhere, and one without, who needs a namespace. */
const users = !isRoot || !scriptsArePublic ? [] : hasNamespaces ? [1, somebody] : [1];

/** A home of mode 700 that belongs to somebody without a name on this machine, as is usual in containers. */
function homeOfSomebody(): string {
  const home = join(folder.path, 'home');
  mkdirSync(home);
  chownSync(home, somebody, somebody);
  chmodSync(home, 0o700);
  return home;
}

test.each(users)('it works as a normal user (%i)', async (uid) => {
  const home = homeOfSomebody();
  chownSync(home, uid, uid);
  const holder = await workThrough(join(home, '.holdfast'), { uid });
  expect(holder.lines.at(-1)).toEqual({ closed: true });
});

test.each(users)("root in a user's directory works for that user (%i)", async (uid) => {
  const data = join(homeOfSomebody(), '.holdfast');
  mkdirSync(data);
  for (const path of [join(data, '..'), data]) chownSync(path, uid, uid);
  const root = hold(data);
  await ask(await root.line('url'), 'create table kept as select 42 as answer');
  const user = hold(data, { uid });
  expect(await ask(await user.line('url'), 'select answer from kept')).toBe(42);
  await root.end('SIGTERM');
  await user.end('SIGTERM');
  const again = hold(data, { uid });
  expect(await ask(await again.line('url'), 'select answer from kept')).toBe(42);
});

test.each(shapes)('no other user gets in, by the socket or otherwise (%s)', async (as) => {
  const holder = hold(join(folder.path, '.holdfast'), { as });
  const url = new URL(await holder.line('url'));
  clusters.push(await holder.line('cluster'));
  const directory = decodeURIComponent(url.hostname);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder.path, '.holdfast')).mode & 0o007).toBe(0);
  expect(statSync(await holder.line('cluster')).mode & 0o077).toBe(0);
  expect(statSync(join(folder.path, '.holdfast', 'postgres-password')).mode & 0o077).toBe(0);
  expect(existsSync(join(directory, '.s.PGSQL.5432'))).toBe(true);
  // Whoever gets at the socket, such as another program that runs as nobody, still needs the password.
  url.password = 'guessed';
  await expect(ask(url.href)).rejects.toThrow(/password authentication failed/);
  for (const uid of isRoot ? [somebody, ...(isNobody(as) ? [] : [nobody])] : []) {
    expect(spawnSync('test', ['-x', directory], { uid, gid: uid }).status).toBe(1);
  }
  const listening = await ask(await holder.line('url'), `select current_setting('listen_addresses')`);
  expect(listening).toBe('');
});

test.each(isRoot && hasNamespaces ? ['user-namespace', 'uid'] : [])(
  'a cluster made the other way is taken over (%s)',
  async (as) => {
    const data = join(folder.path, 'project', '.holdfast');
    const other = as === 'uid' ? 'user-namespace' : 'uid';
    const before = hold(data, { as: other });
    await ask(await before.line('url'), 'create table kept as select 42 as answer');
    clusters.push(await before.line('cluster'));
    await before.end('SIGTERM');
    if (as === 'uid') chmodSync(folder.path, 0o700);
    const after = hold(data, { as });
    clusters.push(await after.line('cluster'), ...placeOf(await after.line('cluster')));
    expect(await ask(await after.line('url'), 'select answer from kept')).toBe(42);
  },
);

test.each(isRoot && hasOwnMounts ? shapes : [])(
  'it works where neither /proc nor shared memory is mounted, as in a bare chroot (%s)',
  async (as) => {
    const hide = 'mount -t tmpfs -o ro,size=4k tmpfs /dev/shm; mount -t tmpfs tmpfs /proc; exec "$@"';
    const holder = hold(join(folder.path, '.holdfast'), {
      as,
      wrap: [...ownMounts, 'sh', '-c', hide, 'sh'],
    });
    expect(await ask(await holder.line('url'))).toBe(1);
    clusters.push(await holder.line('cluster'));
    await holder.end('SIGTERM');
    expect(holder.lines.at(-1)).toEqual({ closed: true });
    expect(existsSync(join(await holder.line('cluster'), 'postmaster.pid'))).toBe(false);
  },
);
