import type { Readable } from 'node:stream';
import type { DeliveryDeps } from './deps.ts';

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

/**
 * Re-encodes a photo before anything else decodes it, stores it and writes its row. The file's name and declared type are never trusted.
 * @throws InvalidInputError `upload_too_large`, `upload_not_an_image`, `upload_too_many_pixels`, `upload_empty`
 */
export declare function saveUpload(
  deps: DeliveryDeps,
  upload: { personId: string; content: Readable; maxBytes: number },
): Promise<UploadView>;

/** @throws NotFoundError `upload` */
export declare function getUpload(deps: DeliveryDeps, personId: string, id: string): Promise<UploadView>;
