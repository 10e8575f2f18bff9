import type { ErrorClass } from '../../../src/providers/port.ts';

/** What a submit is answered that starts nothing, and whose doing that is. */
export const refusals: [code: number, msg: string, errorClass: ErrorClass][] = [
  [400, 'Bad request', 'SYSTEM'],
  [400, 'The prompt violates our policies', 'USER_POLICY'],
  [401, 'You do not have access permissions', 'OPERATOR_AUTH'],
  [402, 'The current credits are insufficient. Please top up.', 'OPERATOR_BALANCE'],
  [404, 'Not found', 'OPERATOR_CONFIG'],
  [422, 'The model is not supported', 'OPERATOR_CONFIG'],
  [422, 'duration must be one of 5, 10', 'USER_INPUT'],
  [422, 'Invalid value', 'SYSTEM'],
  [429, 'Your call frequency is too high. Please try again later.', 'TRANSIENT'],
  [429, 'The current credits are insufficient. Please top up.', 'OPERATOR_BALANCE'],
  [433, 'The usage of this key has reached its limit', 'OPERATOR_BALANCE'],
  [451, 'Failed to fetch the image', 'USER_INPUT'],
  [455, 'The service is under maintenance', 'TRANSIENT'],
  [505, 'This interface is temporarily paused', 'OPERATOR_CONFIG'],
];

/** How something that was started ends badly, and whose doing that is. */
export const failures: [code: string, message: string, errorClass: ErrorClass][] = [
  ['400', 'Your prompt was flagged by Website as violating content policies.', 'USER_POLICY'],
  ['422', 'Your input was flagged as sensitive', 'USER_POLICY'],
  ['500', 'Unsafe image upload', 'USER_POLICY'],
  ['500', 'Minor upload', 'USER_POLICY'],
  ['501', 'Prominent people upload', 'USER_POLICY'],
  ['501', 'The image shows photorealistic people', 'USER_POLICY'],
  ['550', 'Rejected by Flow', 'USER_POLICY'],
  ['500', 'Only English prompts are supported', 'USER_INPUT'],
  ['500', 'Failed to fetch the image', 'USER_INPUT'],
  ['422', 'The prompt is too long', 'USER_INPUT'],
  ['500', 'credits insufficient', 'OPERATOR_BALANCE'],
  ['500', 'Internal Error, Please try again later.', 'SYSTEM'],
  ['501', 'Generation failed', 'SYSTEM'],
  ['550', 'Rejected by the upstream', 'SYSTEM'],
  ['408', 'The upstream took more than ten minutes', 'SYSTEM'],
  ['505', 'This interface is temporarily paused', 'OPERATOR_CONFIG'],
  ['a_new_code', 'something that nobody has seen', 'SYSTEM'],
];
