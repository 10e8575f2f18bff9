import { problemWords } from '../words/problems.ts';
import { ApiError, NetworkError } from './errors.ts';

export type Sentence = {
  title: string;
  detail: string;
  /** For the small print, so that support can find it; absent where the server was never reached. */
  code?: string;
  request?: string;
  /** Seconds after which trying again makes sense, where the server says so. */
  wait_seconds?: number;
};

/** The one place where an error becomes words. */
export function problemSentence(error: unknown): Sentence {
  if (error instanceof NetworkError) {
    const title = navigator.onLine ? problemWords.titles.network : problemWords.titles.offline;
    return { title, detail: problemWords.network };
  }
  if (!(error instanceof ApiError)) {
    return { title: problemWords.titles.unknown, detail: problemWords.server };
  }
  const small = { code: error.code, request: error.problem.request_id };
  const wait = error.fact('retry_after_seconds') ?? undefined;
  return {
    title:
      error.status === 404
        ? problemWords.titles.not_found
        : (error.problem.title ?? problemWords.titles.unknown),
    detail: detail(error, wait),
    ...small,
    wait_seconds: wait,
  };
}

function detail(error: ApiError, wait: number | undefined): string {
  const required = error.fact('required');
  const available = error.fact('available');
  const shortfall = error.fact('shortfall');
  if (
    error.code === 'insufficient_credits' &&
    required !== null &&
    available !== null &&
    shortfall !== null
  ) {
    return problemWords.insufficient_credits(required, available, shortfall);
  }
  if (wait !== undefined) return problemWords.wait(wait);
  const known = problemWords.byCode[error.code];
  if (known) return known;
  if (error.status >= 500) return problemWords.server;
  return error.problem.detail ?? problemWords.server;
}
