import { utimes } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLinkedFile } from '../../src/delivery/open-link.ts';
import { removeExpired } from '../../src/delivery/retention.ts';
import type { DeliveryDeps } from '../../src/delivery/deps.ts';
import { unlockGeneration } from '../../src/generations/end/give-back.ts';
import { createDeliveryWorld } from './support/delivery-world.ts';
import type { DeliveryWorld } from './support/delivery-world.ts';

let all: DeliveryWorld;
let deps: DeliveryDeps;
beforeAll(async () => {
  all = await createDeliveryWorld();
  deps = all.pipeline.deps.delivery;
});
afterAll(() => all.close());

const days = 30;

/** A result of somebody's; every film here has the same bytes. */
async function result() {
  const ada = await all.person();
  const id = await all.made(ada, { status: false });
  const [asset] = (await all.pipeline.see(ada.id, id)).outputs;
  if (!asset) throw new Error('there is a file');
  return { ada, id, asset };
}

const removeAll = async (storage = deps.storage) => {
  while ((await removeExpired({ ...deps, storage }, days)) > 0);
};
const isStored = async (sha256: string) => {
  const opened = await deps.storage.open(sha256);
  opened?.stream.destroy();
  return opened !== null;
};

test('kept as long as is said; then the file is gone, its links say so, and its receipt stays', async () => {
  const { ada, id, asset } = await result();
  expect(await removeExpired(deps, 0)).toBe(0);
  expect(await removeExpired(deps, days)).toBe(0);
  await all.world.clock.advance('29 days 23 hours');
  expect(await removeExpired(deps, days)).toBe(0);
  await all.world.clock.advance('2 hours');
  await removeAll();
  expect(await isStored(asset.sha256)).toBe(false);
  for (const variant of ['file', 'download', 'poster'] as const) {
    await expect(openLinkedFile(deps, { variant, id: asset.id })).rejects.toMatchObject({
      code: 'file_removed',
    });
  }
  expect(await all.pipeline.see(ada.id, id)).toMatchObject({
    status: 'succeeded',
    outputs: [],
    receipt: { charged: 42n },
  });
});

test('what a younger result names too stays', async () => {
  const old = await result();
  await all.world.clock.advance('20 days');
  const young = await result();
  await all.world.clock.advance('11 days');
  await removeAll();
  expect(young.asset.sha256).toBe(old.asset.sha256);
  await expect(openLinkedFile(deps, { variant: 'file', id: old.asset.id })).rejects.toMatchObject({
    code: 'file_removed',
  });
  expect((await openLinkedFile(deps, { variant: 'file', id: young.asset.id })).bytes).toBeGreaterThan(0);
  expect(await isStored(young.asset.sha256)).toBe(true);
  await all.world.clock.advance('20 days');
  await removeAll();
  expect(await isStored(young.asset.sha256)).toBe(false);
});

test('storage that is away, or a worker that dies in between, leaves nothing behind for ever', async () => {
  const { asset } = await result();
  await all.world.clock.advance('31 days');
  const away = { ...deps.storage, remove: () => Promise.reject(new Error('away')) };
  await expect(removeAll(away)).rejects.toThrow('away');
  expect(await isStored(asset.sha256)).toBe(true);
  await removeAll();
  expect(await isStored(asset.sha256)).toBe(true);
  await all.world.clock.advance('6 minutes');
  await removeAll();
  expect(await isStored(asset.sha256)).toBe(false);
  const { rows } = await all.world.admin.query('select from holdfast.unwanted_object');
  expect(rows).toEqual([]);
});

test('what was put again a moment ago is not taken from whoever is about to name it', async () => {
  const { asset } = await result();
  await all.world.clock.advance('31 days');
  const now = all.world.clock.now();
  await utimes((await deps.storage.localPath(asset.sha256)) ?? '', now, now);
  await removeAll();
  expect(await isStored(asset.sha256)).toBe(true);
  await all.world.clock.advance('7 hours');
  await removeAll();
  expect(await isStored(asset.sha256)).toBe(false);
});

test('nobody unlocks what is gone, and nobody pays for it', async () => {
  const { ada, id } = await result();
  all.telegram.knobs.faults.push(
    ...['sendVideo', 'sendDocument', 'editMessageText', 'sendMessage'].map((method) => ({
      method,
      chat: ada.chat.user.id,
      fault: { code: 400, description: 'Bad Request: REFUSED' },
      times: 9,
    })),
  );
  const runner = all.runner();
  for (let turn = 0; turn < 4; turn += 1) {
    await runner.work();
    await all.world.clock.advance('1 minute');
  }
  expect(await all.pipeline.see(ada.id, id)).toMatchObject({ locked: { credits: 42n } });
  await all.world.clock.advance('31 days');
  await removeAll();
  const before = await all.pipeline.balance(ada.id);
  await expect(
    unlockGeneration(all.pipeline.deps, { personId: ada.id, generationId: id }),
  ).rejects.toMatchObject({ code: 'file_removed' });
  expect(await all.pipeline.balance(ada.id)).toEqual(before);
  expect(await all.pipeline.see(ada.id, id)).toMatchObject({ locked: null, outputs: [] });
});
