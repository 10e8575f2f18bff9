import { afterAll, beforeAll, describe, test } from 'vitest';
import { wish } from './routes.ts';
import { createRubbishWorld, expectNothingDone, expectRefused } from './world.ts';
import type { RubbishWorld } from './world.ts';

let world: RubbishWorld;

beforeAll(async () => {
  world = await createRubbishWorld();
});
afterAll(() => world.http.close());

describe('queries', () => {
  test.each([
    '/api/generations?limit=0',
    '/api/generations?limit=101',
    '/api/generations?limit=1.5',
    '/api/generations?limit=NaN',
    '/api/generations?limit=1&limit=2',
    '/api/generations?status=everything',
    '/api/generations?kind=smell',
    '/api/generations?free=yes',
    '/api/generations?cursor=%00',
    `/api/generations?cursor=${'a'.repeat(500)}`,
    '/api/credits/history?limit=-1',
    '/api/credits/history?order=desc',
    '/api/credits/lots?all=perhaps',
    '/api/credits/holds?state=closed',
  ])('%s', async (path) => {
    await expectRefused(await world.http.ask('GET', path, { as: world.person }), 400, 'invalid_input');
  });

  test.each(['/api/generations?cursor=nonsense', '/api/credits/history?cursor=nonsense'])(
    '%s',
    async (path) => {
      await expectRefused(await world.http.ask('GET', path, { as: world.person }), 400, 'cursor_invalid');
    },
  );
});

describe('what is asked for', () => {
  const wishes: [string, object, number, string | RegExp][] = [
    ['an unknown model', { model: 'gpt-9' }, 404, 'not_found'],
    ['no model', { model: '' }, 400, 'invalid_input'],
    ['0 seconds', { input: { duration_seconds: 0 } }, 400, 'invalid_input'],
    ['1,000 seconds', { input: { duration_seconds: 1_000 } }, 400, 'input_out_of_range'],
    ['minus one second', { input: { duration_seconds: -1 } }, 400, 'invalid_input'],
    ['4.2 seconds', { input: { duration_seconds: 4.2 } }, 400, 'invalid_input'],
    ['NaN seconds', { input: { duration_seconds: Number.NaN } }, 400, 'invalid_input'],
    ['"5" seconds', { input: { duration_seconds: '5' } }, 400, 'invalid_input'],
    ['10^30 seconds', { input: { duration_seconds: 1e30 } }, 400, 'invalid_input'],
    ['an unknown template', { input: { template: 'film' } }, 400, /^input_/],
    ['an unknown style', { input: { style: '../../etc' } }, 400, /^input_/],
    ['another shape', { input: { aspect_ratio: '4:3' } }, 400, 'invalid_input'],
    ['a prompt that is too long', { input: { prompt: 'a'.repeat(5_001) } }, 400, 'invalid_input'],
    ['a prompt that is a list', { input: { prompt: ['a'] } }, 400, 'invalid_input'],
    ['no prompt', { input: { prompt: undefined } }, 400, 'input_required'],
    ["a photo that isn't there", { input: { template: 'reels', image: 'upl_none' } }, 404, 'not_found'],
    ['a path as a photo', { input: { template: 'reels', image: '/etc/passwd' } }, 404, 'not_found'],
    ['a seed below 0', { input: { seed: -1 } }, 400, 'invalid_input'],
    ['a free lunch', { credits: 0 }, 400, 'invalid_input'],
    ['an input nobody knows', { input: { price: 0 } }, 400, 'invalid_input'],
  ];

  test.each(wishes)('%s', async (_name, change: { model?: string; input?: object }, status, code) => {
    const json = { ...wish, ...change, input: { ...wish.input, ...change.input } };
    for (const path of ['/api/quotes', '/api/generations']) {
      const key = `${path}${JSON.stringify(change).length}`.replaceAll('/', '-');
      await expectRefused(await world.http.ask('POST', path, { as: world.person, key, json }), status, code);
    }
  });

  test.each([
    ['/api/calculate-cost', { kind: 'smell', duration_seconds: 5 }, 400, 'invalid_input'],
    ['/api/calculate-cost', { duration_seconds: 0 }, 400, 'invalid_input'],
    ['/api/calculate-cost', { duration_seconds: 1_000 }, 400, 'input_out_of_range'],
    ['/api/calculate-cost', { model: 'gpt-9' }, 404, 'not_found'],
    ['/api/calculate-cost', { tier: 'ultra' }, 400, 'invalid_input'],
    ['/api/calculate-cost', { count: 2 }, 400, 'input_unknown'],
    ['/api/calculate-cost', { count: 17 }, 400, 'invalid_input'],
    ['/api/generate', { duration_seconds: 5 }, 400, 'invalid_input'],
    ['/api/generate', { prompt: 'x', duration_seconds: -5 }, 400, 'invalid_input'],
    ['/api/generate', { prompt: 'x', image: 'upl_none' }, 404, 'not_found'],
    ['/api/v1/generate-video', { prompt: 'x', model: 'gpt-9' }, 404, 'not_found'],
    ['/api/v1/generate-image', { prompt: 'x', model: 'studio-standard' }, 400, 'invalid_input'],
  ] as const)('%s %j', async (path, json, status, code) => {
    await expectRefused(await world.http.ask('POST', path, { as: world.person, json }), status, code);
  });

  test("another person's quote, a quote that never was, both kinds of request at once", async () => {
    const other = await world.http.signUp();
    const quote = await other.client.quote(wish);
    for (const id of [quote.id, 'quo_none']) {
      const answer = await world.http.ask('POST', '/api/generations', {
        as: world.person,
        key: id,
        json: { quote: id },
      });
      await expectRefused(answer, 404, 'not_found');
    }
    const both = { quote: quote.id, ...wish };
    await expectRefused(
      await world.http.ask('POST', '/api/generations', { as: world.person, key: 'both', json: both }),
      400,
      'invalid_input',
    );
  });
});

describe('idempotency keys', () => {
  test('a generation needs one', async () => {
    await expectRefused(
      await world.http.ask('POST', '/api/generations', { as: world.person, json: wish }),
      400,
      'idempotency_key_required',
    );
    await expectRefused(
      await world.http.ask('POST', `/api/generations/${world.theirs}/again`, { as: world.person, json: {} }),
      400,
      'idempotency_key_required',
    );
  });

  test.each(['a b', 'ü', 'a'.repeat(201)])('%j is not one', async (key) => {
    const headers = { 'idempotency-key': Buffer.from(key, 'utf8').toString('latin1') };
    for (const path of ['/api/generations', '/api/quotes']) {
      await expectRefused(
        await world.http.ask('POST', path, { as: world.person, json: wish, headers }),
        400,
        'idempotency_key_invalid',
      );
    }
  });
});

describe('addresses', () => {
  test.each([
    ['GET', '/api/nothing'],
    ['GET', '/api'],
    ['GET', '/api/../api/nothing'],
    ['GET', '/media/'],
    ['PUT', '/api/quotes'],
    ['DELETE', '/api/credits/balance'],
    ['POST', '/'],
    ['GET', '/.env'],
    ['GET', '/index.html.map'],
    ['GET', '/..%2f..%2fpackage.json'],
    ['GET', '/%2e%2e/%2e%2e/package.json'],
  ])('%s %s', async (method, path) => {
    await expectRefused(await world.http.ask(method, path), 404, 'route_not_found');
  });
});

test('after all of it nothing was held, charged or made', async () => {
  await expectNothingDone(world.person);
});
