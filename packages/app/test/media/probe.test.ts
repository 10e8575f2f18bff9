import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFfmpeg } from '../../src/platform/media/ffmpeg-path.ts';
import { examineMedia, probeMedia } from '../../src/platform/media/probe.ts';
import { render } from '../../src/providers/studio/render.ts';

let root: string;
let film: Buffer;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'holdfast-probe-'));
  const outFile = join(root, 'film.mp4');
  await render(
    { make: 'video_prompt', prompt: 'Holdfast', style: 'echo', seconds: 3.5, shape: '1:1' },
    { outFile },
  );
  film = await readFile(outFile);
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function examine(name: string, bytes: Buffer) {
  const path = join(root, name);
  await writeFile(path, bytes);
  return examineMedia(path);
}

test('a film is told by its frames, not by its sound or its name', async () => {
  expect(await examine('film.txt', film)).toEqual({
    plays: true,
    facts: {
      kind: 'video',
      contentType: 'video/mp4',
      width: 720,
      height: 720,
      durationMs: 3500,
      frames: 105,
      videoCodec: 'avc',
      audioCodec: 'aac',
      faststart: true,
    },
  });
});

test.each([0.999, 0.9, 0.5, 0.1, 0.01])('a film cut off at %f of its bytes does not play', async (share) => {
  expect(await examine('cut.mp4', film.subarray(0, Math.floor(film.length * share)))).toMatchObject({
    plays: false,
  });
});

test('a film whose frames were overwritten does not play', async () => {
  for (const at of [0.2, 0.4, 0.6, 0.8]) {
    for (const byte of [0x00, 0xff]) {
      const altered = Buffer.from(film);
      altered.fill(byte, Math.floor(film.length * at), Math.floor(film.length * at) + 12_000);
      expect(await examine('altered.mp4', altered)).toMatchObject({ plays: false });
    }
  }
});

test('an index that promises other frames than there are is refused', async () => {
  const altered = Buffer.from(film);
  const sizes = altered.indexOf('stsz');
  altered.writeUInt32BE(0x7fff_0000, sizes + 4 + 12);
  expect(await examine('index.mp4', altered)).toMatchObject({ plays: false });
});

test('what is no media is no media', async () => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('plain text, at some length '.repeat(50)),
    Buffer.alloc(5000, 0x47),
    Buffer.from('<html><body>Not found</body></html>'),
  ]) {
    expect(await examine('other', bytes)).toMatchObject({ plays: false, code: 'not_media' });
    expect(await probeMedia(join(root, 'other'))).toBeNull();
  }
  expect(await examine('sound-only.mp4', withoutPicture(film))).toMatchObject({ plays: false });
});

/** The same file with its picture track renamed to something unknown. */
function withoutPicture(source: Buffer): Buffer {
  const altered = Buffer.from(source);
  altered.write('meta', altered.indexOf('vide'), 'latin1');
  return altered;
}

test('ffmpeg is where the operator says, then on the path, then from npm', () => {
  const bundled = findFfmpeg({ PATH: '' });
  expect(bundled).toContain('ffmpeg');
  expect(findFfmpeg({ PATH: '/nowhere', FFMPEG_PATH: bundled })).toBe(bundled);
  expect(() => findFfmpeg({ FFMPEG_PATH: '/nowhere/ffmpeg' })).toThrow(
    expect.objectContaining({ code: 'ffmpeg_missing' }),
  );
});
