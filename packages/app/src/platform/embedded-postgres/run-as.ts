import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { PostgresProblem } from './problems.ts';

/** Nobody: Postgres refuses to run as root, and Holdfast never creates users on its host. */
const nobody = 65534;

/** As whom the Postgres programs run. */
export interface RunAs {
  /** Another user than the one who runs Holdfast; only root can choose. */
  readonly other?: { readonly uid: number; readonly gid: number };
  /**
   * Inside a user namespace, in which the user is called nobody and stays itself to the file system: for root, as whom Postgres
   * refuses to run, and for a user without a name (usual in containers), as whom initdb does.
   */
  readonly namespace: boolean;
}

export type RunAsSetting = 'auto' | 'user-namespace' | 'uid';

/** `owner` owns the cluster, or the directory that it is to be made in. Root works as that owner, unless it is root too. */
export function chooseRunAs(setting: RunAsSetting, owner: { uid: number; gid: number }): RunAs {
  const uid = process.getuid?.();
  const other = uid === 0 && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : undefined;
  const user = other?.uid ?? uid;
  if (user === undefined) return { namespace: false };
  if (user !== 0 && hasName(user)) return { namespace: false, ...(other ? { other } : {}) };
  if (setting !== 'uid' && userNamespacesWork(other)) return { namespace: true, ...(other ? { other } : {}) };
  if (uid === 0) return { namespace: false, other: { uid: nobody, gid: nobody } };
  throw new PostgresProblem(
    'postgres_failed',
    `Postgres doesn't run as user ${user}, who has no name on this machine: add one to /etc/passwd, allow user namespaces, or set DATABASE_URL to a Postgres of yours.`,
  );
}

function hasName(uid: number): boolean {
  return spawnSync('id', ['-un', String(uid)], { stdio: 'ignore' }).status === 0;
}

const unshare = ['--user', `--map-user=${nobody}`, `--map-group=${nobody}`, '--'];

function userNamespacesWork(other: RunAs['other']): boolean {
  return spawnSync('unshare', [...unshare, 'true'], { stdio: 'ignore', cwd: '/', ...other }).status === 0;
}

/** Starts a program as `runAs` says, in its own session, so that a Ctrl-C in the terminal doesn't reach it. */
export function spawnAs(
  runAs: RunAs,
  file: string,
  args: readonly string[],
  options: { readonly stdio: StdioOptions; readonly environment: Readonly<Record<string, string>> },
): ChildProcess {
  const plain = { PATH: process.env.PATH, LC_ALL: 'C' };
  const base = { stdio: options.stdio, detached: true, cwd: '/', ...runAs.other };
  if (!runAs.namespace) return spawn(file, args, { ...base, env: { ...plain, ...options.environment } });
  // What Postgres' own libraries need is not for unshare's: it is set inside.
  const inside = Object.entries(options.environment).map(([name, value]) => `${name}=${value}`);
  return spawn('unshare', [...unshare, 'env', ...inside, file, ...args], { ...base, env: plain });
}

/** Whether the user that `runAs` stands for gets at `path`; `mode` as in test(1): x to run or enter, w to write. */
export function canReach(runAs: RunAs, path: string, mode: 'x' | 'w'): boolean {
  if (!runAs.other) return true;
  return spawnSync('test', [`-${mode}`, path], { ...runAs.other, cwd: '/', stdio: 'ignore' }).status === 0;
}

/** The user who must own what Postgres works on; undefined where there are no users. */
export function userOf(runAs: RunAs): number | undefined {
  return runAs.other?.uid ?? process.getuid?.();
}
