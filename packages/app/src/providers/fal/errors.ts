import { byText, transport_classes } from '../http/classify.ts';
import type { Patterns } from '../http/classify.ts';
import { fieldsOf, listOf, textOf } from '../http/json.ts';
import { retryAfterOf } from '../http/retry-after.ts';
import type { HttpAnswer } from '../http/connection.ts';
import type { ErrorClass, RawProviderError } from '../port.ts';

/** fal's own `error_type`, a model's own `type`, or `http_<status>` where neither was told. The first that fits counts. */
const rules: readonly (readonly [code: RegExp, ErrorClass | Patterns])[] = [
  // Where fal itself failed.
  [/^(request|startup)_timeout$/, 'SYSTEM'],
  [/^runner_/, 'SYSTEM'],
  [/^internal_error$/, 'SYSTEM'],
  [/^client_(cancelled|disconnected)$/, 'CANCELLED'],
  // Ours: a request that makes no sense is no person's doing.
  [/^bad_request$/, 'SYSTEM'],
  [/^concurrent_requests_limit$/, 'TRANSIENT'],
  [/^result_expired$/, 'SYSTEM'],
  // What a model found wrong.
  [/^(content_policy_violation|nsfw_content)$/, 'USER_POLICY'],
  [/^no_media_generated$/, 'USER_POLICY'],
  [/^file_download_error_ours$/, 'SYSTEM'],
  [/^(image_too_(small|large)|image_load_error|file_download_error|face_detection_error)$/, 'USER_INPUT'],
  [/^(file_too_large|feature_not_supported|one_of)$/, 'USER_INPUT'],
  [/^(greater|less)_than/, 'USER_INPUT'],
  [/^(sequence|string)_too_(long|short)$/, 'USER_INPUT'],
  [/^unsupported_\w+_format$/, 'USER_INPUT'],
  [/_duration_too_(long|short)$/, 'USER_INPUT'],
  // Where a model failed.
  [/^(internal_server_error|generation_timeout)$/, 'SYSTEM'],
  [/^downstream_service_(error|unavailable)$/, 'SYSTEM'],
  // Without a type.
  [/^http_401$/, 'OPERATOR_AUTH'],
  [/^http_402$/, 'OPERATOR_BALANCE'],
  [
    /^http_403$/,
    [
      [/exhausted balance|top[ _]up/i, 'OPERATOR_BALANCE'],
      [/./, 'OPERATOR_AUTH'],
    ],
  ],
  [/^http_404$/, 'OPERATOR_CONFIG'],
  [/^http_413$/, 'USER_INPUT'],
  [/^http_422$/, [[/polic(y|ies)|nsfw|safety/i, 'USER_POLICY']]],
  [/^http_429$/, 'TRANSIENT'],
  [/^http_499$/, 'CANCELLED'],
  [/^http_5\d\d$/, 'SYSTEM'],
];

/** From the code, then from the text where the code leaves it open. */
export function classify(error: RawProviderError): ErrorClass {
  const rule = rules.find(([code]) => code.test(error.code))?.[1] ?? transport_classes[error.code];
  if (rule === undefined) {
    // A type that is new to us: the model has refused the input, and which part of it is ours to find out.
    return error.httpStatus === 422 ? 'SYSTEM' : 'UNKNOWN';
  }
  return typeof rule === 'string' ? rule : (byText(error.message, rule) ?? 'SYSTEM');
}

/** HTTP statuses that prove a submit to have started nothing. */
export const refusals: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 413, 422, 429]);

/** fal's two shapes: `{detail: "...", error_type}`, and a model's `{detail: [{loc, msg, type, input}]}`. */
export function errorOf(answer: HttpAnswer, isOurs: (url: string) => boolean): RawProviderError {
  const body = fieldsOf(answer.json);
  const first = fieldsOf(listOf(body['detail'])[0]);
  const kind =
    textOf(first['type']) ?? textOf(body['error_type']) ?? textOf(answer.headers['x-fal-error-type']);
  const message =
    textOf(first['msg']) ?? textOf(body['detail']) ?? textOf(body['error']) ?? answer.text.slice(0, 500);
  const input = textOf(first['input']);
  const ours = kind === 'file_download_error' && input !== null && isOurs(input);
  return {
    code: ours ? 'file_download_error_ours' : (kind ?? `http_${answer.status}`),
    message,
    httpStatus: answer.status,
    ...retryAfterOf(answer),
    raw: answer.json ?? answer.text.slice(0, 2_000),
  };
}
