import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';

/** Nobody: Postgres refuses to run as root, and Holdfast never creates users on its host. */
const nobody = 65534;

/**
 * As whom the Postgres programs run.
 * - `self`: as the user who runs Holdfast.
 * - `user-namespace`: as root to the file system, but inside a user namespace in which root is called nobody.
 * - `uid`: as another user, whom root may become: nobody, or the owner of a cluster that exists.
 */
export type RunAs =
  | { readonly kind: 'self' }
  | { readonly kind: 'user-namespace' }
  | { readonly kind: 'uid'; readonly uid: number; readonly gid: number };

export type RunAsSetting = 'auto' | 'user-namespace' | 'uid';

/** `owner` is the owner of the cluster's files, where there already is one. */
export function chooseRunAs(setting: RunAsSetting, owner?: { uid: number; gid: number }): RunAs {
  if (process.getuid?.() !== 0) return { kind: 'self' };
  if (owner && owner.uid !== 0) return { kind: 'uid', uid: owner.uid, gid: owner.gid };
  if (setting === 'user-namespace' || (setting === 'auto' && userNamespacesWork()))
    return { kind: 'user-namespace' };
  return { kind: 'uid', uid: nobody, gid: nobody };
}

const unshare = ['--user', `--map-user=${nobody}`, `--map-group=${nobody}`, '--'];

function userNamespacesWork(): boolean {
  return spawnSync('unshare', [...unshare, 'true'], { stdio: 'ignore' }).status === 0;
}

/** Starts a program as `runAs` says, in its own session, so that a Ctrl-C in the terminal doesn't reach it. */
export function spawnAs(
  runAs: RunAs,
  file: string,
  args: readonly string[],
  options: { readonly stdio: StdioOptions; readonly environment: Readonly<Record<string, string>> },
): ChildProcess {
  const base = {
    stdio: options.stdio,
    detached: true,
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C', ...options.environment },
  };
  switch (runAs.kind) {
    case 'self':
      return spawn(file, args, base);
    case 'user-namespace':
      return spawn('unshare', [...unshare, file, ...args], base);
    case 'uid':
      return spawn(file, args, { ...base, uid: runAs.uid, gid: runAs.gid });
  }
}

/** Whether the user that `runAs` stands for gets at `path`; `mode` as in test(1): x to run or enter, w to write. */
export function canReach(runAs: RunAs, path: string, mode: 'x' | 'w'): boolean {
  if (runAs.kind !== 'uid') return true;
  return (
    spawnSync('test', [`-${mode}`, path], { uid: runAs.uid, gid: runAs.gid, cwd: '/', stdio: 'ignore' })
      .status === 0
  );
}
