import type { Readable } from 'node:stream';
import { HoldfastError, NotFoundError } from '../platform/errors.ts';
import type { DeliveryDeps } from './deps.ts';
import type { LinkVariant } from './links.ts';

/** Everything a door needs to answer a (range) request for a file whose link has been verified. */
export interface OpenedFile {
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  /** For `download`: a good name; null otherwise. */
  readonly fileName: string | null;
  /** Opens the whole file, or one range of it with both ends inclusive. */
  open(range?: { start: number; end: number }): Promise<Readable>;
}

interface FileRow {
  sha256: string;
  content_type: string;
  bytes: bigint;
  file_name: string | null;
  locked: boolean;
  removed_at: Date | null;
}

/** `file_locked`: its credits went back, and it opens when it is paid for again. Whatever link names it. */
export class FileLockedError extends HoldfastError {}

/** `file_removed`: the time for which it was kept is over. Its receipt stays. */
export class FileRemovedError extends HoldfastError {
  constructor() {
    super(
      'file_removed',
      'This file was kept as long as its page said, and is gone now. Its receipt stays in your library.',
    );
  }
}

const locked = `exists (select from holdfast.generation_refund r where r.generation_id = asset.generation_id and r.unlocked_at is null) as locked, removed_at`;

const queries: Record<LinkVariant, string> = {
  file: `select sha256, content_type, bytes, null as file_name, ${locked} from holdfast.asset where id = $1`,
  download: `select sha256, content_type, bytes,
                    'holdfast-' || right(generation_id, 8) || case when output > 0 then '-' || (output + 1) else '' end as file_name,
                    ${locked}
               from holdfast.asset where id = $1`,
  poster: `select poster_sha256 as sha256, poster_content_type as content_type, poster_bytes as bytes, null as file_name, false as locked, removed_at
             from holdfast.asset where id = $1 and poster_sha256 is not null`,
  upload:
    'select sha256, content_type, bytes, null as file_name, false as locked, null::timestamptz as removed_at from holdfast.upload where id = $1',
};

const endings: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'video/webm': 'webm',
  'video/quicktime': 'mov',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
};

/** @throws NotFoundError `file`, FileLockedError, FileRemovedError */
export async function openLinkedFile(
  deps: DeliveryDeps,
  link: { variant: LinkVariant; id: string },
): Promise<OpenedFile> {
  const { rows } = await deps.db.query<FileRow>({
    name: `open_${link.variant}`,
    text: queries[link.variant],
    values: [link.id],
  });
  const row = rows[0];
  if (!row) throw new NotFoundError('file');
  if (row.removed_at !== null) throw new FileRemovedError();
  if (row.locked) {
    throw new FileLockedError(
      'file_locked',
      'This file is locked, since its credits were refunded: open it in your library to unlock it.',
    );
  }
  return {
    contentType: row.content_type,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    fileName: row.file_name === null ? null : `${row.file_name}.${endings[row.content_type] ?? 'bin'}`,
    async open(range) {
      const opened = await deps.storage.open(row.sha256, range);
      if (opened === null) {
        deps.log.error({ link, sha256: row.sha256 }, 'a stored object is missing');
        throw new NotFoundError('file');
      }
      return opened.stream;
    },
  };
}
