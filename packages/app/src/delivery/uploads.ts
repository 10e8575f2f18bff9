import { Readable } from 'node:stream';
import type { Db } from '../platform/database.ts';
import { InvalidInputError, NotFoundError } from '../platform/errors.ts';
import { newId } from '../platform/ids.ts';
import type { DeliveryDeps } from './deps.ts';
import { reEncodePhoto } from './re-encode-photo.ts';

export interface UploadView {
  readonly id: string;
  readonly content_type: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly url: string;
  readonly created_at: Date;
}

interface UploadRow {
  id: string;
  content_type: string;
  width: number;
  height: number;
  bytes: bigint;
  sha256: string;
  created_at: Date;
}

/** A re-encoded photo is far smaller. */
const max_stored_bytes = 64 * 1024 * 1024;

/**
 * Re-encodes a photo before anything else decodes it, stores it and writes its row. The file's name and declared type are never trusted.
 * @throws InvalidInputError `upload_too_large`, `upload_not_an_image`, `upload_too_many_pixels`, `upload_empty`
 */
export async function saveUpload(
  deps: DeliveryDeps,
  upload: { personId: string; content: Readable; maxBytes: number },
): Promise<UploadView> {
  const photo = await reEncodePhoto(await readAll(upload.content, upload.maxBytes));
  const stored = await deps.storage.put(Readable.from([photo.data]), { maxBytes: max_stored_bytes });
  const { rows } = await deps.db.query<UploadRow>(
    `insert into holdfast.upload (id, person_id, sha256, content_type, bytes, width, height)
     values ($1, $2, $3, $4, $5, $6, $7)
     returning *`,
    [
      newId('upl'),
      upload.personId,
      stored.sha256,
      photo.contentType,
      stored.bytes,
      photo.width,
      photo.height,
    ],
  );
  const row = rows[0];
  if (!row) throw new Error('the upload was not written');
  return viewOf(deps, row);
}

/** @throws NotFoundError `upload`, also for another person's */
export async function getUpload(deps: DeliveryDeps, personId: string, id: string): Promise<UploadView> {
  const { rows } = await deps.db.query<UploadRow>(
    'select * from holdfast.upload where id = $1 and person_id = $2',
    [id, personId],
  );
  const row = rows[0];
  if (!row) throw new NotFoundError('upload');
  return viewOf(deps, row);
}

/** Refuses an input that names an upload which isn't this person's; none is fine. @throws NotFoundError `upload` */
export async function assertUpload(db: Db, personId: string, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const { rowCount } = await db.query('select from holdfast.upload where id = $1 and person_id = $2', [
    id,
    personId,
  ]);
  if (rowCount !== 1) throw new NotFoundError('upload');
}

/** An upload as a file on this machine. */
export async function findUploadFile(
  deps: DeliveryDeps,
  id: string,
): Promise<{ path: string; contentType: string }> {
  const { rows } = await deps.db.query<{ sha256: string; content_type: string }>(
    'select sha256, content_type from holdfast.upload where id = $1',
    [id],
  );
  const row = rows[0];
  const path = row === undefined ? null : await deps.storage.localPath(row.sha256);
  if (row === undefined || path === null) throw new Error(`the file of ${id} is missing`);
  return { path, contentType: row.content_type };
}

async function readAll(content: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new InvalidInputError(
        'upload_too_large',
        `This file is larger than ${Math.floor(maxBytes / (1024 * 1024))} MB.`,
        { field: 'file', max_bytes: maxBytes },
      );
    }
    chunks.push(chunk);
  }
  if (bytes === 0) {
    throw new InvalidInputError('upload_empty', 'This file is empty.', { field: 'file' });
  }
  return Buffer.concat(chunks, bytes);
}

function viewOf(deps: DeliveryDeps, row: UploadRow): UploadView {
  return { ...row, bytes: Number(row.bytes), url: deps.links.sign('upload', row.id) };
}
