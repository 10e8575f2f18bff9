import { retryAfterOf } from '../http/retry-after.ts';
import type { HttpAnswer } from '../http/connection.ts';
import { byText, transport_classes } from '../http/classify.ts';
import type { Patterns } from '../http/classify.ts';
import { fieldsOf, textOf } from '../http/json.ts';
import type { ErrorClass, RawProviderError } from '../port.ts';

type Rule = ErrorClass | { readonly texts: Patterns; readonly otherwise: ErrorClass };

const policy: Patterns = [
  [/flagged as sensitive/i, 'USER_POLICY'],
  [/nsfw content/i, 'USER_POLICY'],
];

/** By the code at the end of a prediction's error, by `http_<status>` of a refusal, or by our own name for what has no code. */
const rules: Readonly<Record<string, Rule>> = {
  // Predictions.
  E005: 'USER_POLICY',
  E1000: 'SYSTEM',
  E1001: 'SYSTEM',
  E6716: 'SYSTEM',
  E8367: 'SYSTEM',
  E8765: 'SYSTEM',
  E9243: 'SYSTEM',
  E9825: 'SYSTEM',
  /** Our own mistake: a callback's address that is empty. */
  E4875: 'SYSTEM',
  prediction_failed: { texts: policy, otherwise: 'SYSTEM' },
  /** Its deadline passed before it started. */
  aborted: 'SYSTEM',
  // Refusals.
  http_400: 'SYSTEM',
  http_401: 'OPERATOR_AUTH',
  http_402: 'OPERATOR_BALANCE',
  http_403: 'OPERATOR_AUTH',
  http_404: 'OPERATOR_CONFIG',
  http_413: 'USER_INPUT',
  http_422: {
    texts: [...policy, [/\bversion\b|not permitted/i, 'OPERATOR_CONFIG']],
    otherwise: 'USER_INPUT',
  },
  http_429: 'TRANSIENT',
};

/** From the code, then from the text where the code leaves it open. */
export function classify(error: RawProviderError): ErrorClass {
  const rule = rules[error.code] ?? transport_classes[error.code];
  if (rule === undefined) {
    const otherwise = /^(E\d+|http_5\d\d)$/.test(error.code) ? 'SYSTEM' : 'UNKNOWN';
    return byText(error.message, policy) ?? otherwise;
  }
  if (typeof rule === 'string') return rule;
  return byText(error.message, rule.texts) ?? rule.otherwise;
}

/** HTTP statuses that prove a submit to have started nothing. */
export const refusals: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 413, 422, 429]);

export function errorOf(answer: HttpAnswer): RawProviderError {
  const body = fieldsOf(answer.json);
  return {
    code: `http_${answer.status}`,
    message: textOf(body['detail']) ?? textOf(body['title']) ?? answer.text.slice(0, 500),
    httpStatus: answer.status,
    ...retryAfterOf(answer),
    raw: answer.json ?? answer.text.slice(0, 2_000),
  };
}

/** A prediction that failed says why in words, with a code at their end where it has one. */
export function failureOf(words: string | null): RawProviderError {
  const message = words ?? 'it failed, and Replicate did not say why';
  const code = /\((E\d{3,5})\)/.exec(message)?.[1] ?? 'prediction_failed';
  return { code, message };
}
