import { Readable } from 'node:stream';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveUpload } from '../../src/delivery/uploads.ts';
import { forgetModels } from '../../src/generations/catalogue/catalogue.ts';
import { firstCatalogue } from '../../src/generations/catalogue/first-prices.ts';
import type { GenerationInput } from '../../src/generations/catalogue/model.ts';
import { expectInvariants } from './invariants.ts';
import { createVendorWorld } from './vendor-world.ts';
import type { Vendor, VendorWorld } from './vendor-world.ts';

const rules = {
  creditsPerSecondStandard: 10n,
  creditsPerSecondPro: 14n,
  creditsPerUsd: 100,
  priceMargin: 1.5,
};
const vendors: { vendor: Vendor }[] = [{ vendor: 'kie' }, { vendor: 'fal' }, { vendor: 'replicate' }];

describe.each(vendors)('$vendor', ({ vendor }) => {
  const models = firstCatalogue([vendor], rules).map(({ model, creditsPerUnit }) => ({
    id: model.id,
    model,
    creditsPerUnit,
    takesPhoto: model.templates.some(({ inputs }) => inputs.some(({ type }) => type === 'image')),
  }));
  const withPhoto = models.filter(({ takesPhoto }) => takesPhoto);
  let world: VendorWorld;
  let person: string;
  let photo: string;

  beforeAll(async () => {
    world = await createVendorWorld(vendor);
    world.service.knobs.callback = 'none';
    person = await world.person(1_000_000n);
    const picture = await sharp({ create: { width: 600, height: 800, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    const content = Readable.from([picture]);
    photo = (await saveUpload(world.ctx.deps.delivery, { personId: person, content, maxBytes: 1_000_000 }))
      .id;
  });
  afterAll(async () => {
    await expectInvariants(world.http.world.admin, { deps: world.ctx.deps });
    await world.close();
  });

  /** What the vendor was asked for the last time. */
  function asked(): { model: string; input: Record<string, unknown> } {
    const task = [...world.service.tasks.values()].at(-1);
    if (task === undefined) throw new Error('nothing was asked for');
    return { model: task.model, input: task.input as Record<string, unknown> };
  }

  async function make(model: string, input: GenerationInput): Promise<string> {
    const id = await world.ask(person, model, input);
    expect((await world.start()).id).toBe(id);
    return id;
  }

  test.each(models)('$id is asked for in the vendor’s words, made and charged', async (each) => {
    const { model } = each;
    const shape = model.aspectRatios.at(-1);
    const id = await make(model.id, {
      aspect_ratio: shape,
      ...(each.takesPhoto ? { image: photo } : {}),
      ...(model.seconds === null ? {} : { duration_seconds: model.seconds.max }),
    });
    const { input } = asked();
    expect(asked().model).toBe(model.providerModel);
    // Nothing of ours that the vendor doesn't know, no file by our name, no hole in a list.
    expect(Object.keys(input)).not.toEqual(
      expect.arrayContaining(['template', 'aspect_ratio_of_ours', 'duration_seconds', 'image_id']),
    );
    expect(JSON.stringify(input)).not.toContain(photo);
    expect(JSON.stringify(input)).not.toContain('null');
    expect(await world.row(id)).toMatchObject({
      state: 'succeeded',
      // The emulated film is one second long.
      captured: each.creditsPerUnit,
    });
  });

  test.each(withPhoto)('$id: a photo is handed over before the submit', async ({ id: model }) => {
    const before = world.service.uploads.size;
    await make(model, { image: photo });
    expect(world.service.uploads.size).toBe(before + 1);
    const [path = ''] = [...world.service.uploads].slice(-1);
    expect(JSON.stringify(asked().input)).toContain(path);
  });

  test.each(['broken', 'drop'] as const)(
    'where handing it over fails (%s), nothing is submitted, and it is tried again',
    async (fault) => {
      const [first] = withPhoto;
      if (first === undefined) throw new Error('no model takes a photo');
      const posts = world.service.book.posts.length;
      world.service.knobs.upload = fault;
      const id = await make(first.id, { image: photo });
      expect(world.service.book.posts.length).toBe(posts);
      expect(await world.row(id)).toMatchObject({ state: 'queued' });
      expect(await world.attempts(id)).toMatchObject([{ state: 'failed', task_id: null }]);
      expect(await world.orphans(id)).toEqual([]);
      world.service.knobs.upload = null;
      await world.http.world.clock.advance('2 minutes');
      expect((await world.start()).id).toBe(id);
      expect(await world.row(id)).toMatchObject({ state: 'succeeded' });
    },
  );

  test('where the catalogue’s mapping is nonsense, nothing is submitted, and it waits for the operator', async () => {
    const [first] = models;
    if (first === undefined) throw new Error('no models');
    const { admin } = world.http.world;
    const posts = world.service.book.posts.length;
    const id = await world.ask(person, first.id, first.takesPhoto ? { image: photo } : {});
    await admin.query(
      `update holdfast.model set mapping = '{"inputs": {"prompt": "a place.that is none"}}' where id = $1`,
      [first.id],
    );
    await world.http.world.clock.advance('1 second');
    forgetModels(world.ctx.deps.db);
    await world.start();
    expect(world.service.book.posts.length).toBe(posts);
    expect(await world.row(id)).toMatchObject({ state: 'queued' });
    expect(await world.attempts(id)).toMatchObject([
      { state: 'failed', error_code: 'mapping_invalid', error_class: 'OPERATOR_CONFIG' },
    ]);
  });
});
