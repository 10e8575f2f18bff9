import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKey } from '../../src/accounts/api-keys.ts';
import { createHttpWorld } from '../support/http-world.ts';
import type { AskOptions, HttpWorld, TestPerson } from '../support/http-world.ts';

let http: HttpWorld;
let person: TestPerson;
let readOnly: TestPerson;
let theirs: string;

const wish = {
  model: 'studio-standard',
  input: { template: 'prompt', prompt: 'Hello', duration_seconds: 3 },
};

/** Every route, with a body that would be accepted. A route that is not here fails the first test. */
const routes: {
  method: string;
  path: string;
  access: 'public' | 'read' | 'write' | 'session';
  json?: object;
}[] = [
  { method: 'GET', path: '/api/settings', access: 'public' },
  { method: 'GET', path: '/api/models', access: 'public' },
  { method: 'GET', path: '/api/me', access: 'read' },
  { method: 'GET', path: '/api/keys', access: 'session' },
  { method: 'POST', path: '/api/keys', access: 'session', json: { name: 'ci' } },
  { method: 'DELETE', path: '/api/keys/{id}', access: 'session' },
  { method: 'POST', path: '/api/quotes', access: 'write', json: wish },
  { method: 'POST', path: '/api/generations', access: 'write', json: wish },
  { method: 'GET', path: '/api/generations', access: 'read' },
  { method: 'GET', path: '/api/generations/{id}', access: 'read' },
  { method: 'GET', path: '/api/generations/{id}/events', access: 'read' },
  { method: 'POST', path: '/api/generations/{id}/cancel', access: 'write', json: {} },
  { method: 'POST', path: '/api/generations/{id}/again', access: 'write', json: {} },
  { method: 'GET', path: '/api/credits/balance', access: 'read' },
  { method: 'GET', path: '/api/credits/lots', access: 'read' },
  { method: 'GET', path: '/api/credits/holds', access: 'read' },
  { method: 'GET', path: '/api/credits/history', access: 'read' },
  { method: 'GET', path: '/api/catalogue', access: 'public' },
  {
    method: 'POST',
    path: '/api/payments/buy-credits',
    access: 'write',
    json: { credit_package: 'starter', success_url: '/', cancel_url: '/' },
  },
  {
    method: 'POST',
    path: '/api/payments/subscribe',
    access: 'write',
    json: { plan: 'plan-creator', success_url: '/', cancel_url: '/' },
  },
  { method: 'POST', path: '/api/payments/portal', access: 'write', json: { return_url: '/' } },
  { method: 'GET', path: '/api/payments/orders', access: 'read' },
  { method: 'GET', path: '/api/payments/orders/{id}', access: 'read' },
  { method: 'POST', path: '/api/payments/orders/{id}/check', access: 'write' },
  { method: 'POST', path: '/api/payments/check', access: 'write' },
  { method: 'GET', path: '/api/payments/subscription', access: 'read' },
  {
    method: 'POST',
    path: '/api/payments/subscription/preview',
    access: 'write',
    json: { plan: 'plan-creator' },
  },
  {
    method: 'POST',
    path: '/api/payments/subscription/change',
    access: 'write',
    json: { plan: 'plan-creator', at: '2027-01-01T00:00:00Z', due: 100 },
  },
  {
    method: 'POST',
    path: '/api/payments/subscription/action',
    access: 'write',
    json: { action: 'cancel' },
  },
  { method: 'GET', path: '/api/payments/auto-top-up', access: 'read' },
  {
    method: 'PUT',
    path: '/api/payments/auto-top-up',
    access: 'session',
    json: { enabled: true, threshold: 100, pack: 'starter', currency: 'usd', monthly_cap: 5000 },
  },
  { method: 'POST', path: '/api/uploads', access: 'write' },
  {
    method: 'POST',
    path: '/api/calculate-cost',
    access: 'read',
    json: { kind: 'video', duration_seconds: 3 },
  },
  {
    method: 'POST',
    path: '/api/generate',
    access: 'write',
    json: { kind: 'video', duration_seconds: 3, prompt: 'Hello' },
  },
  { method: 'GET', path: '/api/status/{job_id}', access: 'read' },
  {
    method: 'POST',
    path: '/api/callbacks/completion',
    access: 'public',
    json: { task_id: 'task', status: 'succeeded', output_duration_seconds: 5 },
  },
  {
    method: 'POST',
    path: '/api/v1/generate-video',
    access: 'write',
    json: { model: 'studio-standard', prompt: 'Hello', duration: 3 },
  },
  {
    method: 'POST',
    path: '/api/v1/generate-image',
    access: 'write',
    json: { model: 'studio-image', prompt: 'Hello' },
  },
  { method: 'GET', path: '/api/v1/video-status/{taskId}', access: 'read' },
  { method: 'PUT', path: '/api/me/locale', access: 'write', json: { locale: 'ru' } },
  { method: 'GET', path: '/api/model-status', access: 'public' },
  { method: 'GET', path: '/api/operator/overview', access: 'session' },
  { method: 'GET', path: '/api/operator/payments/orders', access: 'session' },
  { method: 'GET', path: '/api/operator/payments/events', access: 'session' },
  { method: 'GET', path: '/api/operator/payments/events/{id}', access: 'session' },
  { method: 'POST', path: '/api/operator/payments/events/{id}/replay', access: 'session' },
  {
    method: 'POST',
    path: '/api/operator/payments/reconcile',
    access: 'session',
    json: { dry_run: true, days: 30 },
  },
  ...(['ask', 'release'] as const).map((act) => ({
    method: 'POST',
    path: `/api/operator/generations/{id}/${act}`,
    access: 'session' as const,
    json: { reason: 'a test' },
  })),
  {
    method: 'POST',
    path: '/api/operator/generations/{id}/adopt',
    access: 'session',
    json: { reason: 'a test', task: 'task' },
  },
  {
    method: 'POST',
    path: '/api/operator/generations/{id}/resubmit',
    access: 'session',
    json: { reason: 'a test', attempt: 1, confirm: true },
  },
  {
    method: 'POST',
    path: '/api/operator/orphans/{id}/settle',
    access: 'session',
    json: { reason: 'a test' },
  },
  { method: 'GET', path: '/api/generations/{id}/deliveries', access: 'read' },
  { method: 'POST', path: '/api/generations/{id}/unlock', access: 'write', json: {} },
  { method: 'GET', path: '/api/webhooks', access: 'read' },
  { method: 'POST', path: '/api/webhooks', access: 'session', json: { url: 'https://example.com/hook' } },
  { method: 'DELETE', path: '/api/webhooks/{id}', access: 'session' },
  { method: 'POST', path: '/api/webhooks/{id}/rotate', access: 'session', json: {} },
  { method: 'GET', path: '/api/webhooks/{id}/deliveries', access: 'read' },
  { method: 'POST', path: '/api/deliveries/{id}/replay', access: 'write', json: {} },
  { method: 'POST', path: '/api/telegram-links', access: 'session', json: {} },
  { method: 'GET', path: '/api/telegram-links/{id}', access: 'session' },
  { method: 'POST', path: '/api/telegram-links/{id}/complete', access: 'session', json: {} },
  { method: 'GET', path: '/api/notifications', access: 'read' },
  { method: 'PUT', path: '/api/notifications', access: 'session', json: { ready: false } },
];
const named = routes.map((route) => Object.assign(route, { name: `${route.method} ${route.path}` }));
const guarded = named.filter(({ access }) => access !== 'public');
const withBody = named.filter(({ json }) => json !== undefined);
const withId = named.filter(({ path }) => path.includes('{'));

