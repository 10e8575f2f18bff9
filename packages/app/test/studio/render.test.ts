import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examineMedia } from '../../src/platform/media/probe.ts';
import { startedAt } from '../../src/providers/studio/process-identity.ts';
import {
  discardRender,
  filesOf,
  inspectRender,
  resumeRender,
  startRender,
} from '../../src/providers/studio/render-process.ts';
import type { RenderJob } from '../../src/providers/studio/render-process.ts';
import type { StudioRequest } from '../../src/providers/studio/request.ts';
import { photo } from './frames.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'holdfast-studio-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const quick: StudioRequest & { make: 'video_prompt' } = {
  make: 'video_prompt',
  prompt: 'Holdfast',
  style: 'echo',
  seconds: 3,
  shape: '1:1',
};

/** Resolves once the job has drawn some frames: from there on its process and its encoder both work. */
async function underWay(job: RenderJob, progressed: Promise<void>): Promise<void> {
  await Promise.race([progressed, job.wait()]);
}

async function startAndWaitForFrames(folder: string, signal?: AbortSignal): Promise<RenderJob> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const job = await startRender(
    { ...quick, seconds: 15 },
    { folder, signal, onProgress: ({ framesDone }) => framesDone > 3 && resolve() },
  );
  await underWay(job, promise);
  return job;
}

/** The encoder's process; none where the system doesn't tell. */
async function childrenOf(pid: number): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  expect(list.trim()).not.toBe('');
  return list.trim().split(' ').map(Number);
}

test.each<[string, StudioRequest, { width: number; height: number; durationMs: number }]>([
  ['a square of 3 s', quick, { width: 720, height: 720, durationMs: 3000 }],
  [
    'upright, 4.2 s',
    { ...quick, style: 'poster', shape: '9:16', seconds: 4.2 },
    { width: 720, height: 1280, durationMs: 4200 },
  ],
  [
    'lying, from a photo',
    {
      make: 'video_neurocard',
      photo,
      name: 'Allium',
      price: '$9',
      sellingPoints: ['Hardy'],
      seconds: 3,
      shape: '16:9',
    },
    { width: 1280, height: 720, durationMs: 3000 },
  ],
  [
    '1080 wide',
    { make: 'video_reels', photo, prompt: 'The garden remembers', seconds: 3, shape: '1:1', quality: 'pro' },
    { width: 1080, height: 1080, durationMs: 3000 },
  ],
])('%s: plays, with sound and a poster, exactly as long as asked', async (name, request, expected) => {
  const folder = join(root, name.replaceAll(/\W/g, '-'));
  const seen: number[] = [];
  const job = await startRender(request, { folder, onProgress: ({ framesDone }) => seen.push(framesDone) });
  const file = await job.wait();
  expect(await examineMedia(file.path)).toMatchObject({
    plays: true,
    facts: {
      ...expected,
      kind: 'video',
      contentType: 'video/mp4',
      videoCodec: 'avc',
      audioCodec: 'aac',
      faststart: true,
    },
  });
  expect(file).toMatchObject({
    frames: (expected.durationMs * 30) / 1000,
    durationSeconds: expected.durationMs / 1000,
  });
  expect(file.bytes).toBe((await stat(file.path)).size);
  expect(await examineMedia(file.posterPath ?? '')).toMatchObject({
    plays: true,
    facts: { kind: 'image', width: expected.width },
  });
  expect(seen.length).toBeGreaterThan(10);
  expect(seen).toEqual(seen.toSorted((one, two) => one - two));
  expect(job.progress).toEqual({ framesDone: file.frames, framesTotal: file.frames });
  expect((await readdir(folder)).toSorted()).toEqual([
    'output.mp4',
    'poster.jpg',
    'request.json',
    'result.json',
  ]);
});

test.each<[string, StudioRequest]>([
  ['a prompt', { make: 'image_prompt', prompt: 'How black holes sing', style: 'paper' }],
  ['a photo', { make: 'image_photo', photo, prompt: 'The garden remembers', shape: '1:1' }],
])('a picture from %s', async (name, request) => {
  const job = await startRender(request, { folder: join(root, name.replace(' ', '-')) });
  const file = await job.wait();
  const height = request.make === 'image_photo' ? 1080 : 1920;
  expect(await examineMedia(file.path)).toMatchObject({
    plays: true,
    facts: { kind: 'image', width: 1080, height },
  });
});

