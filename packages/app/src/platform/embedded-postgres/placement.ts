import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { arch, platform, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { copyBinaries } from './binaries.ts';
import type { Binaries } from './binaries.ts';
import { fileProblem, outputProblem, PostgresProblem } from './problems.ts';
import { makePrivateDirectory } from './cluster.ts';
import { canReach, chooseRunAs, userOf } from './run-as.ts';
import type { RunAs, RunAsSetting } from './run-as.ts';

/** The longest path of a unix socket is 107 bytes, and Postgres adds /.s.PGSQL.5432.lock to the directory. */
const socket_directory_limit_bytes = 107 - '/.s.PGSQL.65535.lock'.length;
const shared_place = '/var/lib/holdfast';

/** What is kept in the data directory as postgres.json. Paths are there only when they lead out of it: it may be moved. */
interface Note {
  readonly machine: string;
  readonly created: boolean;
  readonly cluster?: string;
  readonly socketDirectory?: string;
}

export interface Placement {
  readonly cluster: string;
  readonly socketDirectory: string;
  readonly runAs: RunAs;
  readonly binaries: Binaries;
  /** To be called when the cluster has been made: from then on it is never made again in silence. */
  noteCreated(): void;
}

/** Decides where the cluster lives and who runs it. Must be called by one process at a time. */
export function settlePlacement(
  dataDirectory: string,
  found: Binaries,
  setting: RunAsSetting,
  say: (sentence: string) => void,
): Placement {
  const file = join(dataDirectory, 'postgres.json');
  const known = read(file);
  const machine = `${platform()}-${arch()}`;
  const usual = known?.cluster ?? join(dataDirectory, 'postgres');
  if (known) checkNote(known, machine, dataDirectory, usual);
  try {
    const runAs = chooseRunAs(setting, statSync(existsSync(usual) ? usual : dataDirectory));
    if (runAs.other) letPass(dataDirectory, runAs.other);
    const cluster = clusterPlace(usual, dataDirectory, runAs, say);
    const socketDirectory = socketPlace(known?.socketDirectory, dataDirectory, runAs);
    const note: Note = {
      machine,
      created: known?.created ?? false,
      ...(dirname(cluster) === dataDirectory ? {} : { cluster }),
      ...(dirname(socketDirectory) === dataDirectory ? {} : { socketDirectory }),
    };
    if (JSON.stringify(known) !== JSON.stringify(note)) write(file, note);
    const reachable =
      canReach(runAs, join(found.root, 'bin/postgres'), 'x') &&
      canReach(runAs, join(found.root, 'share'), 'x');
    return {
      cluster,
      socketDirectory,
      runAs,
      binaries: reachable ? found : copyBinaries(found, shared_place),
      noteCreated: () => write(file, { ...note, created: true }),
    };
  } catch (error) {
    throw fileProblem(error, dataDirectory);
  }
}

/** Where a data directory's cluster and socket are; undefined where it never had any. */
export function findPlacement(
  dataDirectory: string,
): { readonly cluster: string; readonly socketDirectory: string } | undefined {
  const known = read(join(dataDirectory, 'postgres.json'));
  return (
    known && {
      cluster: known.cluster ?? join(dataDirectory, 'postgres'),
      socketDirectory: known.socketDirectory ?? join(dataDirectory, 'socket'),
    }
  );
}

/** Lets Postgres' user through root's directory, and nobody else: what lies beside the cluster may be open to all. */
function letPass(dataDirectory: string, user: { readonly uid: number; readonly gid: number }): void {
  const { uid } = statSync(dataDirectory);
  if (uid === user.uid) return;
  chownSync(dataDirectory, uid, user.gid);
  chmodSync(dataDirectory, 0o710);
}

function checkNote(known: Note, machine: string, dataDirectory: string, cluster: string): void {
  if (known.machine !== machine) {
    throw new PostgresProblem(
      'postgres_other_machine',
      `The database of ${dataDirectory} was made on ${known.machine} and this machine is ${machine}: make a backup there with "holdfast backup <file>" and restore it here into a new HOLDFAST_DATA_DIR.`,
    );
  }
  if (known.created && !existsSync(join(dataDirectory, 'postgres-password'))) {
    throw new PostgresProblem(
      'postgres_damaged',
      `The password of the database (${join(dataDirectory, 'postgres-password')}) is gone: put it back, or restore a backup into a new HOLDFAST_DATA_DIR.`,
    );
  }
  if (known.created && !existsSync(cluster)) {
    throw new PostgresProblem(
      'postgres_damaged',
      `The database of ${dataDirectory} was in ${cluster} and is gone: put it back, or restore a backup into a new HOLDFAST_DATA_DIR.`,
    );
  }
}

function clusterPlace(
  usual: string,
  dataDirectory: string,
  runAs: RunAs,
  say: (sentence: string) => void,
): string {
  if (canReach(runAs, dirname(usual), 'x')) return usual;
  // Postgres' user can't pass one of the directories above, such as a home of mode 700.
  const name = basename(dirname(dataDirectory)).replaceAll(/[^A-Za-z0-9_-]/g, '') || 'project';
  // By chance, not by path: what a data directory that was removed left behind is never taken for a new one's.
  const key = randomBytes(4).toString('hex');
  const place = join(shared_place, `${name}-${key}`);
  mkdirSync(place, { recursive: true });
  for (const folder of [shared_place, place]) chmodSync(folder, 0o755);
  const cluster = join(place, 'postgres');
  if (existsSync(usual) && !existsSync(cluster)) moveTree(usual, cluster);
  say(
    `Postgres can't run as root, and the user it runs as instead can't reach ${dataDirectory}: the database is kept in ${place}.`,
  );
  return cluster;
}

function moveTree(from: string, to: string): void {
  const result = spawnSync('mv', [from, to], { encoding: 'utf8' });
  if (result.status !== 0) throw outputProblem(result.stderr, to);
}

function socketPlace(known: string | undefined, dataDirectory: string, runAs: RunAs): string {
  const usual = join(dataDirectory, 'socket');
  const plain = /^[A-Za-z0-9/._-]+$/.test(usual);
  const short = Buffer.byteLength(usual) <= socket_directory_limit_bytes;
  if (plain && short && canReach(runAs, dataDirectory, 'x')) {
    makePrivateDirectory(runAs, usual);
    return usual;
  }
  if (known !== undefined && existsSync(known) && isOurs(known, runAs)) return known;
  const made = mkdtempSync(join(plainTemporaryDirectory(), 'holdfast-'));
  makePrivateDirectory(runAs, made);
  return made;
}

/** A name in the machine's temporary directory may have been lost and be somebody else's by now. */
function isOurs(path: string, runAs: RunAs): boolean {
  const { uid, mode } = statSync(path);
  return uid === userOf(runAs) && (mode & 0o077) === 0;
}

function plainTemporaryDirectory(): string {
  const wanted = tmpdir();
  return /^[A-Za-z0-9/._-]{1,60}$/.test(wanted) ? wanted : '/tmp';
}

function read(file: string): Note | undefined {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')) as Note;
}

function write(file: string, note: Note): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(note)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
