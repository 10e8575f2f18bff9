import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, guarded, named } from './routes.ts';
import { createRubbishWorld, expectNothingDone, expectRefused } from './world.ts';
import type { RubbishWorld } from './world.ts';

let world: RubbishWorld;

beforeAll(async () => {
  world = await createRubbishWorld();
});
afterAll(() => world.http.close());

const foreign: Record<string, string>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
];

test('the table names every route that the API describes', async () => {
  const document = (await (await world.http.ask('GET', '/api/openapi.json')).json()) as {
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
    const ask = (headers: Record<string, string>) =>
      world.http.ask(route.method, at(route), { ...body, headers });
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
    const answer = await world.http.ask(route.method, at(route), { as: world.readOnly, json: route.json });
    await expectRefused(answer, 403, 'insufficient_scope');
  },
);

test.each(named.filter(({ access }) => access === 'session'))('$name with a key', async (route) => {
  const answer = await world.http.ask(route.method, at(route), { as: world.person, json: route.json });
  await expectRefused(answer, 403, 'session_required');
});

test.each(guarded.filter(({ method }) => method !== 'GET'))(
  '$name from a page of another site',
  async (route) => {
    for (const origin of foreign) {
      const headers = { cookie: world.person.cookie, ...origin };
      await expectRefused(
        await world.http.ask(route.method, at(route), { json: route.json, headers }),
        403,
        'origin_forbidden',
      );
    }
  },
);

test('after all of it nothing was held, charged or made', async () => {
  await expectNothingDone(world.person);
});
