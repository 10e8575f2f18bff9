import type { ErrorClass } from '../../../src/providers/port.ts';

const locked = (why: string) => ({ detail: `User is locked. Reason: ${why}.` });

/** What a submit is answered that starts nothing, and whose doing that is. */
export const refusals: [status: number, body: unknown, errorClass: ErrorClass][] = [
  [400, { detail: 'Bad request', error_type: 'bad_request' }, 'SYSTEM'],
  [401, { detail: 'Authentication is required' }, 'OPERATOR_AUTH'],
  [402, { detail: 'Payment required' }, 'OPERATOR_BALANCE'],
  [403, locked('Exhausted balance. Top up your balance at fal.ai/dashboard/billing'), 'OPERATOR_BALANCE'],
  [403, locked('TOP_UP'), 'OPERATOR_BALANCE'],
  [403, locked('Admin lock'), 'OPERATOR_AUTH'],
  [404, { detail: 'Application not found' }, 'OPERATOR_CONFIG'],
  [413, { detail: 'Payload too large' }, 'USER_INPUT'],
  [422, { detail: [{ loc: ['body'], msg: 'too small', type: 'greater_than_equal' }] }, 'USER_INPUT'],
  [422, { detail: [{ loc: ['body'], msg: 'Field required', type: 'missing' }] }, 'SYSTEM'],
  [429, { detail: 'slow down', error_type: 'concurrent_requests_limit' }, 'TRANSIENT'],
  [429, { detail: 'slow down' }, 'TRANSIENT'],
];

/** How something that was started ends badly, and whose doing that is. */
export const failures: [status: number, type: string, errorClass: ErrorClass][] = [
  [504, 'request_timeout', 'SYSTEM'],
  [504, 'startup_timeout', 'SYSTEM'],
  [503, 'runner_scheduling_failure', 'SYSTEM'],
  [503, 'runner_connection_timeout', 'SYSTEM'],
  [503, 'runner_disconnected', 'SYSTEM'],
  [503, 'runner_connection_refused', 'SYSTEM'],
  [503, 'runner_connection_error', 'SYSTEM'],
  [502, 'runner_incomplete_response', 'SYSTEM'],
  [500, 'runner_server_error', 'SYSTEM'],
  [500, 'internal_error', 'SYSTEM'],
  [400, 'bad_request', 'SYSTEM'],
  [422, 'content_policy_violation', 'USER_POLICY'],
  [422, 'no_media_generated', 'USER_POLICY'],
  [422, 'image_too_small', 'USER_INPUT'],
  [422, 'image_too_large', 'USER_INPUT'],
  [422, 'image_load_error', 'USER_INPUT'],
  [422, 'file_download_error', 'USER_INPUT'],
  [422, 'face_detection_error', 'USER_INPUT'],
  [422, 'file_too_large', 'USER_INPUT'],
  [422, 'greater_than', 'USER_INPUT'],
  [422, 'less_than_equal', 'USER_INPUT'],
  [422, 'sequence_too_long', 'USER_INPUT'],
  [422, 'sequence_too_short', 'USER_INPUT'],
  [422, 'one_of', 'USER_INPUT'],
  [422, 'feature_not_supported', 'USER_INPUT'],
  [422, 'unsupported_image_format', 'USER_INPUT'],
  [422, 'video_duration_too_long', 'USER_INPUT'],
  [422, 'audio_duration_too_short', 'USER_INPUT'],
  [422, 'a_new_type', 'SYSTEM'],
  [500, 'internal_server_error', 'SYSTEM'],
  [504, 'generation_timeout', 'SYSTEM'],
  [502, 'downstream_service_error', 'SYSTEM'],
  [503, 'downstream_service_unavailable', 'SYSTEM'],
];
