import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const s3Keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

export interface S3Server {
  readonly endpoint: string;
  /** How many objects it has. */
  count(): Promise<number>;
  close(): void;
}

/** A real S3 server as a process of its own, with a bucket `holdfast` in this folder. */
export async function startS3Server(directory: string): Promise<S3Server> {
  const script = fileURLToPath(new URL('s3-process.ts', import.meta.url));
  const server = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const endpoint = await new Promise<string>((resolve, reject) => {
    server.once('exit', () => reject(new Error('the S3 server did not start')));
    createInterface({ input: server.stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
  });
  return {
    endpoint,
    async count() {
      const names = await readdir(directory, { recursive: true });
      return names.filter((name) => name.endsWith('_object')).length;
    },
    close: () => void server.kill(),
  };
}
