import { readdirSync, readFileSync } from 'node:fs';

/** Processor time by process, in microseconds; the server's processes are known on Linux where its folder is. */
export type Cpu = { server: Map<string, number>; client: number };

const tickUs = 10_000;

export function cpuNow(cluster: string | undefined): Cpu {
  const { user, system } = process.cpuUsage();
  return { server: cluster === undefined ? new Map() : serverProcesses(cluster), client: user + system };
}

/**
 * What server and client used since. Beside other work on the machine rates say little; the processor time that a cycle
 * takes says the same each time.
 */
export function cpuSince(before: Cpu, after: Cpu): { server_us: number; client_us: number } {
  let server = 0;
  for (const [pid, used] of after.server) server += used - (before.server.get(pid) ?? 0);
  return { server_us: server, client_us: after.client - before.client };
}

function serverProcesses(cluster: string): Map<string, number> {
  const postmaster = readFileSync(`${cluster}/postmaster.pid`, 'utf8').split('\n')[0];
  const used = new Map<string, number>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const [, parent, ...fields] = statOf(pid);
    // user and system time
    if (parent === postmaster) used.set(pid, (Number(fields[9]) + Number(fields[10])) * tickUs);
  }
  return used;
}

/** The fields behind the program's name. */
function statOf(pid: string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    // it ended while we looked
    return [];
  }
}
