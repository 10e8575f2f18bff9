import { ProviderError } from '../port.ts';
import type { ErrorClass, RawProviderError, SubmitResult } from '../port.ts';

/**
 * Something failed before the paid request was made at all: a file could not be read or handed over. Nothing was started. What it says of
 * the operator's account or of the moment counts as it stands; what it says of the file is no verdict on what the person asked for.
 */
export function refusedBeforehand(
  error: unknown,
  classify: (error: RawProviderError) => ErrorClass,
): SubmitResult {
  if (error instanceof ProviderError) {
    const errorClass = classify(error.error);
    const kept = errorClass.startsWith('OPERATOR_') || errorClass === 'TRANSIENT';
    return { kind: 'rejected', error: kept ? error.error : { ...error.error, code: 'upload_failed' } };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'rejected', error: { code: 'upload_failed', message } };
}
