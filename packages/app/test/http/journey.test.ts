import { InsufficientCreditsError } from '@holdfast/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld } from '../support/http-world.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
});
afterAll(() => http.close());

const five_seconds = {
  model: 'studio-standard',
  input: { template: 'prompt', prompt: 'Hello', duration_seconds: 5 },
};

test('a new person signs up, sees the price, starts a generation and sees what is held', async () => {
  const { client, id, email } = await http.signUp();
  expect(await client.me()).toMatchObject({
    id,
    email,
    role: 'creator',
    credits_waiting_for_verification: 0,
  });
  expect(await client.balance()).toMatchObject({
    total: 100,
    held: 0,
    available: 100,
    credits_balance: 100,
    tier: 'free',
  });

  const quote = await client.quote(five_seconds);
  expect(quote).toMatchObject({
    credits: 50,
    unit: 'second',
    units: 5,
    credits_per_unit: 10,
    sufficient: true,
    shortfall: 0,
  });
  expect(await client.balance()).toMatchObject({ held: 0 });

  const made = await client.generate({ quote: quote.id });
  expect(made).toMatchObject({ status: 'queued', final: false, can_cancel: true });
  expect(await client.generation(made.id)).toMatchObject({ status: 'queued', queue_position: 1 });
  expect(made.receipt).toMatchObject({ quoted: 50, held: 50, captured: 0, not_charged: false });
  expect(await client.balance()).toMatchObject({ total: 100, held: 50, available: 50 });
  expect((await client.holds())[0]).toMatchObject({ amount: 50, generation: made.id, state: 'open' });
  expect((await client.lots())[0]).toMatchObject({ granted: 100, held: 50 });
  expect((await client.generations()).items.map((item) => item.id)).toEqual([made.id]);

  const again = await client.generateAgain(made.id);
  expect(again.input).toEqual(made.input);
  const broke = await client.generate(five_seconds).catch((error: unknown) => error);
  expect(broke).toBeInstanceOf(InsufficientCreditsError);
  expect(broke).toMatchObject({ total: 100, held: 100, available: 0, required: 50, shortfall: 50 });
  expect((broke as InsufficientCreditsError).pricingUrl).toMatch(/\/pricing$/);

  const cancelled = await client.cancelGeneration(made.id);
  expect(cancelled).toMatchObject({ status: 'cancelled', final: true });
  expect(cancelled.receipt).toMatchObject({ held: 50, captured: 0, released: 50, not_charged: true });
  expect(await client.balance()).toMatchObject({ total: 100, held: 50, available: 50 });
  const history = await client.history({ limit: 2 });
  expect(history.items).toHaveLength(2);
  expect(history.next).not.toBeNull();
});

describe('a retry', () => {
  test('gets the first answer, from every write', async () => {
    const person = await http.signUp();
    const twice = async (path: string, json: unknown) => {
      const first = await http.ask('POST', path, {
        as: person,
        key: `key for ${path}`.replaceAll(' ', '-'),
        json,
      });
      const second = await http.ask('POST', path, {
        as: person,
        key: `key for ${path}`.replaceAll(' ', '-'),
        json,
      });
      expect([first.status, second.status]).toEqual([first.status, first.status]);
      expect(first.ok).toBe(true);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      const answer = (await first.json()) as { id: string };
      expect(((await second.json()) as { id: string }).id).toBe(answer.id);
      return answer;
    };
    await twice('/api/quotes', five_seconds);
    const made = await twice('/api/generations', five_seconds);
    await twice(`/api/generations/${made.id}/again`, {});
    await twice(`/api/generations/${made.id}/cancel`, {});
    expect((await person.client.generations()).items).toHaveLength(2);
  });

  test('with another body is a conflict, and nothing is held', async () => {
    const person = await http.signUp();
    for (const path of ['/api/generations', '/api/quotes']) {
      await http.ask('POST', path, { as: person, key: 'same', json: five_seconds });
      const other = { ...five_seconds, input: { ...five_seconds.input, duration_seconds: 4 } };
      const response = await http.ask('POST', path, { as: person, key: 'same', json: other });
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ code: 'idempotency_conflict' });
    }
    expect(await person.client.balance()).toMatchObject({ held: 50 });
  });

  test('gets the first answer although the quote has expired meanwhile', async () => {
    const person = await http.signUp();
    const quote = await person.client.quote(five_seconds);
    const made = await person.client.generate({ quote: quote.id }, { idempotencyKey: 'late' });
    await http.world.clock.advance('1 hour');
    expect((await person.client.generate({ quote: quote.id }, { idempotencyKey: 'late' })).id).toBe(made.id);
    await expect(person.client.generate({ quote: quote.id })).rejects.toMatchObject({
      code: 'quote_expired',
    });
  });

  test('of a new key gets the very same key, and the database can not tell it', async () => {
    const person = await http.signUp();
    const ask = () =>
      http.ask('POST', '/api/keys', { key: 'k', json: { name: 'ci' }, headers: { cookie: person.cookie } });
    const [first, second] = [await ask(), await ask()];
    const made = (await first.json()) as { key: string };
    expect(await second.json()).toEqual(made);
    const { rows } = await http.world.admin.query(
      `select encode(body, 'escape') as body from holdfast.answered_request`,
    );
    expect(JSON.stringify(rows)).not.toContain(made.key);
  });

  test('of two at once, one does it and the other says so or has its answer', async () => {
    const person = await http.signUp();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        http.ask('POST', '/api/quotes', { as: person, key: 'race', json: five_seconds }),
      ),
    );
    const bodies = await Promise.all(
      answers.map((answer) => answer.json() as Promise<{ id?: string; code?: string }>),
    );
    const ids = new Set(bodies.flatMap(({ id }) => id ?? []));
    const codes = new Set(bodies.flatMap(({ code }) => code ?? []));
    expect([...codes].filter((code) => code !== 'idempotency_in_progress')).toEqual([]);
    expect(ids.size).toBe(1);
  });
});

