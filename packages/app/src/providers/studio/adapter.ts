import { createReadStream } from 'node:fs';
import { access, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InvalidInputError } from '../../platform/errors.ts';
import { ProviderError } from '../port.ts';
import type {
  Attempt,
  Capabilities,
  ErrorClass,
  Provider,
  ProviderOutput,
  RawProviderError,
  SubmitResult,
  TaskRef,
  TaskStatus,
} from '../port.ts';
import { StudioError } from './errors.ts';
import { discardRender, inspectRender, startRender } from './render-process.ts';
import type { RenderJob } from './render-process.ts';
import type { RenderedFile } from './render.ts';
import { toStudioRequest } from './to-request.ts';

export interface StudioOptions {
  /** Each attempt has a folder of its own in here; shared by the workers of one machine. */
  readonly workDirectory: string;
  /** Renders at once on one machine. */
  readonly concurrency: number;
}

type Outcome = { ok: true; file: RenderedFile } | { ok: false; error: RawProviderError };

interface Running {
  readonly job: RenderJob;
  outcome: Outcome | null;
}

/** Far beyond any generation's deadline. */
const forgotten_after_ms = 2 * 24 * 3_600_000;

/** Attempts' tokens are url-safe; nothing else may become the name of a folder. */
const token_shape = /^[A-Za-z0-9_-]{10,100}$/;

/**
 * The renderer that comes along, behind the port. A task's name is its attempt's token, and its files lie in a folder of that name: the same
 * attempt submitted twice is rendered once, and after a lost process it is rendered again. A task is known on its own machine alone.
 */
export function createStudioProvider(options: StudioOptions): Provider {
  const renders = new Map<string, Running>();
  let swept: Promise<void> | null = null;
  const capabilities: Capabilities = {
    idempotentSubmit: true,
    cancel: true,
    webhooks: false,
    balance: false,
    list: false,
    paid: false,
    concurrencyPerMachine: options.concurrency,
  };

  function folderOf(token: string): string {
    if (!token_shape.test(token)) throw new Error('an attempt is named by its token');
    return join(options.workDirectory, token);
  }

  async function submit(attempt: Attempt): Promise<SubmitResult> {
    const { token } = attempt;
    if (renders.has(token)) return { kind: 'accepted', taskId: token };
    try {
      await mkdir(options.workDirectory, { recursive: true, mode: 0o700 });
      await (swept ??= removeForgotten(options.workDirectory));
      const job = await startRender(toStudioRequest(attempt), { folder: folderOf(token) });
      const running: Running = { job, outcome: null };
      renders.set(token, running);
      job.wait().then(
        (file) => (running.outcome = { ok: true, file }),
        (error: unknown) => (running.outcome = { ok: false, error: rawOf(error) }),
      );
      return { kind: 'accepted', taskId: token };
    } catch (error) {
      // Where it could not be started, nothing was: this machine is the only one that could know better.
      return { kind: 'rejected', error: rawOf(error) };
    }
  }

  async function status(task: TaskRef): Promise<TaskStatus> {
    const running = renders.get(task.taskId);
    if (running === undefined) return statusOfFolder(folderOf(task.taskId));
    if (running.outcome === null) {
      const { framesDone, framesTotal } = running.job.progress;
      return { state: 'running', progress: framesTotal > 0 ? framesDone / framesTotal : null };
    }
    return statusOf(running.outcome);
  }

  /** Stops it, if it runs, and removes its folder. */
  async function discard(token: string): Promise<void> {
    await renders.get(token)?.job.abort();
    renders.delete(token);
    await discardRender(folderOf(token));
  }

  return {
    id: 'studio',
    capabilities,
    submit,
    status,
    discard,

    async cancel(task) {
      await discard(task.taskId);
      return 'cancelled';
    },

    async fetchOutput(output) {
      const path = fileURLToPath(output.url);
      try {
        await access(path);
      } catch (error) {
        throw new ProviderError(
          'studio',
          { code: 'output_gone', message: 'the rendered file is not on this machine' },
          { cause: error },
        );
      }
      return Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
    },

    classify: (error) => classes[error.code] ?? 'UNKNOWN',
  };
}

const classes: Readonly<Record<string, ErrorClass>> = {
  studio_input_invalid: 'USER_INPUT',
  text_not_drawable: 'USER_INPUT',
  photo_unreadable: 'USER_INPUT',
  render_aborted: 'TRANSIENT',
  render_failed: 'SYSTEM',
};

/** A worker that was killed between handing a film over and clearing up leaves a folder that nobody asks for again. */
async function removeForgotten(workDirectory: string): Promise<void> {
  const long_ago = Date.now() - forgotten_after_ms;
  for (const name of await readdir(workDirectory)) {
    const folder = join(workDirectory, name);
    if (token_shape.test(name) && (await stat(folder)).mtimeMs < long_ago) await discardRender(folder);
  }
}

/** What an earlier process left: a whole result counts; anything less is rendered anew. */
async function statusOfFolder(folder: string): Promise<TaskStatus> {
  const left = await inspectRender(folder);
  switch (left.state) {
    case 'succeeded':
      return statusOf({ ok: true, file: left.file });
    case 'failed':
      return statusOf({ ok: false, error: rawOf(left.error) });
    case 'absent':
    case 'interrupted':
    case 'running':
      return { state: 'gone' };
    default:
      throw new Error(`unknown state of a folder ${JSON.stringify(left satisfies never)}`);
  }
}

function statusOf(outcome: Outcome): TaskStatus {
  if (!outcome.ok) return { state: 'failed', error: outcome.error, actualCostUsd: null };
  const { kind, path, posterPath } = outcome.file;
  const output: ProviderOutput = {
    kind,
    url: pathToFileURL(path).href,
    posterUrl: posterPath === null ? null : pathToFileURL(posterPath).href,
  };
  return { state: 'succeeded', outputs: [output], actualCostUsd: null };
}

function rawOf(error: unknown): RawProviderError {
  if (error instanceof StudioError || error instanceof InvalidInputError) {
    return { code: error.code, message: error.message };
  }
  return { code: 'render_failed', message: error instanceof Error ? error.message : String(error) };
}
