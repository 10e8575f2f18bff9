import { ApiError } from '@holdfast/client';

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** A number that came beside the code, such as `retry_after_seconds`. */
export function factOf(error: unknown, name: string): number | null {
  const value = error instanceof ApiError ? error.problem[name] : null;
  return typeof value === 'number' ? value : null;
}
