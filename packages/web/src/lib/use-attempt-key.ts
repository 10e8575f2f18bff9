import { useRef } from 'react';
import { ConnectionError, newIdempotencyKey } from '@holdfast/client';

/**
 * The idempotency key of one intention. A press that got no answer keeps its key, so that pressing again can't do it twice; once
 * the server has answered, yes or no, the next press is a new intention.
 */
export function useAttemptKey() {
  const current = useRef<string | null>(null);
  return {
    key: () => (current.current ??= newIdempotencyKey()),
    settled: () => {
      current.current = null;
    },
    failed: (error: unknown) => {
      if (!(error instanceof ConnectionError)) current.current = null;
    },
  };
}