beforeAll(async () => {
  http = await createHttpWorld();
  person = await http.signUp();
  const other = await http.signUp();
  theirs = (await other.client.generate(wish)).id;
  const key = await createApiKey(http.context.accounts, {
    personId: person.id,
    name: 'reader',
    scopes: ['read'],
    expiresInDays: null,
  });
  readOnly = { ...person, apiKey: key.key };
});
afterAll(() => http.close());

const foreign: Record<string, string>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
];

type Route = { method: string; path: string; access: string };

function at(route: Route, id = 'gen_00000000000000000000000000'): string {
  return route.path.replace(/\{\w+\}/, id);
}

/** As the route's caller would be let in: by session where only that will do. */
function letIn(route: Route): AskOptions {
  return route.access === 'session' ? { headers: { cookie: person.cookie } } : { as: person };
}

async function expectRefused(
  response: Response,
  status: number,
  code: string | RegExp,
): Promise<Record<string, unknown>> {
  const text = await response.text();
  expect(`${response.headers.get('content-type')} ${text}`).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(text) as Record<string, unknown>;
  const wanted = typeof code === 'string' ? new RegExp(`^${code}$`) : code;
  expect(problem['code']).toMatch(wanted);
  expect(response.status).toBe(status);
  expect(problem).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  expect(problem['request_id']).toBe(response.headers.get('x-request-id'));
  expect(text).not.toMatch(/at .*\.ts:\d+|postgres|node_modules|syntax error/i);
  return problem;
}

