import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import type { ErrorClass, Provider } from '../../../src/providers/port.ts';
import { accepted, attemptAt, endOf, errorOf, soon } from '../vendor-support.ts';
import { kieWorld } from './world.ts';

let service: Service;
let provider: Provider;
beforeAll(async () => ({ service, provider } = await kieWorld()));
afterAll(() => service.close());

const asked = () => attemptAt({ model: 'nano-banana-pro', input: { prompt: 'a lighthouse' } });

const refusals: [code: number, msg: string, errorClass: ErrorClass][] = [
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

test.each(refusals)('a submit answered %i "%s" started nothing, and is %s', async (code, msg, errorClass) => {
  service.knobs.submit = [{ status: 200, body: { code, msg, data: null } }];
  const result = await provider.submit(asked(), soon());
  expect(result.kind).toBe('rejected');
  expect(provider.classify(errorOf(result))).toBe(errorClass);
});

test.each([408, 500, 501, 550, 777])('a submit answered %i may have started something', async (code) => {
  service.knobs.submit = [{ status: 200, body: { code, msg: 'error', data: null } }];
  expect((await provider.submit(asked(), soon())).kind).toBe('unknown');
});

test('a refusal counts by the same code as an HTTP status, unless the server itself failed', async () => {
  service.knobs.submit = [
    { status: 401, body: { code: 401, msg: 'You do not have access permissions' } },
    { status: 403, body: 'error code: 1010' },
    { status: 502, body: { code: 402, msg: 'who knows' } },
    { status: 200, body: { code: 200, msg: 'success', data: null } },
  ];
  const results = [];
  for (let index = 0; index < 4; index += 1) results.push(await provider.submit(asked(), soon()));
  expect(results.map(({ kind }) => kind)).toEqual(['rejected', 'rejected', 'unknown', 'unknown']);
  const wall = results[1];
  expect(wall && provider.classify(errorOf(wall))).toBe('OPERATOR_AUTH');
});

const failures: [code: string, message: string, errorClass: ErrorClass][] = [
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

test.each(failures)('a task that failed with %s "%s" is %s', async (code, message, errorClass) => {
  service.knobs.fail = [{ code, message }];
  const status = await endOf(provider, await accepted(provider, asked()));
  expect(status.state).toBe('failed');
  expect(provider.classify(errorOf(status))).toBe(errorClass);
});

test('the words of a policy, of a photo and of a fault, as they are usual', async () => {
  service.knobs.fail = ['policy', 'photo', 'system'];
  const classes = [];
  for (let index = 0; index < 3; index += 1) {
    const status = await endOf(provider, await accepted(provider, asked()));
    classes.push(provider.classify(errorOf(status)));
  }
  expect(classes).toEqual(['USER_POLICY', 'USER_POLICY', 'SYSTEM']);
});

test('an empty account and a burst are told by the vendor itself', async () => {
  const world = await kieWorld({ knobs: { balanceUsd: 0, limited: true } });
  const dry = await world.provider.submit(asked(), soon());
  expect(world.provider.classify(errorOf(dry))).toBe('OPERATOR_BALANCE');
  world.service.knobs.balanceUsd = 100;
  const kinds = new Set<string>();
  for (let index = 0; index < 25; index += 1) {
    const result = await world.provider.submit(asked(), soon());
    kinds.add(result.kind === 'rejected' ? world.provider.classify(result.error) : result.kind);
  }
  expect(kinds).toEqual(new Set(['accepted', 'TRANSIENT']));
  expect(world.service.book.posts.filter((post) => post.accepted)).toHaveLength(19);
  await world.service.close();
});
