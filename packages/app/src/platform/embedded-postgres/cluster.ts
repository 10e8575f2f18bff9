import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { newToken } from '../ids.ts';
import type { Binaries } from './binaries.ts';
import { fileProblem, outputProblem, PostgresProblem } from './problems.ts';
import { spawnAs } from './run-as.ts';
import type { RunAs } from './run-as.ts';

/** The name of the superuser that Holdfast makes in its own Postgres. */
export const adminName = 'holdfast_admin';

/** Refuses a cluster that these programs can't work on. */
export function checkCluster(cluster: string, binaries: Binaries): 'missing' | 'ours' {
  if (!existsSync(cluster)) return 'missing';
  const versionFile = join(cluster, 'PG_VERSION');
  if (!existsSync(versionFile)) {
    if (readdirSync(cluster).length === 0) return 'missing';
    throw new PostgresProblem(
      'postgres_damaged',
      `${cluster} is not a database of Holdfast's (its PG_VERSION is missing): restore a backup into a new HOLDFAST_DATA_DIR.`,
    );
  }
  const version = readFileSync(versionFile, 'utf8').trim();
  if (version !== binaries.major) {
    throw new PostgresProblem(
      'postgres_other_version',
      `The database in ${cluster} belongs to Postgres ${version}, and this Holdfast brings Postgres ${binaries.major}: make a backup with the Holdfast that wrote it ("holdfast backup <file>") and restore it with this one into a new HOLDFAST_DATA_DIR ("holdfast restore <file>").`,
    );
  }
  return 'ours';
}

/**
 * Makes a new cluster: in a draft beside its place first, so that a crash half way leaves nothing that looks whole.
 * Must be called by one process at a time.
 */
export async function createCluster(options: {
  readonly cluster: string;
  readonly binaries: Binaries;
  readonly runAs: RunAs;
  readonly password: string;
  readonly durability: 'full' | 'none';
}): Promise<void> {
  const { cluster, binaries, runAs } = options;
  const parent = dirname(cluster);
  const draft = `${cluster}.new-${newToken()}`;
  const passwordFile = `${cluster}.password`;
  try {
    removeDrafts(cluster);
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    writeFileSync(passwordFile, options.password, { mode: 0o600 });
    giveTo(runAs, draft);
    giveTo(runAs, passwordFile);
    const child = spawnAs(
      runAs,
      join(binaries.root, 'bin/initdb'),
      initdbArguments(draft, passwordFile, options.durability),
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        environment: binaries.environment,
      },
    );
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    const [code, out, problems] = await Promise.all([
      ended,
      child.stdout ? text(child.stdout) : '',
      child.stderr ? text(child.stderr) : '',
    ]);
    if (code !== 0) throw outputProblem(`${out}\n${problems}`, parent);
    renameSync(draft, cluster);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw fileProblem(error, parent);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Left by processes that were killed; an initdb of theirs may still be writing, and gives up when its files are gone. */
function removeDrafts(cluster: string): void {
  const parent = dirname(cluster);
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(`${basename(cluster)}.new-`)) continue;
    rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

function initdbArguments(draft: string, passwordFile: string, durability: 'full' | 'none'): string[] {
  return [
    ['-D', draft],
    ['-U', adminName],
    [`--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-instructions'],
    // The order of texts is Postgres' own and not the machine's C library's: an update of that would break indexes.
    ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    durability === 'none' ? ['--no-sync', '--no-data-checksums'] : [],
  ].flat();
}

/** Gives a file or directory of root's to the user that Postgres runs as. */
export function giveTo(runAs: RunAs, path: string): void {
  if (runAs.other) chownSync(path, runAs.other.uid, runAs.other.gid);
}

/** Gives a whole cluster to the user that Postgres runs as, where it belongs to another; only root can. */
export function giveClusterTo(runAs: RunAs, cluster: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = runAs.other ?? { uid: 0, gid: 0 };
  if (statSync(cluster).uid === uid) return;
  const result = spawnSync('chown', ['-R', `${uid}:${gid}`, cluster], { encoding: 'utf8' });
  if (result.status !== 0) throw outputProblem(result.stderr, cluster);
}

/** A directory for the socket that only Postgres' user (and root) can enter. */
export function makePrivateDirectory(runAs: RunAs, path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  giveTo(runAs, path);
}
