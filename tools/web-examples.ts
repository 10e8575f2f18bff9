import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { render } from '../packages/app/src/providers/studio/render.ts';
import type { StudioRequest, StyleName } from '../packages/app/src/providers/studio/request.ts';

/** The pictures that the web app shows of what can be made: real frames of the renderer, made anew by `node tools/web-examples.ts`. */
const photos = fileURLToPath(new URL('../packages/app/assets/photos/', import.meta.url));
const target = fileURLToPath(new URL('../packages/web/src/examples/', import.meta.url));
const photo = (name: string) => join(photos, name);

const style = (name: StyleName, prompt: string, seed: number): StudioRequest => ({
  make: 'video_prompt',
  style: name,
  prompt,
  seconds: 4,
  seed,
});

const examples: Record<string, StudioRequest> = {
  'style-nocturne': style('nocturne', 'First light on the water', 7),
  'style-poster': style('poster', 'Night market, Saturday', 11),
  'style-paper': style('paper', 'The sea remembers every ship', 4),
  'style-signal': style('signal', 'Ship small, ship daily', 9),
  'style-aura': style('aura', 'Breathe in, and begin', 6),
  'style-echo': style('echo', 'Louder than last time', 8),
  'make-video-reels': {
    make: 'video_reels',
    photo: photo('airplane-from-above.jpg'),
    captions: ['Seen from above'],
    seconds: 4,
    seed: 3,
  },
  'make-video-neurocard': {
    make: 'video_neurocard',
    photo: photo('allium-oreophilum.jpg'),
    name: 'Allium, a print',
    price: '48 €',
    sellingPoints: ['Archival paper', 'Numbered, 1 of 200', 'Ships flat'],
    seconds: 5,
    seed: 5,
  },
  'make-image-photo': {
    make: 'image_photo',
    photo: photo('allium-oreophilum.jpg'),
    prompt: 'Field notes',
    seed: 2,
  },
};

const folder = await mkdtemp(join(tmpdir(), 'holdfast-examples-'));
try {
  await mkdir(target, { recursive: true });
  for (const [name, request] of Object.entries(examples)) {
    const outFile = join(folder, `${name}.out`);
    const posterFile = join(folder, `${name}.jpg`);
    const made = await render(request, { outFile, posterFile });
    const file = join(target, `${name}.webp`);
    await sharp(made.posterPath ?? made.path)
      .resize({ width: 480 })
      .webp({ quality: 82 })
      .toFile(file);
    console.log(file);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
