import { ProviderError } from '../port.ts';
import { ask, ConnectionError } from './connection.ts';
import type { HttpAnswer, HttpRequest } from './connection.ts';

/** A request that may fail without harm. @throws ProviderError `unreachable` where no answer came */
export async function question(provider: string, request: HttpRequest): Promise<HttpAnswer> {
  try {
    return await ask(request);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    throw new ProviderError(
      provider,
      { code: 'unreachable', message: `${error.code}: ${error.message}` },
      { cause: error },
    );
  }
}
