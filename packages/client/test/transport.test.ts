import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  ConflictError,
  ConnectionError,
  HoldfastClient,
  InsufficientCreditsError,
  NotFoundError,
  RateLimitedError,
  UnauthenticatedError,
  UnexpectedAnswerError,
} from '../src/index.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A network that behaves as badly as the test says: one answer after the other. */
async function network(...answers: Answer[]) {
  const seen: { key: string | undefined; auth: string | undefined; body: string; url: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const key = request.headers['idempotency-key'] as string | undefined;
      seen.push({ key, auth: request.headers.authorization, body, url: request.url ?? '' });
      const answer = answers[Math.min(seen.length, answers.length) - 1];
      answer?.(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { seen, baseUrl: `http://127.0.0.1:${port}` };
}

const json =
  (status: number, body: unknown): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
const refuse = (status: number, code: string, facts: object = {}) =>
  json(status, { type: `urn:x:${code}`, title: code, status, code, detail: `Refused: ${code}.`, ...facts });
const breakOff: Answer = (request) => request.socket.destroy();

const settings = {
  sign_up_credits: 100,
  sign_up_credits_need_verified_email: false,
  credit_expiry_months: 6,
  max_upload_bytes: 1,
  password_min_length: 10,
  pricing_url: 'http://x/pricing',
  local_mail_url: null,
  telegram: false,
};

describe('retries', () => {
  test('silence and the server’s faults are tried again, with the same key each time', async () => {
    const key = {
      id: 'key_1',
      name: 'ci',
      start: 'hf_',
      scopes: ['read'],
      last_used_at: null,
      expires_at: null,
    };
    const made = { ...key, created_at: '2026-01-01T00:00:00.000Z', key: 'hf_x' };
    const { seen, baseUrl } = await network(breakOff, refuse(503, 'unavailable'), json(201, made));
    const client = new HoldfastClient({ baseUrl, apiKey: 'hf_secret' });
    expect((await client.createKey({ name: 'ci' })).key).toBe('hf_x');
    expect(seen).toHaveLength(3);
    expect(new Set(seen.map((request) => request.key)).size).toBe(1);
    expect(seen[0]?.key).toMatch(/^[0-9a-f]{32}$/);
    expect(seen[0]?.auth).toBe('Bearer hf_secret');
  });

  test('each call has a key of its own, unless one is given', async () => {
    const { seen, baseUrl } = await network(refuse(400, 'invalid_input'));
    const client = new HoldfastClient({ baseUrl });
    const request = { quote: 'quo_1' };
    await Promise.allSettled([
      client.generate(request),
      client.generate(request),
      client.generate(request, { idempotencyKey: 'mine' }),
    ]);
    expect(new Set(seen.map(({ key }) => key)).size).toBe(3);
    expect(seen.map(({ key }) => key)).toContain('mine');
  });

  test('a refusal is not tried again', async () => {
    const { seen, baseUrl } = await network(refuse(404, 'not_found'));
    await expect(new HoldfastClient({ baseUrl }).generation('gen_1')).rejects.toBeInstanceOf(NotFoundError);
    expect(seen).toHaveLength(1);
  });

  test('after the last try the silence is told', async () => {
    const { seen, baseUrl } = await network(breakOff);
    await expect(new HoldfastClient({ baseUrl, retries: 1 }).models()).rejects.toBeInstanceOf(
      ConnectionError,
    );
    expect(seen).toHaveLength(2);
  });

  test('an answer that takes too long is silence', async () => {
    const { baseUrl } = await network(() => undefined);
    const client = new HoldfastClient({ baseUrl, retries: 0, timeoutMs: 30 });
    await expect(client.models()).rejects.toBeInstanceOf(ConnectionError);
  });

  test('the caller’s own signal ends it at once', async () => {
    const { seen, baseUrl } = await network(() => undefined);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(new HoldfastClient({ baseUrl }).models({ signal })).rejects.toThrow('enough');
    expect(seen.length).toBeLessThanOrEqual(1);
  });
});

describe('errors', () => {
  test('too little credit comes with its amounts', async () => {
    const facts = {
      total: 100,
      held: 60,
      available: 40,
      required: 50,
      shortfall: 10,
      pricing_url: '/pricing',
    };
    const { baseUrl } = await network(refuse(402, 'insufficient_credits', facts));
    const error = await new HoldfastClient({ baseUrl })
      .generate({ quote: 'q' })
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(InsufficientCreditsError);
    expect(error).toMatchObject({
      code: 'insufficient_credits',
      status: 402,
      shortfall: 10,
      pricingUrl: '/pricing',
    });
  });

  test.each([
    [401, 'session_expired', UnauthenticatedError],
    [409, 'idempotency_conflict', ConflictError],
    [429, 'cooldown', RateLimitedError],
  ] as const)('%i %s has a class of its own', async (status, code, kind) => {
    const { baseUrl } = await network(refuse(status, code));
    await expect(new HoldfastClient({ baseUrl }).me()).rejects.toBeInstanceOf(kind);
  });

  test('a page where JSON was expected, and an answer of another shape, are named as such', async () => {
    const page: Answer = (_request, response) => response.writeHead(404).end('<h1>nginx</h1>');
    const { baseUrl } = await network(page, json(200, { sign_up_credits: 'many' }), json(200, settings));
    const client = new HoldfastClient({ baseUrl, retries: 0 });
    await expect(client.settings()).rejects.toBeInstanceOf(UnexpectedAnswerError);
    await expect(client.settings()).rejects.toBeInstanceOf(UnexpectedAnswerError);
    expect(await client.settings()).toEqual(settings);
  });
});
