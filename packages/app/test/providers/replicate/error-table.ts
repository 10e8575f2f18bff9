import type { ErrorClass } from '../../../src/providers/port.ts';

/** What a submit is answered that starts nothing, and whose doing that is. */
export const refusals: [status: number, detail: string, errorClass: ErrorClass][] = [
  [400, 'Bad request', 'SYSTEM'],
  [401, 'You did not pass a valid authentication token', 'OPERATOR_AUTH'],
  [402, 'You have insufficient credit to run this model', 'OPERATOR_BALANCE'],
  [403, 'You are not allowed', 'OPERATOR_AUTH'],
  [404, 'The requested resource could not be found.', 'OPERATOR_CONFIG'],
  [413, 'Too large', 'USER_INPUT'],
  [422, '- input.width: must be less than or equal to 1440', 'USER_INPUT'],
  [
    422,
    'The specified version does not exist (or perhaps you are not permitted to use it?)',
    'OPERATOR_CONFIG',
  ],
  [422, 'The input was flagged as sensitive', 'USER_POLICY'],
  [429, 'Request was throttled. Your rate limit resets in ~30s.', 'TRANSIENT'],
];

/** How something that was started ends badly, and whose doing that is. */
export const failures: [words: string, errorClass: ErrorClass][] = [
  [
    'The input or output was flagged as sensitive. Please try again with different inputs. (E005)',
    'USER_POLICY',
  ],
  ['NSFW content detected. Try running it again, or try a different prompt.', 'USER_POLICY'],
  ['Prediction failed for an unknown reason. (E1000)', 'SYSTEM'],
  ['Out of memory (E1001)', 'SYSTEM'],
  ['The model took too long to start (E6716)', 'SYSTEM'],
  ['The prediction was stopped (E8367)', 'SYSTEM'],
  ['A health check failed (E8765)', 'SYSTEM'],
  ['The model could not be started (E9243)', 'SYSTEM'],
  ['The output could not be uploaded (E9825)', 'SYSTEM'],
  ['The address of the webhook is empty (E4875)', 'SYSTEM'],
  ['Something new (E7777)', 'SYSTEM'],
  ['CUDA error: device-side assert triggered', 'SYSTEM'],
];