test('the table names every route that the API describes', async () => {
  const document = (await (await http.ask('GET', '/api/openapi.json')).json()) as {
    paths: Record<string, object>;
  };
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(named.map(({ name }) => name).sort()).toEqual(described.sort());
});

describe.each(guarded)('$name', (route) => {
  const body = route.json === undefined ? {} : { json: route.json };

  test('without a credential, with a wrong one, and with an ended one', async () => {
    const ask = (headers: Record<string, string>) => http.ask(route.method, at(route), { ...body, headers });
    await expectRefused(await ask({}), 401, 'unauthenticated');
    await expectRefused(await ask({ authorization: 'Bearer hf_wrong' }), 401, 'key_invalid');
    await expectRefused(await ask({ authorization: 'Basic dTpw' }), 401, 'key_invalid');
    await expectRefused(await ask({ 'x-api-key': "'; drop table" }), 401, 'key_invalid');
    await expectRefused(await ask({ cookie: 'holdfast.session_token=x.y' }), 401, 'session_invalid');
    await expectRefused(await ask({ cookie: 'holdfast.session_token=%ff' }), 401, 'session_invalid');
  });
});

test.each(named.filter(({ access }) => access === 'write'))(
  '$name with a key that may only read',
  async (route) => {
    const answer = await http.ask(route.method, at(route), { as: readOnly, json: route.json });
    await expectRefused(answer, 403, 'insufficient_scope');
  },
);

test.each(named.filter(({ access }) => access === 'session'))('$name with a key', async (route) => {
  const answer = await http.ask(route.method, at(route), { as: person, json: route.json });
  await expectRefused(answer, 403, 'session_required');
});

test.each(guarded.filter(({ method }) => method !== 'GET'))(
  '$name from a page of another site',
  async (route) => {
    for (const origin of foreign) {
      const headers = { cookie: person.cookie, ...origin };
      await expectRefused(
        await http.ask(route.method, at(route), { json: route.json, headers }),
        403,
        'origin_forbidden',
      );
    }
  },
);

describe.each(withBody)('$name: the body', (route) => {
  const send = (body: string, type = 'application/json') =>
    http.ask(route.method, at(route), {
      as: route.access === 'session' ? undefined : person,
      key: 'rubbish',
      body,
      headers: { 'content-type': type, ...(route.access === 'session' ? { cookie: person.cookie } : {}) },
    });

  test.each([
    ['is not JSON', '{"model":', 'malformed_json'],
    ['is empty', '', 'malformed_json'],
    ['is text', '"hello"', 'invalid_input'],
    ['is a list', '[]', 'invalid_input'],
    ['is a number', '42', 'invalid_input'],
    ['has a prototype in it', '{"__proto__":{"admin":true}}', /malformed_json|invalid_input|bad_request/],
    ['has a field nobody knows', JSON.stringify({ ...route.json, free: true }), 'invalid_input'],
    ['has a NUL in it', JSON.stringify({ ...route.json, x: 'a\0b' }), 'invalid_input'],
    ['has half a character in it', '{"prompt":"\\ud800"}', 'invalid_input'],
  ])('%s', async (_name, body, code) => {
    await expectRefused(await send(body), 400, code);
  });

  test('is of another type, or too large', async () => {
    await expectRefused(await send('<a/>', 'text/xml'), 415, 'unsupported_media_type');
    await expectRefused(
      await send('a=b', 'application/x-www-form-urlencoded'),
      415,
      'unsupported_media_type',
    );
    await expectRefused(await send('hello', 'text/plain'), 415, 'unsupported_media_type');
    await expectRefused(await send(`{"x":"${'a'.repeat(1_100_000)}"}`), 413, 'body_too_large');
  });
});

