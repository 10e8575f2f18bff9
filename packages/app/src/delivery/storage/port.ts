import type { Readable } from 'node:stream';

/**
 * Where results live. Objects are named by the SHA-256 of their content, so that storing twice stores once and a name always means the same
 * bytes. The file system and object stores are behind it.
 */
export interface Storage {
  readonly id: string;

  /**
   * Stores a stream that ends within `maxBytes` and returns what it was. Durable when it returns (written, synced, renamed into
   * place); nothing is left behind when it throws. Throws `StorageError` `object_too_large`, `storage_full`, `storage_unavailable`.
   */
  put(content: Readable, options: { maxBytes: number; signal?: AbortSignal }): Promise<StoredObject>;

  /** Opens an object, or a byte range of it (both ends inclusive). Null where there is none of that name. */
  open(
    sha256: string,
    range?: { start: number; end: number },
  ): Promise<{ stream: Readable; bytes: number } | null>;

  /** A path on this machine with exactly these bytes, for tools that need one. Null where there is no such object. */
  localPath(sha256: string): Promise<string | null>;

  /**
   * Idempotent.
   * @param only.putBefore leaves what was put, for the first time or again, since then
   * @returns whether it is not there any more
   */
  remove(sha256: string, only?: { putBefore: Date }): Promise<boolean>;
}

export interface StoredObject {
  readonly sha256: string;
  readonly bytes: number;
}
