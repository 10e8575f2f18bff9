import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Failpoint } from '../../src/generations/failpoint.ts';
import type { LogLevel } from '../../src/platform/logger.ts';
import type { Capabilities } from '../../src/providers/port.ts';

export interface WorkerSetup {
  readonly databaseUrl: string;
  readonly serviceUrl: string;
  readonly storageDirectory: string;
  readonly machine: string;
  readonly capabilities: Partial<Capabilities>;
  readonly logLevel: LogLevel;
}

/** How a test tells a process what to work with. */
export const workerSetup = {
  write: (setup: WorkerSetup): Record<string, string> => ({ TEST_SETUP: JSON.stringify(setup) }),
  read: (): WorkerSetup => JSON.parse(process.env['TEST_SETUP'] ?? '{}') as WorkerSetup,
};

export interface ChildProcess {
  readonly pid: number;
  /** Resolves when it says that it works; rejects when it ends before. */
  readonly ready: Promise<void>;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** What it has said, line by line. */
  readonly lines: readonly string[];
  kill(signal: NodeJS.Signals): void;
}

/** Runs a script of this folder; with `failpoint` it kills itself there by SIGKILL. */
export function startProcess(
  script: 'worker-process.ts' | 'accept-process.ts',
  options: { setup: WorkerSetup; failpoint?: Failpoint; args?: readonly string[] },
): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...(options.args ?? [])], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      ...workerSetup.write(options.setup),
      ...(options.failpoint === undefined ? {} : { TEST_FAILPOINT: options.failpoint }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (line === 'ready') resolve();
      });
    }
    void ended.then(({ code, signal }) =>
      reject(new Error(`the process ended with ${code ?? signal}:\n${lines.join('\n')}`)),
    );
  });
  // Whoever waits for its end instead needn't hear of this.
  ready.catch(() => undefined);
  return { pid: child.pid ?? 0, ready, ended, lines, kill: (signal) => void child.kill(signal) };
}
