import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld } from '../support/http-world.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld({
    env: { REQUESTS_PER_MINUTE: '150', WRITES_PER_MINUTE: '20', TRUSTED_PROXIES: 'loopback' },
  });
});
afterAll(() => http.close());

const wish = {
  model: 'studio-standard',
  input: { template: 'prompt', prompt: 'Hello', duration_seconds: 3 },
};
/** From another address each, as a trusted proxy reports it. */
const from = (address: string) => ({ 'x-forwarded-for': address });

test('writes are counted by person, whatever address they come from', async () => {
  const person = await http.signUp();
  const other = await http.signUp();
  const statuses: number[] = [];
  for (let n = 0; n < 25; n += 1) {
    const answer = await http.ask('POST', '/api/quotes', {
      as: person,
      json: wish,
      headers: from(`10.0.0.${n}`),
    });
    statuses.push(answer.status);
    await answer.arrayBuffer();
  }
  expect(statuses.filter((status) => status === 201).length).toBeGreaterThanOrEqual(19);
  const refused = await http.ask('POST', '/api/quotes', {
    as: person,
    json: wish,
    headers: from('10.0.1.1'),
  });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({
    code: 'rate_limited',
    limit: 20,
    retry_after_seconds: expect.any(Number),
  });
  const read = await http.ask('GET', '/api/credits/balance', { as: person, headers: from('10.0.1.1') });
  expect(read.status).toBe(200);
  const others = await http.ask('POST', '/api/quotes', { as: other, json: wish, headers: from('10.0.1.1') });
  expect(others.status).toBe(201);
});

test('requests are counted by address; files and health are not', async () => {
  const statuses: number[] = [];
  for (let n = 0; n < 160; n += 1) {
    const answer = await http.ask('GET', '/api/models', { headers: from('192.0.2.7') });
    statuses.push(answer.status);
    await answer.arrayBuffer();
  }
  expect(statuses.slice(0, 140)).toEqual(statuses.slice(0, 140).map(() => 200));
  expect(statuses.at(-1)).toBe(429);
  for (const path of ['/healthz', '/readyz']) {
    expect((await http.ask('GET', path, { headers: from('192.0.2.7') })).status).toBe(200);
  }
  const media = await http.ask('GET', '/media/file/ast_1?expires=1&signature=x', {
    headers: from('192.0.2.7'),
  });
  expect(media.status).toBe(403);
  expect((await http.ask('GET', '/api/models', { headers: from('192.0.2.8') })).status).toBe(200);
});

test('whoever has an IPv6 network is one address', async () => {
  for (let n = 0; n < 160; n += 1) {
    await (
      await http.ask('GET', '/api/settings', { headers: from(`2001:db8:1:2::${n.toString(16)}`) })
    ).arrayBuffer();
  }
  const neighbour = await http.ask('GET', '/api/settings', { headers: from('2001:db8:1:2:ffff::1') });
  expect(neighbour.status).toBe(429);
  expect((await http.ask('GET', '/api/settings', { headers: from('2001:db8:1:3::1') })).status).toBe(200);
});

test('a password is not guessed from many addresses', async () => {
  const { email } = await http.signUp();
  const codes: string[] = [];
  for (let n = 0; n < 12; n += 1) {
    const answer = await http.ask('POST', '/api/auth/sign-in/email', {
      json: { email, password: `wrong guess ${n}` },
      headers: from(`198.51.100.${n}`),
    });
    codes.push(((await answer.json()) as { code: string }).code);
  }
  expect(codes.slice(0, 10)).toEqual(codes.slice(0, 10).map(() => 'invalid_email_or_password'));
  expect(codes.at(-1)).toBe('rate_limited');
});
