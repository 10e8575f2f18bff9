import { expect, test } from 'vitest';
import { styleOf } from '../../src/providers/studio/compose.ts';
import { parseStudioRequest, shapes, styleNames } from '../../src/providers/studio/request.ts';
import type { StudioRequest } from '../../src/providers/studio/request.ts';
import { difference, framesOf, hashOf, photo } from './frames.ts';

const prompt = 'A lighthouse keeper’s last night';
const square = { shape: '1:1' } as const;

test.each(styleNames)(
  '%s: the same request gives the same frames, and every frame stands by itself',
  async (style) => {
    const request: StudioRequest = { make: 'video_prompt', prompt, style, seed: 11, ...square };
    const [first, last] = await framesOf(request, [0.4, 2.6]);
    const [lastAlone] = await framesOf(request, [2.6]);
    expect(hashOf([first ?? Buffer.alloc(0)])).toBe(hashOf(await framesOf(request, [0.4])));
    expect(hashOf([last ?? Buffer.alloc(0)])).toBe(hashOf([lastAlone ?? Buffer.alloc(0)]));
  },
);

test.each(styleNames)('%s: every seed is another composition', async (style) => {
  const stills: Buffer[] = [];
  for (const seed of [1, 2, 3, 4, 5]) {
    stills.push(...(await framesOf({ make: 'video_prompt', prompt, style, seed, ...square }, [2.4])));
  }
  for (const [i, one] of stills.entries()) {
    for (const two of stills.slice(i + 1)) expect(difference(one, two, 720, 720)).toBeGreaterThan(3);
  }
});

test('photos move and are the same again for the same seed', async () => {
  const requests: StudioRequest[] = [
    { make: 'video_reels', photo, prompt: 'The garden remembers', seed: 3, ...square },
    {
      make: 'video_neurocard',
      photo,
      name: 'Allium bulbs',
      price: '$9',
      sellingPoints: ['Hardy'],
      seed: 3,
      ...square,
    },
  ];
  for (const request of requests) {
    const frames = await framesOf(request, [0.6, 2, 4]);
    expect(hashOf(frames)).toBe(hashOf(await framesOf(request, [0.6, 2, 4])));
    expect(difference(frames[0] ?? Buffer.alloc(0), frames[2] ?? Buffer.alloc(0), 720, 720)).toBeGreaterThan(
      2,
    );
  }
});

test('no frame is empty or flat, in any shape, to the very end', async () => {
  for (const shape of shapes) {
    for (const style of styleNames) {
      const frames = await framesOf(
        { make: 'video_prompt', prompt, style, seed: 21, shape, seconds: 3 },
        [1.5, 2.97],
      );
      for (const frame of frames) {
        const tones = new Set<number>();
        for (let at = 0; at < frame.length; at += 4 * 997)
          tones.add(
            ((frame[at] ?? 0) >> 3) * 1024 + ((frame[at + 1] ?? 0) >> 3) * 32 + ((frame[at + 2] ?? 0) >> 3),
          );
        expect(tones.size).toBeGreaterThan(1);
      }
    }
  }
});

test('without a style the words decide, and without a seed too', () => {
  const style = styleOf(parseStudioRequest({ make: 'video_prompt', prompt }));
  expect(styleNames).toContain(style);
  expect(styleOf(parseStudioRequest({ make: 'video_prompt', prompt, seconds: 12, shape: '16:9' }))).toBe(
    style,
  );
  const chosen = new Set(
    Array.from({ length: 60 }, (_, seed) =>
      styleOf(parseStudioRequest({ make: 'video_prompt', prompt, seed })),
    ),
  );
  expect(chosen.size).toBe(styleNames.length);
});

test.each([
  ['an unknown make', { make: 'film', prompt }],
  ['no words', { make: 'video_prompt', prompt: '   ' }],
  ['too many words', { make: 'video_prompt', prompt: 'a'.repeat(1001) }],
  ['two seconds', { make: 'video_prompt', prompt, seconds: 2 }],
  ['a thousand seconds', { make: 'video_prompt', prompt, seconds: 1000 }],
  ['NaN seconds', { make: 'video_prompt', prompt, seconds: Number.NaN }],
  ['an unknown style', { make: 'video_prompt', prompt, style: 'clip-art' }],
  ['an unknown shape', { make: 'video_prompt', prompt, shape: '4:3' }],
  ['a negative seed', { make: 'video_prompt', prompt, seed: -1 }],
  ['something that is not asked', { make: 'video_prompt', prompt, watermark: true }],
  ['a card without a name', { make: 'video_neurocard', photo, name: '' }],
  [
    'seven selling points',
    { make: 'video_neurocard', photo, name: 'x', sellingPoints: Array.from({ length: 7 }, () => 'y') },
  ],
])('refuses %s, naming the field', (_, request) => {
  expect(() => parseStudioRequest(request)).toThrow(
    expect.objectContaining({ code: 'studio_input_invalid' }),
  );
});

test('a text that no font has, and a photo that is none, are told apart from faults', async () => {
  await expect(framesOf({ make: 'video_prompt', prompt: '\u{10900}\u{10901}' })).rejects.toMatchObject({
    code: 'text_not_drawable',
  });
  await expect(framesOf({ make: 'video_reels', photo: '/nowhere.jpg' })).rejects.toMatchObject({
    code: 'photo_unreadable',
  });
});
