import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./server-process.ts', import.meta.url));

export interface Fleet {
  readonly size: number;
  /** Kills one by SIGKILL, wherever it stands, and starts it again at the same address. */
  kill(index: number): Promise<void>;
  stop(): Promise<void>;
}

/** Several servers over one database. */
export async function startFleet(envs: readonly Record<string, string>[]): Promise<Fleet> {
  const children = await Promise.all(envs.map(start));
  return {
    size: envs.length,
    async kill(index) {
      const child = children[index];
      const env = envs[index];
      if (!child || !env) return;
      await end(child, 'SIGKILL');
      children[index] = await start(env);
    },
    async stop() {
      await Promise.all(children.map((child) => end(child, 'SIGTERM')));
    },
  };
}

function start(env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'ready') resolve(child);
      else if (line.includes('"level":50') || line.includes('"level":60')) console.error(line);
    });
    child.once('exit', (code, signal) => reject(new Error(`a server ended with ${code ?? signal}`)));
  });
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