describe('the doors of existing front ends', () => {
  test('calculate, generate and status', async () => {
    const person = await http.signUp();
    const cost = await http.ask('POST', '/api/calculate-cost', {
      as: person,
      json: { kind: 'video', tier: 'pro', duration_seconds: 5 },
    });
    expect(await cost.json()).toEqual({
      total_credits: 70,
      credits_per_second: 14,
      duration_seconds: 5,
      credits_balance: 100,
      sufficient: true,
      shortfall: 0,
    });
    const asked = { kind: 'video', tier: 'standard', duration_seconds: 6, prompt: 'Hello' };
    const made = await http.ask('POST', '/api/generate', { as: person, json: asked });
    expect(made.status).toBe(202);
    const job = (await made.json()) as { job_id: string };
    expect(job).toEqual({ job_id: expect.stringMatching(/^gen_/), status: 'PENDING', credits: 60 });
    const status = await http.ask('GET', `/api/status/${job.job_id}`, { as: person });
    expect(await status.json()).toEqual({
      job_id: job.job_id,
      status: 'PENDING',
      progress: 0,
      credits_charged: 0,
      credits_returned: 0,
    });
    const broke = await http.ask('POST', '/api/generate', { as: person, json: asked });
    expect(broke.status).toBe(402);
    expect(await broke.json()).toMatchObject({
      shortfall: 20,
      pricing_url: expect.stringMatching(/\/pricing$/),
    });

    await person.client.cancelGeneration(job.job_id);
    const failed = await http.ask('GET', `/api/status/${job.job_id}`, { as: person });
    expect(await failed.json()).toMatchObject({
      status: 'FAILURE',
      credits_charged: 0,
      credits_returned: 60,
    });
  });

  test('v1: generate-video, generate-image, video-status', async () => {
    const person = await http.signUp();
    const video = await http.ask('POST', '/api/v1/generate-video', {
      as: person,
      key: 'v1',
      json: { prompt: 'Hello', model: 'studio-standard', duration: 3 },
    });
    expect(video.status).toBe(202);
    const { taskId, status } = (await video.json()) as { taskId: string; status: string };
    expect(status).toBe('processing');
    const polled = await http.ask('GET', `/api/v1/video-status/${taskId}`, { as: person });
    expect(await polled.json()).toEqual({ taskId, status: 'processing', progress: 0, creditsCharged: 0 });
    const retried = await http.ask('POST', '/api/v1/generate-video', {
      as: person,
      key: 'v1',
      json: { prompt: 'Hello', model: 'studio-standard', duration: 3 },
    });
    expect(await retried.json()).toEqual({ taskId, status: 'processing' });
    const wrong = await http.ask('POST', '/api/v1/generate-image', {
      as: person,
      json: { prompt: 'Hello', model: 'studio-standard' },
    });
    expect(await wrong.json()).toMatchObject({ code: 'invalid_input' });
  });
});
