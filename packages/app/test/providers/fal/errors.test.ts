import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import type { Provider } from '../../../src/providers/port.ts';
import { accepted, attemptAt, endOf, errorOf, soon } from '../vendor-support.ts';
import { failures, refusals } from './error-table.ts';
import { falWorld } from './world.ts';

let service: Service;
let provider: Provider;
beforeAll(async () => ({ service, provider } = await falWorld()));
afterAll(() => service.close());

const asked = (input: Record<string, unknown> = { prompt: 'a lighthouse' }) =>
  attemptAt({ model: 'fal-ai/flux/dev', input });

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
  service.uploads.add('/files/one.png');
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