test('the same request gives the same file, byte for byte', async () => {
  const files = await Promise.all(
    ['twin-1', 'twin-2'].map(async (name) => (await startRender(quick, { folder: join(root, name) })).wait()),
  );
  const [one, two] = await Promise.all(files.map((file) => readFile(file.path)));
  expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);
});

test('an abort kills the process and its encoder within a second and leaves nothing half-made', async () => {
  const folder = join(root, 'aborted');
  const controller = new AbortController();
  const job = await startAndWaitForFrames(folder, controller.signal);
  const { pid } = JSON.parse(await readFile(filesOf(folder).process, 'utf8')) as { pid: number };
  const children = await childrenOf(pid);
  const began = performance.now();
  controller.abort();
  await expect(job.wait()).rejects.toMatchObject({ code: 'render_aborted' });
  expect(performance.now() - began).toBeLessThan(1000);
  expect(await startedAt(pid)).toBeNull();
  for (const child of children) await expect.poll(() => startedAt(child), { timeout: 1000 }).toBeNull();
  expect(await readdir(folder)).toEqual(['request.json']);
  await job.abort();
});

test('a rendering that was killed is interrupted, and begins again from its folder', async () => {
  const folder = join(root, 'killed');
  const job = await startAndWaitForFrames(folder);
  const state = await inspectRender(folder);
  if (state.state !== 'running') throw new Error(`it is ${state.state}`);
  process.kill(-state.pid, 'SIGKILL');
  await expect(job.wait()).rejects.toMatchObject({ code: 'render_failed' });
  expect(await inspectRender(folder)).toEqual({ state: 'interrupted' });
  await writeFile(filesOf(folder).request, JSON.stringify(quick));
  const again = await resumeRender({ folder });
  const file = await again?.wait();
  expect(await inspectRender(folder)).toEqual({ state: 'succeeded', file });
  // What is made is not made again.
  const made = await stat(file?.path ?? '');
  expect(await (await resumeRender({ folder }))?.wait()).toEqual(file);
  expect((await stat(file?.path ?? '')).mtimeMs).toBe(made.mtimeMs);
  await discardRender(folder);
  expect(await inspectRender(folder)).toEqual({ state: 'absent' });
  expect(await resumeRender({ folder })).toBeNull();
});

test('when the server is killed, the rendering goes with it', async () => {
  const folder = join(root, 'orphaned');
  const script = `
    import { startRender } from ${JSON.stringify(fileURLToPath(new URL('../../src/providers/studio/render-process.ts', import.meta.url)))};
    await startRender(${JSON.stringify({ ...quick, seconds: 15 })}, {
      folder: ${JSON.stringify(folder)},
      onProgress: ({ framesDone }) => framesDone > 3 && console.log('under way'),
    });`;
  const server = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => server.stdout.once('data', resolve));
  const state = await inspectRender(folder);
  if (state.state !== 'running') throw new Error(`it is ${state.state}`);
  server.kill('SIGKILL');
  await expect.poll(() => startedAt(state.pid), { timeout: 5000 }).toBeNull();
  expect(await inspectRender(folder)).toEqual({ state: 'interrupted' });
});

test('an orphan that still works is killed before its folder is used again', async () => {
  const folder = join(root, 'overtaken');
  const first = await startAndWaitForFrames(folder);
  const second = await startRender(quick, { folder });
  await expect(first.wait()).rejects.toMatchObject({ code: 'render_failed' });
  expect(await second.wait()).toMatchObject({ frames: 90 });
});

test('what cannot be made says why, once and for all', async () => {
  const folder = join(root, 'undrawable');
  const job = await startRender({ make: 'video_prompt', prompt: '\u{10900}' }, { folder });
  await expect(job.wait()).rejects.toMatchObject({ code: 'text_not_drawable' });
  expect(await inspectRender(folder)).toMatchObject({
    state: 'failed',
    error: { code: 'text_not_drawable' },
  });
  await expect(
    startRender({ ...quick, seconds: 99 }, { folder: join(root, 'refused') }),
  ).rejects.toMatchObject({ code: 'studio_input_invalid' });
  expect(await inspectRender(join(root, 'refused'))).toEqual({ state: 'absent' });
});
