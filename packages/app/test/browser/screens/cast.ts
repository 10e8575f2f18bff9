import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startStripeEmulator } from '../../../emulators/stripe/emulator.ts';
import { render } from '../../../src/providers/studio/render.ts';
import { createBrowserWorld } from '../support/browser-world.ts';
import type { BrowserPerson, BrowserWorld } from '../support/browser-world.ts';
import { gatherShop, stripeSettings } from './shop-cast.ts';
import type { ShopCast } from './shop-cast.ts';

export const photo = new URL('../../../assets/photos/allium-oreophilum.jpg', import.meta.url).pathname;

/** Who is in the pictures: someone with a full account, someone new, someone who is short of credits; and what they have made. */
export interface Cast {
  readonly world: BrowserWorld;
  /** Where things are bought. */
  readonly shop: ShopCast;
  readonly rich: BrowserPerson;
  readonly fresh: BrowserPerson;
  readonly short: BrowserPerson;
  readonly generations: Record<
    'video' | 'partial' | 'image' | 'failed' | 'cancelled' | 'unknown' | 'running' | 'queued',
    string
  >;
}

export async function gatherCast(): Promise<Cast> {
  const stripe = await startStripeEmulator();
  const world = await createBrowserWorld({
    ...(await filmAndPoster()),
    env: { MAX_RUNNING_PER_PERSON: '3', ...stripeSettings(stripe) },
  });
  await world.work();
  const rich = await world.person({ credits: 1_200n });
  const fresh = await world.person();
  const short = await world.person();
  const { client } = rich;
  const start = async (model: string, input: object) => (await client.generate({ model, input })).id;
  const finish = async (model: string, input: object) => {
    const id = await start(model, input);
    await client.waitForGeneration(id);
    return id;
  };
  const words = (prompt: string, style?: string) => ({
    template: 'prompt',
    prompt,
    ...(style ? { style } : {}),
    duration_seconds: 3,
    seed: 7,
  });
  const video = await finish('studio-standard', words('First light on the water', 'nocturne'));
  const image = await finish('studio-image', {
    template: 'prompt',
    prompt: 'Night market, Saturday',
    style: 'poster',
    aspect_ratio: '1:1',
    seed: 4,
  });
  const upload = await client.upload(new Blob([await readFile(photo)]), { name: 'photo.jpg' });
  await finish('studio-standard', {
    template: 'neurocard',
    image: upload.id,
    product_name: 'Allium, a print',
    product_price: '48 €',
    selling_points: ['Archival paper', 'Numbered, 1 of 200'],
    duration_seconds: 4,
  });
  const failed = await finish('studio-standard', words('\u{E000}\u{E001}'));
  const partial = await finish('scripted-video', {
    ...words('The sea remembers every ship'),
    seed: undefined,
    duration_seconds: 5,
  });
  world.scripted.script.submits = ['drop_before_accept', 'accept'];
  world.scripted.script.outcomes = ['never_end'];
  // So many questions until it would be done: it is somewhere on its way in every picture.
  world.scripted.script.polls = 1_500;
  const unknown = await start('scripted-video', {
    template: 'prompt',
    prompt: 'Did it arrive?',
    duration_seconds: 5,
  });
  const running = await start('scripted-video', {
    template: 'prompt',
    prompt: 'Ship small, ship daily',
    duration_seconds: 6,
  });
  await start('scripted-video', { template: 'prompt', prompt: 'Louder than last time', duration_seconds: 5 });
  const queued = await start('scripted-video', {
    template: 'prompt',
    prompt: 'Breathe in, and begin',
    duration_seconds: 5,
  });
  const cancelled = await start('scripted-video', {
    template: 'prompt',
    prompt: 'On second thoughts',
    duration_seconds: 5,
  });
  await client.cancelGeneration(cancelled);
  await short.client.generate({
    model: 'scripted-video',
    input: { template: 'prompt', prompt: 'One film', duration_seconds: 6 },
  });
  // It has done its part; the pictures show what everyone gets.
  await world.world.admin.query(`update holdfast.model set offered = false where id = 'scripted-video'`);
  await expect
    .poll(async () => (await client.models()).map(({ id }) => id), { timeout: 10_000 })
    .not.toContain('scripted-video');
  const shop = await gatherShop(world, stripe);
  return {
    world,
    shop,
    rich,
    fresh,
    short,
    generations: { video, partial, image, failed, cancelled, unknown, running, queued },
  };
}

async function filmAndPoster(): Promise<{ film: Buffer; poster: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-screens-'));
  try {
    const outFile = join(folder, 'film.mp4');
    const posterFile = join(folder, 'poster.jpg');
    await render(
      { make: 'video_prompt', prompt: 'The sea remembers every ship', style: 'paper', seconds: 4.2, seed: 4 },
      { outFile, posterFile },
    );
    return { film: await readFile(outFile), poster: await readFile(posterFile) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
