/** Which status each code answers with. Codes that are not listed are their class's: invalid input 400, not found 404, the rest 500. */
const statuses: Readonly<Record<string, number>> = {
  malformed_json: 400,
  malformed_url: 400,
  invalid_input: 400,
  idempotency_key_required: 400,
  idempotency_key_invalid: 400,
  upload_missing: 400,
  unauthenticated: 401,
  session_invalid: 401,
  session_expired: 401,
  key_invalid: 401,
  key_expired: 401,
  callback_forged: 401,
  insufficient_credits: 402,
  file_locked: 402,
  insufficient_scope: 403,
  session_required: 403,
  origin_forbidden: 403,
  link_invalid: 403,
  not_found: 404,
  route_not_found: 404,
  not_cancellable: 409,
  operator_refused: 409,
  idempotency_conflict: 409,
  idempotency_in_progress: 409,
  quote_expired: 409,
  link_expired: 410,
  body_too_large: 413,
  upload_too_large: 413,
  upload_too_many_pixels: 413,
  unsupported_media_type: 415,
  upload_not_an_image: 415,
  range_not_satisfiable: 416,
  rate_limited: 429,
  cooldown: 429,
  moderation_refused: 422,
  moderation_paused: 429,
  too_many_generations: 429,
  too_many_streams: 429,
  internal: 500,
  model_unavailable: 503,
  unavailable: 503,
  not_ready: 503,
  storage_full: 503,
  storage_unavailable: 503,
};

export function statusOf(code: string): number | undefined {
  return statuses[code];
}

const titles: Readonly<Record<string, string>> = {
  insufficient_credits: 'Not enough credits',
  rate_limited: 'Too many requests',
  cooldown: 'Please wait',
  moderation_refused: 'Declined by the content rules',
  moderation_paused: 'Paused by the content rules',
  too_many_generations: 'Too many at once',
  callback_forged: 'Not genuine',
  idempotency_conflict: 'This key was used for something else',
  quote_expired: 'The quote has expired',
  link_expired: 'The link has expired',
  session_expired: 'The session has expired',
  upload_too_large: 'The file is too large',
  upload_not_an_image: 'This is not a picture',
};

const byStatus: Readonly<Record<number, string>> = {
  400: 'The request is not valid',
  401: 'Sign in first',
  402: 'Payment required',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not possible now',
  410: 'Gone',
  413: 'Too large',
  415: 'Wrong type of content',
  416: 'No such range',
  422: 'The request is not valid',
  429: 'Too many requests',
  503: 'Not available just now',
};

export function titleOf(code: string, status: number): string {
  return titles[code] ?? byStatus[status] ?? (status >= 500 ? 'Our mistake' : 'The request was refused');
}
