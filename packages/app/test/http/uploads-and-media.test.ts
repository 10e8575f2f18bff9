import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld, TestPerson } from '../support/http-world.ts';

let http: HttpWorld;
let person: TestPerson;
let photo: Uint8Array<ArrayBuffer>;

const photoFile = fileURLToPath(new URL('../../assets/photos/allium-oreophilum.jpg', import.meta.url));

beforeAll(async () => {
  http = await createHttpWorld();
  person = await http.signUp();
  photo = new Uint8Array(await readFile(photoFile));
});
afterAll(() => http.close());

function send(
  content: Uint8Array<ArrayBuffer>,
  options: { key?: string; field?: string; name?: string } = {},
) {
  const body = new FormData();
  body.set(options.field ?? 'file', new Blob([content], { type: 'image/jpeg' }), options.name ?? 'photo.jpg');
  return http.ask('POST', '/api/uploads', { as: person, body, key: options.key });
}

/** A few hundred bytes that say they are so many pixels. */
function hugePng(width: number, height: number): Uint8Array<ArrayBuffer> {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8 + body.length);
    frame.writeUInt32BE(data.length, 0);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc32(body), 4 + body.length);
    return frame;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = deflateSync(Buffer.alloc(100_000));
  return new Uint8Array(
    Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]),
  );
}

describe('an upload', () => {
  test('is a picture, re-encoded, to be seen by its link', async () => {
    const upload = await person.client.upload(new Blob([photo]), { name: '../../etc/passwd' });
    expect(upload.id).toMatch(/^upl_/);
    expect(upload.content_type).toMatch(/^image\//);
    const seen = await fetch(upload.url);
    expect(seen.status).toBe(200);
    const bytes = Buffer.from(await seen.arrayBuffer());
    expect(bytes.length).toBe(upload.bytes);
    const { width, height, exif } = await sharp(bytes).metadata();
    expect({ width, height, exif }).toEqual({ width: upload.width, height: upload.height, exif: undefined });
  });

  test('that is sent again with its key is the same, and with another picture a conflict', async () => {
    const first = (await (await send(photo, { key: 'mine' })).json()) as { id: string };
    const again = await send(photo, { key: 'mine' });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await again.json()).toMatchObject({ id: first.id });
    const other = await send(new Uint8Array(await sharp(photo).flop().jpeg().toBuffer()), { key: 'mine' });
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ code: 'idempotency_conflict' });
  });

  test('that was refused may be sent again with its key', async () => {
    const text = new Uint8Array(Buffer.from('not a picture'));
    expect((await send(text, { key: 'second-try' })).status).toBe(415);
    expect((await send(photo, { key: 'second-try' })).status).toBe(201);
  });

  test.each([
    ['a text file named .jpg', Buffer.from('hello, I am not a picture'), 415, 'upload_not_an_image'],
    ['nothing', Buffer.alloc(0), 400, 'upload_empty'],
    ['half a picture', null, 400, 'upload_truncated'],
    ['26 MB', Buffer.alloc(26 * 1_048_576, 0xff), 413, 'upload_too_large'],
    ['25 MB and a byte', Buffer.alloc(25 * 1_048_576 + 1, 0xff), 413, 'upload_too_large'],
  ] as const)('%s is refused', async (_name, content, status, code) => {
    const response = await send(new Uint8Array(content ?? Buffer.from(photo.slice(0, 300))));
    const problem = (await response.json()) as { code: string };
    expect([response.status, problem.code]).toEqual([status, code]);
  });

  test('a decompression bomb is refused, and a phone photo of 48 megapixels is taken', async () => {
    const bomb = await send(hugePng(30_000, 30_000));
    expect(await bomb.json()).toMatchObject({ status: 413, code: 'upload_too_large' });
    const grey = sharp({ create: { width: 8_000, height: 6_000, channels: 3, background: '#888' } });
    const phone = await send(new Uint8Array(await grey.jpeg().toBuffer()));
    expect(phone.status).toBe(201);
    const { width } = (await phone.json()) as { width: number };
    expect(width).toBeLessThan(8_000);
  });

  test('without a file, under another name, or as JSON is refused', async () => {
    const other = await send(photo, { field: 'picture' });
    expect(await other.json()).toMatchObject({ status: 400, code: 'upload_missing' });
    const empty = await http.ask('POST', '/api/uploads', { as: person, body: new FormData() });
    expect(empty.status).toBe(400);
    const json = await http.ask('POST', '/api/uploads', { as: person, json: { file: 'x' } });
    expect(await json.json()).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  });
});

describe('a link to a file', () => {
  async function link(): Promise<string> {
    return ((await (await send(photo)).json()) as { url: string }).url;
  }

  test('can run nothing, and answers ranges', async () => {
    const url = await link();
    const whole = await fetch(url);
    const bytes = Buffer.from(await whole.arrayBuffer());
    expect(whole.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
    expect(whole.headers.get('accept-ranges')).toBe('bytes');
    expect(whole.headers.get('cache-control')).toMatch(/^private, max-age=\d+/);

    const part = await fetch(url, { headers: { range: 'bytes=10-19' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 10-19/${bytes.length}`);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 20));
    const tail = await fetch(url, { headers: { range: 'bytes=-5' } });
    expect(Buffer.from(await tail.arrayBuffer())).toEqual(bytes.subarray(-5));
    const beyond = await fetch(url, { headers: { range: `bytes=${bytes.length}-` } });
    expect(beyond.status).toBe(416);
    expect(beyond.headers.get('content-range')).toBe(`bytes */${bytes.length}`);

    const etag = whole.headers.get('etag') ?? '';
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const changed = await fetch(url, { headers: { range: 'bytes=0-1', 'if-range': '"another"' } });
    expect(changed.status).toBe(200);
    await changed.body?.cancel();
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
  });

  test('that was changed, that belongs to something else, or that has expired does not open', async () => {
    const url = new URL(await link());
    const refused = async (change: (copy: URL) => void) => {
      const copy = new URL(url);
      change(copy);
      const response = await fetch(copy);
      return [response.status, ((await response.json()) as { code: string }).code];
    };
    const later = String(Number(url.searchParams.get('expires')) + 1);
    const invalid = [403, 'link_invalid'];
    expect(await refused((copy) => copy.searchParams.set('expires', later))).toEqual(invalid);
    expect(await refused((copy) => copy.searchParams.set('signature', 'AAAA'))).toEqual(invalid);
    expect(await refused((copy) => copy.searchParams.delete('signature'))).toEqual(invalid);
    expect(await refused((copy) => (copy.pathname = copy.pathname.replace('/upload/', '/file/')))).toEqual(
      invalid,
    );
    expect(await refused((copy) => (copy.pathname = `${copy.pathname}x`))).toEqual(invalid);
    expect(await refused((copy) => (copy.pathname = '/media/upload/..%2f..%2fetc%2fpasswd'))).toEqual(
      invalid,
    );
    await http.world.clock.advance('2 days');
    expect(await refused(() => undefined)).toEqual([410, 'link_expired']);
  });
});
