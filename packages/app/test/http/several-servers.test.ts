import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoldfastClient, InsufficientCreditsError } from '@holdfast/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { grantCredits } from '../../src/credits/commands.ts';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld, TestPerson } from '../support/http-world.ts';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';

let http: HttpWorld;
let directory: string;
let servers: ServerProcess[];

beforeAll(async () => {
  http = await createHttpWorld();
  directory = await mkdtemp(join(tmpdir(), 'holdfast-servers-'));
  const env = {
    DATABASE_URL: http.world.adminUrl,
    HOLDFAST_DATA_DIR: directory,
    PUBLIC_URL: 'http://127.0.0.1:8000',
    WRITES_PER_MINUTE: '1000000',
    REQUESTS_PER_MINUTE: '1000000',
  };
  servers = await Promise.all([startServerProcess(env), startServerProcess(env), startServerProcess(env)]);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await http.close();
  await rm(directory, { recursive: true, force: true });
});

const wish = {
  model: 'studio-standard',
  input: { template: 'prompt', prompt: 'Hello', duration_seconds: 5 },
};

/** One person's client of each server: a key made by one is good at all. */
function clientsOf(person: TestPerson): (index: number) => HoldfastClient {
  const clients = servers.map(
    ({ url }) => new HoldfastClient({ baseUrl: url, apiKey: person.apiKey, retries: 0 }),
  );
  return (index) => {
    const client = clients[index % clients.length];
    if (!client) throw new Error('no server was started');
    return client;
  };
}

test('50 requests at once over three servers, with credit for 3: 3 are accepted, 47 refused, nothing is over-held', async () => {
  const person = await http.signUp({ credits: 50n });
  const client = clientsOf(person);
  const answers = await Promise.allSettled(
    Array.from({ length: 50 }, (_, index) => client(index).generate(wish)),
  );
  const refused = answers
    .filter((answer) => answer.status === 'rejected')
    .map((answer) => answer.reason as unknown);
  expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(3);
  expect(refused).toHaveLength(47);
  for (const error of refused) {
    expect(error).toBeInstanceOf(InsufficientCreditsError);
    expect(error).toMatchObject({ status: 402, total: 150, required: 50 });
  }
  for (const index of servers.keys()) {
    expect(await client(index).balance()).toMatchObject({ total: 150, held: 150, available: 0 });
    expect((await client(index).generations()).items).toHaveLength(3);
    expect(await client(index).holds()).toHaveLength(3);
  }
});

test('one key sent to all servers at once starts one generation', async () => {
  const client = clientsOf(await http.signUp());
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => client(index).generate(wish, { idempotencyKey: 'the-same' })),
  );
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(await client(0).balance()).toMatchObject({ held: 50 });
});

test('grants and starts of one person at once, over all servers, add up', async () => {
  const person = await http.signUp();
  const client = clientsOf(person);
  const starts = Array.from({ length: 20 }, (_, index) => client(index).generate(wish));
  const grants = Array.from({ length: 10 }, (_, index) =>
    grantCredits(http.context.credits, {
      personId: person.id,
      key: `grant-${index}`,
      amount: 10n,
      source: 'support',
      reason: 'a test',
    }),
  );
  const accepted = (await Promise.allSettled(starts)).filter(
    (answer) => answer.status === 'fulfilled',
  ).length;
  await Promise.all(grants);
  const { total, held, available } = await person.client.balance();
  expect(total).toBe(200);
  expect(held).toBe(accepted * 50);
  expect(available).toBe(total - held);
  expect(accepted).toBeGreaterThanOrEqual(2);
});

test('a server that is asked to stop ends its streams, answers what it has begun, and goes', async () => {
  const server = await startServerProcess({
    DATABASE_URL: http.world.adminUrl,
    HOLDFAST_DATA_DIR: directory,
    PUBLIC_URL: 'http://127.0.0.1:8000',
  });
  const person = await http.signUp();
  const client = new HoldfastClient({ baseUrl: server.url, apiKey: person.apiKey, retries: 0 });
  const made = await client.generate(wish);
  const stream = await fetch(`${server.url}/api/generations/${made.id}/events`, {
    headers: { authorization: `Bearer ${person.apiKey}` },
  });
  const reader = stream.body?.getReader();
  await reader?.read();
  const underWay = client.quote(wish);
  await client.models();
  const ended = await server.stop();
  expect(ended).toEqual({ code: 0, signal: null });
  expect((await underWay).credits).toBe(50);
  for (;;) {
    const chunk = await reader?.read();
    if (!chunk || chunk.done) break;
  }
  await expect(client.models()).rejects.toMatchObject({ name: 'ConnectionError' });
  const log = server.lines.join('\n');
  expect(log).toContain('server stopped');
  expect(log).not.toContain(person.apiKey);
});

test('what is secret is not in the log of a server, however much it says', async () => {
  const server = await startServerProcess({
    DATABASE_URL: http.world.adminUrl,
    HOLDFAST_DATA_DIR: directory,
    PUBLIC_URL: 'http://127.0.0.1:8000',
    LOG_LEVEL: 'trace',
  });
  const ask = (path: string, json: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(json),
    });
  const email = 'secretive@example.com';
  const secrets = ['a password that nobody may read', 'a wrong one that is nobody’s'];
  const signedUp = await ask('/api/auth/sign-up/email', { name: 'Ada', email, password: secrets[0] });
  await ask('/api/auth/sign-in/email', { email, password: secrets[1] });
  const cookie = signedUp.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const made = await ask('/api/keys', { name: 'ci' }, { cookie });
  const { key } = (await made.json()) as { key: string };
  const client = new HoldfastClient({ baseUrl: server.url, apiKey: key, retries: 0 });
  await client.generate(wish);
  await fetch(`${server.url}/media/file/ast_1?expires=1&signature=notforanyone`);
  await expect(client.generate({ quote: 'quo_none' })).rejects.toMatchObject({ code: 'not_found' });
  await server.stop();
  const log = server.lines.join('\n');
  const token = decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? '';
  expect(token.length).toBeGreaterThan(20);
  expect(log).toContain('"available":"50","required":"50"');
  for (const secret of [...secrets, key, token, 'notforanyone']) expect(log).not.toContain(secret);
});

test('a port that is taken is said in a sentence', async () => {
  const port = new URL(servers[0]?.url ?? '').port;
  const env = { DATABASE_URL: http.world.adminUrl, HOLDFAST_DATA_DIR: directory, PORT: port };
  await expect(startServerProcess(env)).rejects.toThrow(`Port ${port} is in use: set PORT to another one`);
});
