import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newToken } from '../ids.ts';
import { isAlive } from './postmaster.ts';

/** The processes that use the embedded Postgres: one file each, so that the last one to leave knows that it is. */
export interface Registration {
  leave(): void;
}

export function register(dataDirectory: string): Registration {
  const directory = join(dataDirectory, 'clients');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, `${process.pid}-${newToken()}`);
  writeFileSync(file, birth(process.pid), { mode: 0o600 });
  return { leave: () => rmSync(file, { force: true }) };
}

/** How many registered processes still live; what the dead left behind is removed. */
export function countClients(dataDirectory: string): number {
  const directory = join(dataDirectory, 'clients');
  let alive = 0;
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const pid = Number.parseInt(name, 10);
    const file = join(directory, name);
    if (isAlive(pid) && readFileSync(file, 'utf8') === birth(pid)) alive += 1;
    else rmSync(file, { force: true });
  }
  return alive;
}

/** When the process began, so that another one that was given its number later isn't taken for it. */
function birth(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return ''; // It ended, or there is no /proc here.
  }
}
