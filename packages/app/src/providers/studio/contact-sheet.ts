import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCanvas } from '@napi-rs/canvas';
import type { Canvas } from '@napi-rs/canvas';
import { compose } from './compose.ts';
import { sheet } from './draw/canvas.ts';
import { parseStudioRequest, pixelsOf, styleNames } from './request.ts';
import type { StudioRequest } from './request.ts';
import { fontStack } from './text/fonts.ts';

// Draws the best moment of ten seeds of everything the renderer makes, into docs/images: one sheet of all, and one of each.

const root = fileURLToPath(new URL('../../../../../', import.meta.url));
const photos = ['airplane-from-above.jpg', 'allium-oreophilum.jpg'].map((name) =>
  join(root, 'packages/app/assets/photos', name),
);

const prompts = [
  'A lighthouse keeper’s last night',
  'Summer sale: 30% off ceramic mugs',
  'How black holes sing',
  'Последний трамвай уходит в полночь',
  'The quiet joy of baking bread at 5 a.m.',
  '黑洞如何歌唱，宇宙在倾听',
  'Why do cats stare at walls? Nobody knows.',
  'Η θάλασσα θυμάται τα πάντα',
  'Coffee first, then the world ☕️',
  'שיר קטן על גשם גדול',
];
const captions = [
  'Above the clouds, nobody asks for your papers',
  'The garden remembers what the city forgot',
];
const products = [
  {
    name: 'Wooden model biplane',
    price: '€48',
    sellingPoints: ['Hand-carved from beech', 'Wingspan of 62 cm', 'Ships in two days'],
  },
  {
    name: 'Allium oreophilum, twelve bulbs',
    price: '$9.50',
    sellingPoints: ['Flowers from May to June', 'Hardy to −25 °C', 'Bees love it', 'Comes back every year'],
  },
];

const rows: { name: string; requests: StudioRequest[] }[] = [
  ...styleNames.map((style) => ({
    name: style as string,
    requests: prompts.map((prompt, i): StudioRequest => ({
      make: 'video_prompt',
      prompt,
      style,
      seed: 71 + i * 13,
    })),
  })),
  {
    name: 'reels',
    requests: prompts.map((_, i): StudioRequest => ({
      make: 'video_reels',
      photo: photos[i % 2] ?? '',
      prompt: captions[i % 2] ?? '',
      seed: 5 + i,
    })),
  },
  {
    name: 'neurocard',
    requests: prompts.map((_, i): StudioRequest =>
      Object.assign(
        { make: 'video_neurocard' as const, photo: photos[i % 2] ?? '', seed: 5 + i },
        products[i % 2] ?? { name: '' },
      ),
    ),
  },
];

async function still(request: StudioRequest, width: number): Promise<Canvas> {
  const job = parseStudioRequest(request);
  const size = pixelsOf(job);
  const scene = await compose(job);
  const frame = createCanvas(size.width, size.height);
  scene.draw(frame.getContext('2d'), scene.stillAt);
  return sheet(width, (width * size.height) / size.width, (ctx) => {
    ctx.imageSmoothingQuality = 'high';
    ctx.drawImage(frame, 0, 0, width, Math.ceil((width * size.height) / size.width));
  });
}

function grid(tiles: readonly Canvas[], columns: number, gap: number): Canvas {
  const { width = 1, height = 1 } = tiles[0] ?? {};
  const lines = Math.ceil(tiles.length / columns);
  return sheet(columns * (width + gap) + gap, lines * (height + gap) + gap, (ctx) => {
    ctx.fillStyle = '#17181c';
    ctx.fillRect(0, 0, columns * (width + gap) + gap, lines * (height + gap) + gap);
    tiles.forEach((tile, i) =>
      ctx.drawImage(
        tile,
        gap + (i % columns) * (width + gap),
        gap + Math.floor(i / columns) * (height + gap),
      ),
    );
  });
}

async function write(name: string, picture: Canvas, quality: number): Promise<void> {
  const path = join(root, 'docs/images', name);
  await mkdir(dirname(path), { recursive: true });
  const bytes = await picture.encode('jpeg', quality);
  await writeFile(path, bytes);
  console.log(`${name}  ${picture.width} x ${picture.height}  ${Math.round(bytes.length / 1024)} KB`);
}

const strips: { name: string; strip: Canvas }[] = [];
for (const row of rows) {
  const tiles: Canvas[] = [];
  for (const request of row.requests) tiles.push(await still(request, 216));
  await write(`studio-${row.name}.jpg`, grid(tiles, 5, 8), 82);
  const small = tiles.map((tile) =>
    sheet(112, 199, (ctx) => {
      ctx.imageSmoothingQuality = 'high';
      ctx.drawImage(tile, 0, 0, 112, 199);
    }),
  );
  strips.push({ name: row.name, strip: grid(small, 10, 6) });
}
const [first] = strips;
if (first) {
  const label = 34;
  const whole = sheet(first.strip.width, strips.length * (first.strip.height + label) + 8, (ctx) => {
    ctx.fillStyle = '#17181c';
    ctx.fillRect(0, 0, first.strip.width, strips.length * (first.strip.height + label) + 8);
    strips.forEach(({ name, strip }, i) => {
      const top = i * (strip.height + label);
      ctx.fillStyle = '#e9e6df';
      ctx.font = `600 19px ${fontStack('sans', name, 'en').families}`;
      ctx.fillText(name, 7, top + 26);
      ctx.drawImage(strip, 0, top + label);
    });
  });
  await write('contact-sheet.jpg', whole, 78);
}
