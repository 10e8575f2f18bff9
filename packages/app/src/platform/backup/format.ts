import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { backupFileProblem, BackupError, damaged } from './problems.ts';

/**
 * The file: gzip over frames. A frame is one byte (J: a record in JSON, D: data), four bytes of length (big-endian), then
 * that many bytes. First comes a record `header`, then for each table or stored file a record `section`, its data, and a record
 * `section_end` with the data's SHA-256; last a record `end`. The schema below is the whole vocabulary.
 */
export const backup_format = 1;
const frame_limit_bytes = 16 * 1024 * 1024;

const header = z.object({
  type: z.literal('header'),
  format: z.int().min(1),
  made_at: z.iso.datetime(),
  holdfast_version: z.string(),
  server_version: z.string(),
  /** The application's migrations that the data belongs to, and the version of the ledger's schema. */
  migrations: z.array(z.string()),
  ledger_version: z.int().min(1),
  includes_files: z.boolean(),
});
const section = z.discriminatedUnion('kind', [
  z.object({
    type: z.literal('section'),
    kind: z.literal('table'),
    schema: z.enum(['ledger', 'holdfast', 'auth']),
    name: z.string(),
    columns: z.array(z.string()),
  }),
  z.object({ type: z.literal('section'), kind: z.literal('file'), path: z.string() }),
]);
const sectionEnd = z.object({
  type: z.literal('section_end'),
  bytes: z.int(),
  rows: z.int(),
  sha256: z.string(),
});
const sequence = z.object({
  schema: z.enum(['ledger', 'holdfast', 'auth']),
  name: z.string(),
  value: z.string().regex(/^\d+$/),
});
const end = z.object({ type: z.literal('end'), sections: z.int(), sequences: z.array(sequence) });
const record = z.union([header, section, sectionEnd, end]);

export type BackupHeader = z.infer<typeof header>;
export type BackupSection = z.infer<typeof section>;
export type BackupSectionEnd = z.infer<typeof sectionEnd>;
export type BackupEnd = z.infer<typeof end>;
type BackupRecord = z.infer<typeof record>;

export type Frame =
  | { readonly kind: 'record'; readonly record: BackupRecord }
  | { readonly kind: 'data'; readonly data: Buffer };

/** Writes a backup file (mode 0600). `file` must not exist. Nothing is safe before `finish` has returned. */
export class BackupWriter {
  readonly #gzip = createGzip();
  readonly #written: Promise<void>;
  readonly #file: string;
  #failure: unknown;

  constructor(file: string) {
    this.#file = file;
    this.#written = pipeline(this.#gzip, createWriteStream(file, { flags: 'wx', mode: 0o600 })).catch(
      (error: unknown) => {
        this.#failure = error;
      },
    );
  }

  async record(value: BackupRecord): Promise<void> {
    await this.#frame('J', Buffer.from(JSON.stringify(value)));
  }

  /** Writes a whole section. `rows` is asked once its data has ended. */
  async section(
    about: BackupSection,
    data: AsyncIterable<Buffer>,
    rows: () => number,
  ): Promise<BackupSectionEnd> {
    await this.record(about);
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of data) {
      for (let from = 0; from < chunk.length; from += frame_limit_bytes) {
        const part = chunk.subarray(from, from + frame_limit_bytes);
        hash.update(part);
        bytes += part.length;
        await this.#frame('D', part);
      }
    }
    const ended = { type: 'section_end' as const, bytes, rows: rows(), sha256: hash.digest('hex') };
    await this.record(ended);
    return ended;
  }

  async finish(): Promise<void> {
    this.#gzip.end();
    await this.#written;
    this.#check();
    const handle = await open(this.#file, 'r+');
    await handle.sync();
    await handle.close();
  }

  async abandon(): Promise<void> {
    this.#gzip.destroy();
    await this.#written;
  }

  async #frame(kind: 'J' | 'D', payload: Buffer): Promise<void> {
    this.#check();
    const head = Buffer.alloc(5);
    head.write(kind, 0, 'latin1');
    head.writeUInt32BE(payload.length, 1);
    this.#gzip.write(head);
    if (!this.#gzip.write(payload)) await Promise.race([once(this.#gzip, 'drain'), this.#written]);
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw backupFileProblem(this.#failure, this.#file);
  }
}

/**
 * Reads a backup's frames and checks everything that can be checked: frames, records, checksums, the order, the end.
 * @throws BackupError `backup_damaged`, `backup_newer`, `backup_missing`
 */
export async function* readBackup(file: string): AsyncGenerator<Frame> {
  let expected: 'header' | 'section' | 'data' | 'nothing' = 'header';
  let hash = createHash('sha256');
  let sections = 0;
  for await (const frame of readFrames(file)) {
    if (expected === 'nothing') throw damaged(file, 'something follows its end');
    if (frame.kind === 'data') {
      if (expected !== 'data') throw damaged(file, 'data out of place');
      hash.update(frame.data);
    } else {
      const { type } = frame.record;
      if (type === 'header' && expected === 'header') expected = 'section';
      else if (type === 'section' && expected === 'section') {
        expected = 'data';
        hash = createHash('sha256');
        sections += 1;
      } else if (type === 'section_end' && expected === 'data') {
        if (frame.record.sha256 !== hash.digest('hex'))
          throw damaged(file, `section ${sections} was changed`);
        expected = 'section';
      } else if (type === 'end' && expected === 'section' && frame.record.sections === sections)
        expected = 'nothing';
      else throw damaged(file, `a ${type} out of place`);
    }
    yield frame;
  }
  if (expected !== 'nothing') throw damaged(file, 'it ends too early');
}

async function* readFrames(file: string): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  let first = true;
  for await (const chunk of unpack(file)) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < 5) break;
      const length = rest.readUInt32BE(1);
      if (length > frame_limit_bytes) throw damaged(file, 'a frame is too long');
      if (rest.length < 5 + length) break;
      const kind = rest.toString('latin1', 0, 1);
      const payload = rest.subarray(5, 5 + length);
      rest = rest.subarray(5 + length);
      if (kind === 'D') yield { kind: 'data', data: payload };
      else if (kind === 'J') yield { kind: 'record', record: parseRecord(file, payload, first) };
      else throw damaged(file, 'it is not a backup of Holdfast or was changed');
      first = false;
    }
  }
  if (rest.length > 0) throw damaged(file, 'it ends in the middle of a frame');
}

async function* unpack(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of source.pipe(gunzip)) yield chunk as Buffer;
  } catch (error) {
    if (String((error as NodeJS.ErrnoException).code).startsWith('Z_'))
      throw damaged(file, (error as Error).message, error);
    throw backupFileProblem(error, file);
  } finally {
    source.destroy();
  }
}

function parseRecord(file: string, payload: Buffer, first: boolean): BackupRecord {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch (error) {
    throw damaged(file, 'a record is not JSON', error);
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (first && typeof format === 'number' && format > backup_format)
    throw newer(file, `its format is ${format}`);
  const result = record.safeParse(value);
  if (!result.success) throw damaged(file, 'a record is not one of its kinds', result.error);
  return result.data;
}

export function newer(file: string, why: string): BackupError {
  return new BackupError(
    'backup_newer',
    `${file} was made by a newer Holdfast (${why}): update this one first.`,
    { why },
  );
}
