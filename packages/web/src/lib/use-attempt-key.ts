import { useRef } from 'react';
import { ConnectionError } from '@holdfast/client';

/**
 * The idempotency key of one intention. A press that got no answer keeps its key, so that pressing again can't do it twice; once
 * the server has answered, yes or no, the next press is a new intention.
 */
export function useAttemptKey() {
  const current = useRef<string | null>(null);
  return {
    key: () => (current.current ??= newKey()),
    settled: () => {
      current.current = null;
    },
    failed: (error: unknown) => {
      if (!(error instanceof ConnectionError)) current.current = null;
    },
  };
}

/** `crypto.randomUUID` exists only on secure origins; a server in the local network is not one. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `web-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
