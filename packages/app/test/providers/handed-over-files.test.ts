import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Service } from '../../emulators/shared/service.ts';
import type { Provider, RawProviderError } from '../../src/providers/port.ts';
import { falWorld } from './fal/world.ts';
import { kieWorld } from './kie/world.ts';
import { replicateWorld } from './replicate/world.ts';
import { accepted, attemptAt, bytesOf, endOf, errorOf, soon } from './vendor-support.ts';

let directory: string;
let photo: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-files-'));
  photo = join(directory, 'photo.png');
  await writeFile(photo, 'a picture');
});
afterAll(() => rm(directory, { recursive: true }));

const worlds: readonly {
  vendor: string;
  model: string;
  place: string;
  world: () => Promise<{ service: Service; provider: Provider }>;
}[] = [
  { vendor: 'KIE', model: 'kling-3.0/video', place: 'image_urls[0]', world: kieWorld },
  { vendor: 'fal', model: 'fal-ai/kling-video/v3/image-to-video', place: 'image_url', world: falWorld },
  { vendor: 'Replicate', model: 'minimax/hailuo-02', place: 'first_frame_image', world: replicateWorld },
];

describe.each(worlds)('$vendor', ({ model, place, world }) => {
  let service: Service;
  let provider: Provider;
  beforeAll(async () => {
    ({ service, provider } = await world());
  });
  afterAll(() => service.close());

  const asked = () =>
    attemptAt({
      model,
      input: { prompt: 'a lighthouse' },
      files: { [place]: { path: photo, contentType: 'image/png' } },
    });

  /** What the vendor refused it with, at once or when it came to it. */
  async function failure(): Promise<RawProviderError> {
    const attempt = asked();
    const answer = await provider.submit(attempt, soon());
    if (answer.kind !== 'accepted') return errorOf(answer);
    return errorOf(await endOf(provider, { taskId: answer.taskId, attemptToken: attempt.token, model }));
  }

  test('a photo is handed over, and what is made from it succeeds', async () => {
    expect((await endOf(provider, await accepted(provider, asked()))).state).toBe('succeeded');
    expect(service.uploads.size).toBe(1);
  });

  test('one that is gone when the vendor wants it is not the person’s doing, and another attempt hands it over again', async () => {
    service.knobs.upload = 'gone';
    expect(provider.classify(await failure())).toBe('SYSTEM');
    service.knobs.upload = null;
    expect((await endOf(provider, await accepted(provider, asked()))).state).toBe('succeeded');
  });

  test('where it can’t be handed over nothing is submitted, and it is not the person’s doing', async () => {
    for (const fault of ['broken', 'drop'] as const) {
      service.knobs.upload = fault;
      const posts = service.book.posts.length;
      const answer = await provider.submit(asked(), soon());
      expect(answer.kind).toBe('rejected');
      expect(['SYSTEM', 'TRANSIENT']).toContain(provider.classify(errorOf(answer)));
      expect(service.book.posts).toHaveLength(posts);
    }
    service.knobs.upload = null;
  });
});

test('a result whose address has expired is fetched by a new one', async () => {
  const { service, provider } = await kieWorld();
  try {
    const end = await endOf(
      provider,
      await accepted(provider, attemptAt({ model: 'z-image', input: { prompt: 'a fox' } })),
    );
    if (end.state !== 'succeeded' || end.outputs[0] === undefined) throw new Error(end.state);
    service.knobs.resultTtlMs = 0;
    expect((await fetch(end.outputs[0].url)).status).toBe(403);
    const fetched = await bytesOf(await provider.fetchOutput(end.outputs[0], soon()));
    expect(fetched.length).toBeGreaterThan(100);
  } finally {
    await service.close();
  }
});
