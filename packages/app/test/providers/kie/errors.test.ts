import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import type { Provider } from '../../../src/providers/port.ts';
import { accepted, attemptAt, endOf, errorOf, soon } from '../vendor-support.ts';
import { failures, refusals } from './error-table.ts';
import { kieWorld } from './world.ts';

let service: Service;
let provider: Provider;
beforeAll(async () => ({ service, provider } = await kieWorld()));
afterAll(() => service.close());

const asked = () => attemptAt({ model: 'nano-banana-pro', input: { prompt: 'a lighthouse' } });

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
