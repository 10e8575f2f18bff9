import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, named } from './routes.ts';
import { createRubbishWorld, expectNothingDone, expectRefused } from './world.ts';
import type { RubbishWorld } from './world.ts';

const withBody = named.filter(({ json }) => json !== undefined);
const withId = named.filter(({ path }) => path.includes('{'));

let world: RubbishWorld;

beforeAll(async () => {
  world = await createRubbishWorld();
});
afterAll(() => world.http.close());

describe.each(withBody)('$name: the body', (route) => {
  const send = (body: string, type = 'application/json') =>
    world.http.ask(route.method, at(route), {
      as: route.access === 'session' ? undefined : world.person,
      key: 'rubbish',
      body,
      headers: {
        'content-type': type,
        ...(route.access === 'session' ? { cookie: world.person.cookie } : {}),
      },
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
      world.theirs,
      'gen_00000000000000000000000000',
      'x',
      '..%2f..%2f..%2fetc%2fpasswd',
      '%27%20or%201%3D1',
      '%E2%82%AC',
    ]) {
      const { request_id: _, ...problem } = await expectRefused(
        await world.http.ask(route.method, at(route, id), { ...world.letIn(route), ...body }),
        404,
        'not_found',
      );
      answers.push(JSON.stringify(problem));
    }
    expect(new Set(answers).size).toBe(1);
  });

  test('can not even be read', async () => {
    const ask = (id: string) =>
      world.http.ask(route.method, at(route, id), { ...world.letIn(route), ...body });
    await expectRefused(await ask('%zz'), 400, 'malformed_url');
    await expectRefused(await ask('a%00b'), 400, 'invalid_input');
    await expectRefused(await ask('a'.repeat(150)), 400, 'invalid_input');
    await expectRefused(await ask('a'.repeat(5_000)), 400, /malformed_url|invalid_input/);
  });
});

test('after all of it nothing was held, charged or made', async () => {
  await expectNothingDone(world.person);
});
