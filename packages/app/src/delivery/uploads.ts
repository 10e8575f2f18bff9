import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Db } from '../platform/database.ts';
import { NotFoundError } from '../platform/errors.ts';
import { newId } from '../platform/ids.ts';
import { normalizeUpload } from '../platform/media/normalize-upload.ts';
import type { NormalizedUpload } from '../platform/media/normalize-upload.ts';
import type { DeliveryDeps } from './deps.ts';
import { temporaryPrefixes } from './remove-interrupted.ts';
import type { StoredObject } from './storage/port.ts';

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
 * Throws as `normalizeUpload` does.
 */
export async function saveUpload(
  deps: DeliveryDeps,
  upload: { personId: string; content: Readable; maxBytes: number },
): Promise<UploadView> {
  const folder = await mkdtemp(join(tmpdir(), temporaryPrefixes.upload));
  try {
    const photo = await normalizeUpload({
      source: upload.content,
      outFile: join(folder, 'photo'),
      maxBytes: upload.maxBytes,
    });
    const stored = await deps.storage.put(createReadStream(photo.path), { maxBytes: max_stored_bytes });
    return await insertUpload(deps, upload.personId, photo, stored);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function insertUpload(
  deps: DeliveryDeps,
  personId: string,
  photo: NormalizedUpload,
  stored: StoredObject,
): Promise<UploadView> {
  const { rows } = await deps.db.query<UploadRow>(
    `insert into holdfast.upload (id, person_id, sha256, content_type, bytes, width, height)
     values ($1, $2, $3, $4, $5, $6, $7)
     returning *`,
    [newId('upl'), personId, stored.sha256, photo.contentType, stored.bytes, photo.width, photo.height],
  );
  const row = rows[0];
  if (!row) throw new Error('the upload was not written');
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

function viewOf(deps: DeliveryDeps, row: UploadRow): UploadView {
  return { ...row, bytes: Number(row.bytes), url: deps.links.sign('upload', row.id) };
}