describe.each(withId)('$name: the id', (route) => {
  const body = route.json === undefined ? {} : { json: route.json, key: 'rubbish' };

  test("is another person's, nobody's, or a trick, and all look alike", async () => {
    const answers = [];
    for (const id of [
      theirs,
      'gen_00000000000000000000000000',
      'x',
      '..%2f..%2f..%2fetc%2fpasswd',
      '%27%20or%201%3D1',
      '%E2%82%AC',
    ]) {
      const { request_id: _, ...problem } = await expectRefused(
        await http.ask(route.method, at(route, id), { ...letIn(route), ...body }),
        404,
        'not_found',
      );
      answers.push(JSON.stringify(problem));
    }
    expect(new Set(answers).size).toBe(1);
  });

  test('can not even be read', async () => {
    const ask = (id: string) => http.ask(route.method, at(route, id), { ...letIn(route), ...body });
    await expectRefused(await ask('%zz'), 400, 'malformed_url');
    await expectRefused(await ask('a%00b'), 400, 'invalid_input');
    await expectRefused(await ask('a'.repeat(150)), 400, 'invalid_input');
    await expectRefused(await ask('a'.repeat(5_000)), 400, /malformed_url|invalid_input/);
  });
});

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
    await expectRefused(await http.ask('GET', path, { as: person }), 400, 'invalid_input');
  });

  test.each(['/api/generations?cursor=nonsense', '/api/credits/history?cursor=nonsense'])(
    '%s',
    async (path) => {
      await expectRefused(await http.ask('GET', path, { as: person }), 400, 'cursor_invalid');
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
      await expectRefused(await http.ask('POST', path, { as: person, key, json }), status, code);
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
    await expectRefused(await http.ask('POST', path, { as: person, json }), status, code);
  });

  test("another person's quote, a quote that never was, both kinds of request at once", async () => {
    const other = await http.signUp();
    const quote = await other.client.quote(wish);
    for (const id of [quote.id, 'quo_none']) {
      const answer = await http.ask('POST', '/api/generations', { as: person, key: id, json: { quote: id } });
      await expectRefused(answer, 404, 'not_found');
    }
    const both = { quote: quote.id, ...wish };
    await expectRefused(
      await http.ask('POST', '/api/generations', { as: person, key: 'both', json: both }),
      400,
      'invalid_input',
    );
  });
});

describe('idempotency keys', () => {
  test('a generation needs one', async () => {
    await expectRefused(
      await http.ask('POST', '/api/generations', { as: person, json: wish }),
      400,
      'idempotency_key_required',
    );
    await expectRefused(
      await http.ask('POST', `/api/generations/${theirs}/again`, { as: person, json: {} }),
      400,
      'idempotency_key_required',
    );
  });

  test.each(['a b', 'ü', 'a'.repeat(201)])('%j is not one', async (key) => {
    const headers = { 'idempotency-key': Buffer.from(key, 'utf8').toString('latin1') };
    for (const path of ['/api/generations', '/api/quotes']) {
      await expectRefused(
        await http.ask('POST', path, { as: person, json: wish, headers }),
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
    await expectRefused(await http.ask(method, path), 404, 'route_not_found');
  });
});

test('after all of it nothing was held, charged or made', async () => {
  expect(await person.client.balance()).toMatchObject({ total: 100, held: 0, available: 100 });
  expect((await person.client.generations()).items).toEqual([]);
});
