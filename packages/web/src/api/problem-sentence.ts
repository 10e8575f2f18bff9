import { ApiError, ConnectionError, InsufficientCreditsError } from '@holdfast/client';
import { problemWords } from '../words/problems.ts';
import { factOf } from './errors.ts';

export type Sentence = {
  title: string;
  detail: string;
  /** For the small print, so that support can find it; absent where the server was never reached. */
  code?: string;
  request?: string;
};

/** The one place where an error becomes words. */
export function problemSentence(error: unknown): Sentence {
  if (error instanceof ConnectionError) {
    const title = navigator.onLine ? problemWords.titles.network : problemWords.titles.offline;
    return { title, detail: problemWords.network };
  }
  if (!(error instanceof ApiError)) {
    return { title: problemWords.titles.unknown, detail: problemWords.server };
  }
  return {
    title: problemWords.byCodeTitles[error.code] ?? error.problem.title,
    detail: detail(error),
    // What the words say fully needs no small print.
    ...(error.status < 500 && problemWords.byCode[error.code]
      ? {}
      : { code: error.code, request: error.requestId }),
  };
}

function detail(error: ApiError): string {
  if (error instanceof InsufficientCreditsError) {
    return problemWords.insufficient_credits(error.required, error.available, error.shortfall);
  }
  const wait = factOf(error, 'retry_after_seconds');
  if (wait !== null) return problemWords.wait(wait);
  const known = problemWords.byCode[error.code];
  if (known) return known;
  if (error.status >= 500) return problemWords.server;
  return error.problem.detail || problemWords.server;
}
