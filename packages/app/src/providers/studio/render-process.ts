import { spawn } from 'node:child_process';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { StudioError } from './errors.ts';
import type { StudioErrorCode } from './errors.ts';
import { isRunning, killOrphan, startedAt } from './process-identity.ts';
import type { RenderedFile } from './render.ts';
import { framesOf, parseStudioRequest } from './request.ts';
import type { StudioRequest } from './request.ts';

/** Where an attempt keeps what it has; one folder per attempt, made and removed by the caller's `discardRender`. */
export const filesOf = (folder: string) => ({
  request: join(folder, 'request.json'),
  process: join(folder, 'process.json'),
  result: join(folder, 'result.json'),
  video: join(folder, 'output.mp4'),
  image: join(folder, 'output.jpg'),
  poster: join(folder, 'poster.jpg'),
});

export interface RenderProgress {
  readonly framesDone: number;
  readonly framesTotal: number;
}

/** A rendering that runs in a process of its own. */
export interface RenderJob {
  readonly folder: string;
  readonly progress: RenderProgress;
  /** Resolves with the file, or rejects with `StudioError`; always settles. May be called often. */
  wait(): Promise<RenderedFile>;
  /** Kills the process and its encoder; resolves when they are gone and nothing half-made is left. Harmless after the end. */
  abort(): Promise<void>;
}

export interface StartOptions {
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RenderProgress) => void;
}

type Outcome = { ok: true; file: RenderedFile } | { ok: false; code: StudioErrorCode; message: string };

/** What an attempt's folder tells after a restart. */
export type RenderState =
  | { readonly state: 'absent' }
  /** Asked for, and no process works on it: `resumeRender` does. */
  | { readonly state: 'interrupted' }
  | { readonly state: 'running'; readonly pid: number }
  | { readonly state: 'succeeded'; readonly file: RenderedFile }
  | { readonly state: 'failed'; readonly error: StudioError };

/**
 * Starts rendering beside this process, in its own process group and at a lower priority, so that the event loop stays free.
 * An orphan that still works in the folder is killed first; an attempt that already has its result is not made again.
 * Rejects with `InvalidInputError` before anything is written.
 */
export async function startRender(request: StudioRequest, options: StartOptions): Promise<RenderJob> {
  const job = parseStudioRequest(request);
  await mkdir(options.folder, { recursive: true });
  await writeWhole(filesOf(options.folder).request, JSON.stringify(job));
  return run(framesOf(job), options);
}

/** Goes on with an attempt from what its folder says: gives its result where there is one, begins again where it was cut off. Null where nothing was asked. */
export async function resumeRender(options: StartOptions): Promise<RenderJob | null> {
  const asked = await readJson(filesOf(options.folder).request);
  return asked === null ? null : run(framesOf(parseStudioRequest(asked)), options);
}

/** How an attempt stands, from its folder alone. */
export async function inspectRender(folder: string): Promise<RenderState> {
  const files = filesOf(folder);
  const outcome = (await readJson(files.result)) as Outcome | null;
  if (outcome) {
    return outcome.ok
      ? { state: 'succeeded', file: outcome.file }
      : { state: 'failed', error: new StudioError(outcome.code, outcome.message) };
  }
  if ((await readJson(files.request)) === null) return { state: 'absent' };
  const pid = await isRunning(files.process);
  return pid === null ? { state: 'interrupted' } : { state: 'running', pid };
}

/** Ends an attempt, whoever started it, and removes its folder. Idempotent. */
export async function discardRender(folder: string): Promise<void> {
  await killOrphan(filesOf(folder).process);
  await rm(folder, { recursive: true, force: true });
}

async function run(framesTotal: number, options: StartOptions): Promise<RenderJob> {
  const { folder, signal, onProgress } = options;
  const files = filesOf(folder);
  let progress: RenderProgress = { framesDone: 0, framesTotal };
  const before = await inspectRender(folder);
  if (before.state === 'succeeded') {
    return {
      folder,
      progress: { framesDone: framesTotal, framesTotal },
      wait: () => Promise.resolve(before.file),
      abort: () => Promise.resolve(),
    };
  }
  await killOrphan(files.process);
  await rm(files.result, { force: true });
  if (signal?.aborted) throw new StudioError('render_aborted', 'The rendering was ended before it began.');

  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('render-child.ts', import.meta.url)), folder],
    {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      // Frames are megabytes each: kept by the allocator, they are reused; given back and fetched anew, they cost more than drawing does.
      env: {
        ...process.env,
        NODE_NO_WARNINGS: '1',
        MALLOC_MMAP_THRESHOLD_: '1000000000',
        MALLOC_TRIM_THRESHOLD_: '10000000000',
      },
    },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-2000);
  });
  child.stdin.on('error', () => child.kill('SIGKILL'));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [done, total] = line.split('/').map(Number);
    if (done === undefined || total === undefined || !(done > progress.framesDone)) return;
    progress = { framesDone: done, framesTotal: total };
    onProgress?.(progress);
  });
  const killGroup = (): void => {
    if (child.pid !== undefined && child.exitCode === null) killQuietly(-child.pid);
  };
  let aborted = false;
  const onAbort = (): void => {
    aborted = true;
    killGroup();
  };
  signal?.addEventListener('abort', onAbort, { once: true });

  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      said += error.message;
      resolve();
    });
    child.on('close', () => resolve());
  });
  const finished = ended.then(async (): Promise<Outcome> => {
    signal?.removeEventListener('abort', onAbort);
    const outcome = (await readJson(files.result)) as Outcome | null;
    await rm(files.process, { force: true });
    if (outcome) return outcome;
    await removeHalfMade(folder);
    return aborted
      ? { ok: false, code: 'render_aborted', message: 'The rendering was ended.' }
      : {
          ok: false,
          code: 'render_failed',
          message: `The renderer stopped: ${said.trim() || 'it was killed'}`,
        };
  });
  if (child.pid !== undefined) {
    lowerPriority(child.pid);
    await writeWhole(
      files.process,
      JSON.stringify({ pid: child.pid, startedAt: await startedAt(child.pid) }),
    );
  }
  return {
    folder,
    get progress() {
      return progress;
    },
    async wait() {
      const outcome = await finished;
      if (outcome.ok) return outcome.file;
      throw new StudioError(outcome.code, outcome.message);
    },
    async abort() {
      onAbort();
      await finished;
    },
  };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, 5);
  } catch (error) {
    // It may have ended already, and some machines don't allow it: the rendering is the same either way.
    if (!['ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function removeHalfMade(folder: string): Promise<void> {
  const { video, image, poster } = filesOf(folder);
  const left = [video, image, poster].flatMap((file) => [file, `${file}.tmp`, `${file}.tmp.wav`]);
  await Promise.all(left.map((file) => rm(file, { force: true })));
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.tmp`, text, { flush: true });
  await rename(`${path}.tmp`, path);
}
