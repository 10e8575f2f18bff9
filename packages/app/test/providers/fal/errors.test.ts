import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import type { ErrorClass, Provider } from '../../../src/providers/port.ts';
import { accepted, attemptAt, endOf, errorOf, soon } from '../vendor-support.ts';
import { falWorld } from './world.ts';

let service: Service;
let provider: Provider;
beforeAll(async () => ({ service, provider } = await falWorld()));
afterAll(() => service.close());

const asked = (input: Record<string, unknown> = { prompt: 'a lighthouse' }) =>
  attemptAt({ model: 'fal-ai/flux/dev', input });

const locked = (why: string) => ({ detail: `User is locked. Reason: ${why}.` });
const refusals: [status: number, body: unknown, errorClass: ErrorClass][] = [
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

test.each(refusals)(
  'a submit answered %i %j started nothing, and is %s',
  async (status, body, errorClass) => {
    service.knobs.submit = [{ status, body }];
    const result = await provider.submit(asked(), soon());
    expect(result.kind).toBe('rejected');
    expect(provider.classify(errorOf(result))).toBe(errorClass);
  },
);

test.each([408, 500, 502, 503, 504, 302, 200])(
  'a submit answered %i may have started something',
  async (status) => {
    service.knobs.submit = [{ status, body: { detail: 'who knows' } }];
    expect((await provider.submit(asked(), soon())).kind).toBe('unknown');
  },
);

const failures: [status: number, type: string, errorClass: ErrorClass][] = [
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

test.each(failures)('a request that ended with %i %s is %s', async (status, code, errorClass) => {
  service.knobs.fail = [{ code, message: 'in its own words', status }];
  const ended = await endOf(provider, await accepted(provider, asked()));
  expect(ended.state).toBe('failed');
  expect(errorOf(ended).message).toBe('in its own words');
  expect(provider.classify(errorOf(ended))).toBe(errorClass);
});

test('what one of its servers fails at is never billed; what a model refuses may be', async () => {
  service.knobs.fail = ['system', 'policy'];
  expect(await endOf(provider, await accepted(provider, asked()))).toMatchObject({ actualCostUsd: 0 });
  expect(await endOf(provider, await accepted(provider, asked()))).toMatchObject({ actualCostUsd: 0.1 });
});

test('a file that we handed over and that it could not fetch is not the person’s doing', async () => {
  service.knobs.fail = [{ code: 'file_download_error', message: 'could not be fetched' }];
  const ended = await endOf(
    provider,
    await accepted(provider, asked({ image_url: `${service.url}/files/one.png` })),
  );
  expect(provider.classify(errorOf(ended))).toBe('SYSTEM');
});

test('a blacked-out picture is a failure, though it is delivered as a success', async () => {
  service.knobs.fail = [{ code: 'nsfw', message: '' }];
  const ended = await endOf(provider, await accepted(provider, asked()));
  expect(ended.state).toBe('failed');
  expect(provider.classify(errorOf(ended))).toBe('USER_POLICY');
});

test('cancelled elsewhere is cancelled; a result that was dropped is gone', async () => {
  service.knobs.fail = [{ code: 'client_cancelled', message: 'Request was cancelled', status: 499 }];
  expect(await endOf(provider, await accepted(provider, asked()))).toEqual({ state: 'cancelled' });
  service.knobs.resultTtlMs = 0;
  expect(await endOf(provider, await accepted(provider, asked()))).toEqual({ state: 'gone' });
  service.knobs.resultTtlMs = 3_600_000;
});

test('an empty account is the operator’s', async () => {
  service.knobs.balanceUsd = 0;
  const dry = await provider.submit(asked(), soon());
  expect(provider.classify(errorOf(dry))).toBe('OPERATOR_BALANCE');
  expect(await provider.balance?.(soon())).toEqual({ units: 0, usd: 0 });
  service.knobs.balanceUsd = 100;
  const stranger = await falWorld({}, { apiKey: 'a-wrong-key' });
  const shut = await stranger.provider.submit(asked(), soon());
  expect(provider.classify(errorOf(shut))).toBe('OPERATOR_AUTH');
  await stranger.service.close();
});
