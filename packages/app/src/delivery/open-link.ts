import type { Readable } from 'node:stream';
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

/** @throws NotFoundError `file` */
export declare function openLinkedFile(
  deps: DeliveryDeps,
  link: { variant: LinkVariant; id: string },
): Promise<OpenedFile>;
