import type { RawProviderError } from '../port.ts';
import { ask, ConnectionError } from './connection.ts';
import type { HttpAnswer, HttpRequest } from './connection.ts';

export type PaidPostResult =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  /** Proven: the server read nothing. */
  | { readonly kind: 'not_sent'; readonly error: RawProviderError }
  /** It may have been read and acted upon. */
  | { readonly kind: 'no_answer'; readonly error: RawProviderError };

/** The one request that costs money: sent once, never repeated, and what became of it told as strictly as it can be proven. Never throws. */
export async function paidPost(request: Omit<HttpRequest, 'method'>): Promise<PaidPostResult> {
  try {
    return { kind: 'answered', answer: await ask({ ...request, method: 'POST' }) };
  } catch (error) {
    if (error instanceof ConnectionError && error.notSent) {
      return { kind: 'not_sent', error: { code: 'not_sent', message: `${error.code}: ${error.message}` } };
    }
    const told = error instanceof ConnectionError ? `${error.code}: ${error.message}` : String(error);
    return { kind: 'no_answer', error: { code: 'no_answer', message: told } };
  }
}
