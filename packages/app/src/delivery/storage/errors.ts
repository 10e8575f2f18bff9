import { HoldfastError } from '../../platform/errors.ts';

/** `object_too_large`, `storage_full`, `storage_unavailable`: nothing was stored. */
export class StorageError extends HoldfastError {
  constructor(
    code: 'object_too_large' | 'storage_full' | 'storage_unavailable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, {}, options);
  }
}
