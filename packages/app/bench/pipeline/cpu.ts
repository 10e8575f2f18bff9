import type { Database } from '../../src/platform/database.ts';
import { readFileSync, readdirSync } from 'node:fs';

/** What a stretch of work took of the machine's processors, in milliseconds: a figure that other processes' work does not spoil as it does the time. */
export interface Cpu {
  readonly node: number;
  readonly postgres: number;
}

const ms_per_tick = 10;

/** Gives null where there is no /proc to read it from. */
export async function createCpuClock(db: Database): Promise<() => Cpu | null> {
  const { rows } = await db.query<{ pid: number }>('select pg_backend_pid() as pid');
  const postmasterPid = readStat(String(rows[0]?.pid))?.parent ?? 0;
  return () => {
    try {
      const { user, system } = process.cpuUsage();
      return { node: (user + system) / 1000, postgres: ticksBelow(postmasterPid) * ms_per_tick };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  };
}

/** Of a process, of its children, and of those that have ended. */
function ticksBelow(pid: number): number {
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(name);
    if (stat === null) continue;
    if (stat.pid === pid) ticks += stat.own + stat.ended;
    else if (stat.parent === pid) ticks += stat.own;
  }
  return ticks;
}

function readStat(name: string): { pid: number; parent: number; own: number; ended: number } | null {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0, user = 0, system = 0, endedUser = 0, endedSystem = 0] = [1, 11, 12, 13, 14].map(
      (index) => fields[index],
    );
    return { pid: Number(name), parent, own: user + system, ended: endedUser + endedSystem };
  } catch {
    // It has ended since.
    return null;
  }
}
