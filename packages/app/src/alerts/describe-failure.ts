import { redactText } from '../platform/logger.ts';

/** Why a message was not taken over, as one short line without secrets. */
export function describeFailure(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  const text = error instanceof Error ? `${error.message}${cause}` : String(error);
  return redactText(text).slice(0, 500);
}
