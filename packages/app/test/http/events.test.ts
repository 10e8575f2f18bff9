import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Generation } from '@holdfast/client';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld } from '../support/http-world.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
});
afterAll(() => http.close());

const wish = {
  model: 'studio-standard',
  input: { template: 'prompt', prompt: 'Hello', duration_seconds: 3 },
};

test('a generation is followed until it is final: now, each change, the end', async () => {
  const { client, apiKey } = await http.signUp();
  const made = await client.generate(wish);
  const seen: Generation[] = [];
  const waiting = client.waitForGeneration(made.id, { onProgress: (generation) => seen.push(generation) });
  await expect.poll(() => seen.length).toBeGreaterThan(0);
  expect(seen[0]).toMatchObject({ id: made.id, status: 'queued', queue_position: 1 });
  await client.cancelGeneration(made.id);
  expect(await waiting).toMatchObject({ status: 'cancelled', final: true });

  const late = await fetch(`${http.url}/api/generations/${made.id}/events`, {
    headers: { authorization: `Bearer ${apiKey}`, 'last-event-id': 'anything' },
  });
  expect(late.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(late.headers.get('cache-control')).toContain('no-store');
  expect(late.headers.get('x-content-type-options')).toBe('nosniff');
  const text = await late.text();
  expect(text.match(/^event: generation$/gm)).toHaveLength(1);
  expect(JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '')).toEqual(await client.generation(made.id));
});

test("another person's generation is not followed", async () => {
  const [mine, theirs] = [await http.signUp(), await http.signUp()];
  const made = await theirs.client.generate(wish);
  const response = await http.ask('GET', `/api/generations/${made.id}/events`, { as: mine });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: 'not_found' });
});

test('a person may open 25 streams and no more, and gets them back by leaving', async () => {
  const person = await http.signUp();
  const made = await person.client.generate(wish);
  const leave = new AbortController();
  const open = () =>
    fetch(`${http.url}/api/generations/${made.id}/events`, {
      headers: { authorization: `Bearer ${person.apiKey}` },
      signal: leave.signal,
    });
  const streams = await Promise.all(Array.from({ length: 25 }, open));
  expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
  const refused = await http.ask('GET', `/api/generations/${made.id}/events`, { as: person });
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ code: 'too_many_streams' });
  leave.abort();
  await expect
    .poll(async () => {
      const again = await http.ask('GET', `/api/generations/${made.id}/events`, { as: person });
      await again.body?.cancel();
      return again.status;
    })
    .toBe(200);
});
