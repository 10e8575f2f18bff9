import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLinkedFile } from '../../src/delivery/open-link.ts';
import { saveUpload } from '../../src/delivery/uploads.ts';
import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { studioModels } from '../../src/generations/catalogue/models/studio.ts';
import { createStudioProvider } from '../../src/providers/studio/adapter.ts';
import { startQueue } from '../../src/worker/queue.ts';
import type { Queue } from '../../src/worker/queue.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import { untilFinal } from './until.ts';

let world: World;
let queue: Queue;
let pipeline: Pipeline;
let worker: Worker;
let workDirectory: string;

beforeAll(async () => {
  world = await createWorld();
  workDirectory = await mkdtemp(join(tmpdir(), 'holdfast-work-'));
  queue = await startQueue({ databaseUrl: world.appUrl, log: world.log });
  const studio = createStudioProvider({ workDirectory, concurrency: 2 });
  pipeline = await createPipeline({ db: world.db, log: world.log, providers: [studio], wake: queue });
  await seedCatalogue(
    world.db,
    studioModels.map((model) => ({ model, creditsPerUnit: 10n })),
  );
  worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl });
});

afterAll(async () => {
  await worker.stop();
  await queue.stop();
  await pipeline.close();
  await rm(workDirectory, { recursive: true, force: true });
  await world.close();
});

test('the renderer makes a video from words: charged by the second, with a poster, nothing left behind', async () => {
  const person = await pipeline.person(100n);
  const { generation } = await acceptGeneration(pipeline.deps, {
    personId: person,
    key: 'words',
    request: { model: 'studio-standard', input: { prompt: 'Holdfast', duration_seconds: 3, seed: 7 } },
  });
  const done = await untilFinal(pipeline, person, generation.id, 60_000);
  expect(done.error).toBeNull();
  expect(done.receipt).toMatchObject({ held: 30n, captured: 30n, released: 0n, delivered_units: 3 });
  const [output] = done.outputs;
  expect(output).toMatchObject({ content_type: 'video/mp4', width: 720, height: 1280, duration_seconds: 3 });
  expect(output?.poster_url).not.toBeNull();
  const file = await openLinkedFile(pipeline.deps.delivery, { variant: 'download', id: output?.id ?? '' });
  expect(file).toMatchObject({ bytes: output?.bytes, contentType: 'video/mp4' });
  expect(file.fileName).toMatch(/^holdfast-[0-9a-z]{8}\.mp4$/);
  await expect.poll(() => readdir(workDirectory)).toEqual([]);
}, 90_000);

test('a product card from a photo that was uploaded', async () => {
  const person = await pipeline.person(100n);
  const photo = join(import.meta.dirname, '../../assets/photos/allium-oreophilum.jpg');
  const upload = await saveUpload(pipeline.deps.delivery, {
    personId: person,
    content: createReadStream(photo),
    maxBytes: 25_000_000,
  });
  const { generation } = await acceptGeneration(pipeline.deps, {
    personId: person,
    key: 'card',
    request: {
      model: 'studio-standard',
      input: {
        template: 'neurocard',
        image: upload.id,
        product_name: 'Allium',
        product_price: '4.90',
        selling_points: ['Blooms in June', 'Hardy'],
        duration_seconds: 3,
        aspect_ratio: '1:1',
      },
    },
  });
  const done = await untilFinal(pipeline, person, generation.id, 60_000);
  expect(done).toMatchObject({ status: 'succeeded', error: null });
  expect(done.outputs).toMatchObject([{ width: 720, height: 720 }]);
}, 90_000);

test('a picture, by the piece', async () => {
  const person = await pipeline.person(100n);
  const { generation } = await acceptGeneration(pipeline.deps, {
    personId: person,
    key: 'picture',
    request: { model: 'studio-image', input: { prompt: 'One picture' } },
  });
  const done = await untilFinal(pipeline, person, generation.id, 60_000);
  expect(done).toMatchObject({ status: 'succeeded', kind: 'image', error: null });
  expect(done.receipt).toMatchObject({ captured: 10n, unit: 'piece', delivered_units: 1 });
  expect(done.outputs).toMatchObject([{ content_type: 'image/jpeg', duration_seconds: null }]);
}, 90_000);
