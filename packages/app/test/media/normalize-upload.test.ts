import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crc32, deflateSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { createCanvas } from '@napi-rs/canvas';
import type { Canvas } from '@napi-rs/canvas';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { normalizeUpload } from '../../src/platform/media/normalize-upload.ts';
import { examineMedia } from '../../src/platform/media/probe.ts';

const photo = fileURLToPath(new URL('../../assets/photos/airplane-from-above.jpg', import.meta.url));
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'holdfast-upload-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function file(name: string, bytes: Buffer | string): Promise<string> {
  const path = join(root, name);
  await writeFile(path, bytes);
  return path;
}

let made = 0;
/** Sends a file through the door into a folder of its own; gives the result, and what is left in the folder. */
async function send(source: string | Readable, limits: { maxBytes?: number; maxSide?: number } = {}) {
  made += 1;
  const folder = await mkdtemp(join(root, `sent-${made}-`));
  const outFile = join(folder, 'photo.jpg');
  const result = await normalizeUpload({ source, outFile, ...limits }).then(
    (value) => ({ ok: true as const, value }),
    (error: { code: string }) => ({ ok: false as const, code: error.code }),
  );
  return { result, left: await readdir(folder), outFile };
}

function picture(width: number, height: number): Canvas {
  const canvas = createCanvas(width, height);
  const ctx = canvas.getContext('2d');
  const gradient = ctx.createLinearGradient(0, 0, width, 0);
  gradient.addColorStop(0, '#d02020');
  gradient.addColorStop(1, '#2020d0');
  ctx.fillStyle = gradient;
  ctx.fillRect(0, 0, width, height);
  return canvas;
}

const plain = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background } });

/** One part of a PNG. */
function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** A PNG that says it is so large, and is tiny: one black line, again and again. */
function bomb(width: number, height: number, lines = height): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const data = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * lines), { level: 9 });
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('a real photo comes out as a clean JPEG that says what it is', async () => {
  const { result, left, outFile } = await send(photo);
  const bytes = await readFile(outFile);
  expect(result).toEqual({
    ok: true,
    value: {
      path: outFile,
      width: 1024,
      height: 717,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      contentType: 'image/jpeg',
    },
  });
  expect(left).toEqual(['photo.jpg']);
  expect(bytes.includes('Exif')).toBe(false);
  expect(bytes.includes('Photoshop')).toBe(false);
});

test.each(['png', 'webp', 'avif'] as const)(
  'a %s, streamed, is taken; its name and type are nobody’s concern',
  async (format) => {
    const bytes = await plain(200, 120, '#d02020').toFormat(format).toBuffer();
    const { result } = await send(Readable.from([bytes.subarray(0, 40), bytes.subarray(40)]));
    expect(result).toMatchObject({ ok: true, value: { width: 200, height: 120, contentType: 'image/jpeg' } });
  },
);

test('a photo taken sideways stands upright afterwards', async () => {
  const upright = await picture(200, 100).encode('jpeg', 90);
  const exif = Buffer.from('4578696600004d4d002a00000008000101120003000000010006000000000000', 'hex');
  const marker = Buffer.alloc(4);
  marker.writeUInt16BE(0xffe1, 0);
  marker.writeUInt16BE(exif.length + 2, 2);
  const turned = await file(
    'turned.jpg',
    Buffer.concat([upright.subarray(0, 2), marker, exif, upright.subarray(2)]),
  );
  expect((await send(turned)).result).toMatchObject({ ok: true, value: { width: 100, height: 200 } });
});

test('a photo of 48 megapixels is scaled down', async () => {
  const large = await file('large.jpg', await plain(8064, 6048, '#d02020').jpeg().toBuffer());
  const { result, outFile } = await send(large);
  expect(result).toMatchObject({ ok: true, value: { width: 2560, height: 1920 } });
  expect(await examineMedia(outFile)).toMatchObject({ plays: true, facts: { width: 2560, height: 1920 } });
});

test.each<[string, () => Buffer | string | Promise<Buffer>, string]>([
  ['text named .jpg', () => 'I am not a picture, whatever my name says.\n'.repeat(20), 'upload_not_an_image'],
  ['an empty file', () => '', 'upload_empty'],
  [
    'a program in a drawing',
    () => '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><script>1</script></svg>',
    'upload_not_an_image',
  ],
  [
    'a moving GIF',
    () =>
      Buffer.from(
        '47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b',
        'hex',
      ),
    'upload_not_an_image',
  ],
  ['a page of PDF', () => '%PDF-1.7\n1 0 obj<<>>endobj\n', 'upload_not_an_image'],
  [
    'a JPEG that is only a beginning',
    async () => (await readFile(photo)).subarray(0, 30_000),
    'upload_truncated',
  ],
  [
    'a JPEG’s first bytes, then noise',
    async () => Buffer.concat([(await readFile(photo)).subarray(0, 24), Buffer.alloc(9000, 0x5a)]),
    'upload_truncated',
  ],
  [
    'a PNG that is only a beginning',
    async () => (await picture(300, 300).encode('png')).subarray(0, 400),
    'upload_truncated',
  ],
  ['a bomb of a billion pixels', () => bomb(40_000, 40_000, 10), 'upload_too_large'],
  ['a picture of 8 pixels', async () => picture(8, 8).encode('png'), 'upload_too_small'],
  [
    'a HEIC',
    () =>
      Buffer.concat([
        Buffer.from('000000186674797068656963000000006d696631686569630000', 'hex'),
        Buffer.alloc(64),
      ]),
    'upload_format_unsupported',
  ],
])('refuses %s and leaves nothing behind', async (name, bytes, code) => {
  const path = await file(`${name.replaceAll(/\W/g, '-')}.jpg`, await bytes());
  const { result, left } = await send(path);
  expect(result).toEqual({ ok: false, code });
  expect(left).toEqual([]);
});

test('stops reading where a stream grows beyond its limit', async () => {
  let sent = 0;
  const endless = new Readable({
    read() {
      sent += 65_536;
      this.push(Buffer.alloc(65_536, 0xff));
    },
  });
  const { result, left } = await send(endless, { maxBytes: 1_000_000 });
  expect(result).toEqual({ ok: false, code: 'upload_too_large' });
  expect(sent).toBeLessThan(3_000_000);
  expect(left).toEqual([]);
  expect((await send(createReadStream(photo), { maxBytes: 10_000 })).result).toEqual({
    ok: false,
    code: 'upload_too_large',
  });
});

test('a moving WebP is refused', async () => {
  const frames = await Promise.all(
    ['#d02020', '#2020d0'].map((background) => plain(32, 32, background).png().toBuffer()),
  );
  const moving = await sharp(frames, { join: { animated: true } })
    .webp()
    .toBuffer();
  expect((await send(await file('moving.webp', moving))).result).toEqual({
    ok: false,
    code: 'upload_animated',
  });
});
