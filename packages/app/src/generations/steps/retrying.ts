import { setTimeout as pause } from 'node:timers/promises';
import { isRetryable } from '../../platform/database.ts';

const tries = 5;

/** Again where the database asks for another try: for a statement that is a transaction by itself. */
export async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= tries || !isRetryable(error)) throw error;
      await pause(10 * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}
