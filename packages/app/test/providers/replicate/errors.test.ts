import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import type { Provider } from '../../../src/providers/port.ts';
import { accepted, attemptAt, endOf, errorOf, soon } from '../vendor-support.ts';
import { failures, refusals } from './error-table.ts';
import { replicateWorld } from './world.ts';

let service: Service;
let provider: Provider;
beforeAll(async () => ({ service, provider } = await replicateWorld()));
afterAll(() => service.close());

const asked = () => attemptAt({ model: 'black-forest-labs/flux-schnell', input: { prompt: 'a lighthouse' } });

test.each(refusals)(
  'a submit answered %i "%s" started nothing, and is %s',
  async (status, detail, errorClass) => {
    service.knobs.submit = [{ status, body: { title: 'In short', detail, status } }];
    const result = await provider.submit(asked(), soon());
    expect(result.kind).toBe('rejected');
    expect(errorOf(result)).toMatchObject({ message: detail, httpStatus: status });
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

test.each(failures)('a prediction that failed with "%s" is %s', async (message, errorClass) => {
  service.knobs.fail = [{ code: 'failed', message }];
  const ended = await endOf(provider, await accepted(provider, asked()));
  expect(ended.state).toBe('failed');
  expect(provider.classify(errorOf(ended))).toBe(errorClass);
});

test('the words of a policy, of a photo and of a fault, as they are usual', async () => {
  service.knobs.fail = ['policy', 'photo', 'system'];
  const classes = [];
  for (let index = 0; index < 3; index += 1) {
    const ended = await endOf(provider, await accepted(provider, asked()));
    classes.push(provider.classify(errorOf(ended)));
  }
  expect(classes).toEqual(['USER_POLICY', 'USER_POLICY', 'SYSTEM']);
});

test('what was aborted before it started is a fault of the system, and free', async () => {
  service.knobs.fail = [{ code: 'aborted', message: '' }];
  const ended = await endOf(provider, await accepted(provider, asked()));
  expect(ended).toMatchObject({ state: 'failed', error: { code: 'aborted' }, actualCostUsd: 0 });
  expect(provider.classify(errorOf(ended))).toBe('SYSTEM');
});

test('an hour after its end a prediction no longer has its files', async () => {
  service.knobs.resultTtlMs = 0;
  expect(await endOf(provider, await accepted(provider, asked()))).toEqual({ state: 'gone' });
  service.knobs.resultTtlMs = 3_600_000;
});

test('an empty account, a burst and a wrong token are told by the vendor itself', async () => {
  service.knobs.balanceUsd = 0;
  expect(provider.classify(errorOf(await provider.submit(asked(), soon())))).toBe('OPERATOR_BALANCE');
  service.knobs.balanceUsd = 100;
  service.knobs.submit = ['throttle'];
  expect(provider.classify(errorOf(await provider.submit(asked(), soon())))).toBe('TRANSIENT');
  const stranger = await replicateWorld({}, { apiToken: 'a-wrong-token' });
  const shut = await stranger.provider.submit(asked(), soon());
  expect(provider.classify(errorOf(shut))).toBe('OPERATOR_AUTH');
  await stranger.service.close();
});

test('with little credit left it takes one submit at a time', async () => {
  const { provider: poor, service: counting } = await replicateWorld({ knobs: { lowCreditUsd: 1_000 } });
  expect((await poor.submit(asked(), soon())).kind).toBe('accepted');
  expect(poor.classify(errorOf(await poor.submit(asked(), soon())))).toBe('TRANSIENT');
  await counting.close();
});
