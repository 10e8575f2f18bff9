import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Attempt } from '../port.ts';

const max_upload_bytes = 50 * 1024 * 1024;

export interface InputFile {
  readonly name: string;
  readonly contentType: string;
  readonly content: Buffer;
}

/**
 * The input as a vendor wants it: each of the attempt's files handed to `upload`, and the address it gives put in its place. A file is
 * named as the vendor's input is (`image_url`), or as one place of a list (`image_urls[0]`).
 */
export async function withFiles(
  attempt: Pick<Attempt, 'input' | 'files'>,
  upload: (file: InputFile) => Promise<string>,
): Promise<Record<string, unknown>> {
  const input: Record<string, unknown> = { ...attempt.input };
  for (const [place, { path, contentType }] of Object.entries(attempt.files)) {
    const { size } = await stat(path);
    if (size > max_upload_bytes) throw new Error(`${size} bytes are too many to hand to a provider`);
    const url = await upload({ name: basename(path), contentType, content: await readFile(path) });
    const [, list, position] = /^(.+)\[(\d{1,2})\]$/.exec(place) ?? [];
    if (list === undefined) {
      input[place] = url;
      continue;
    }
    const known: unknown = input[list];
    const urls: unknown[] = Array.isArray(known) ? Array.from(known as unknown[]) : [];
    urls[Number(position)] = url;
    input[list] = urls;
  }
  return input;
}

/** A form with one file, as its bytes and its type. */
export function formOf(
  field: string,
  file: InputFile,
  fields: Readonly<Record<string, string>> = {},
): { body: Buffer; contentType: string } {
  const boundary = `holdfast-${randomBytes(16).toString('hex')}`;
  const quoted = (text: string): string => text.replace(/["\r\n]/g, '_');
  const parts: (string | Buffer)[] = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  parts.push(
    `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${quoted(file.name)}"\r\n` +
      `Content-Type: ${file.contentType}\r\n\r\n`,
    file.content,
    `\r\n--${boundary}--\r\n`,
  );
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}
