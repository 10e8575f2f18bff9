import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveTier, setPersonTier } from '../../src/accounts/tiers.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { pictures } from '../generations/by-hand.ts';
import { scriptedModel } from '../generations/pipeline.ts';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld } from '../support/http-world.ts';
import { idleProvider } from '../support/idle-provider.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld({
    env: { DEFAULT_USER_CREDITS: '255' },
    providers: [idleProvider('scripted')],
  });
  await seedCatalogue(http.world.db, [
    { model: { ...scriptedModel, id: 'film' }, creditsPerUnit: 27n },
    { model: { ...scriptedModel, id: 'film-postpaid', policy: 'postpaid' }, creditsPerUnit: 27n },
    { model: { ...scriptedModel, id: 'film-prepaid', policy: 'prepaid' }, creditsPerUnit: 27n },
    { model: pictures('reserve'), creditsPerUnit: 5n },
  ]);
});
afterAll(() => http.close());

function asking(model: string, seconds = 5) {
  return { json: { model, input: { prompt: 'Hello', duration_seconds: seconds } } };
}

test('255 credits, two requests of 135: the second is refused with total, held, available and required', async () => {
  const person = await http.signUp();
  const first = await http.ask('POST', '/api/generations', {
    as: person,
    key: 'first-key',
    ...asking('film'),
  });
  expect(first.status).toBe(202);
  const second = await http.ask('POST', '/api/generations', {
    as: person,
    key: 'second-key',
    ...asking('film'),
  });
  expect(second.status).toBe(402);
  expect(second.headers.get('content-type')).toContain('application/problem+json');
  expect(await second.json()).toMatchObject({
    status: 402,
    code: 'insufficient_credits',
    total: 255,
    held: 135,
    available: 120,
    required: 135,
    shortfall: 15,
    detail: 'This needs 135 credits and 120 are available: 15 more are needed.',
  });
  const door = await http.ask('POST', '/api/generate', {
    as: person,
    json: { kind: 'video', model: 'film', prompt: 'Hello', duration_seconds: 5 },
  });
  expect(door.status).toBe(402);
  expect(await door.json()).toMatchObject({ shortfall: 15 });
});

test('the same where the charge comes at the end: what is in flight counts', async () => {
  const person = await http.signUp();
  const { client } = person;
  const made = await client.generate({ ...asking('film-postpaid').json });
  expect(made.receipt).toMatchObject({ policy: 'postpaid', quoted: 135, held: 0, charged: 0, owed: 0 });
  const answer = await http.ask('POST', '/api/generations', {
    as: person,
    key: 'second-key',
    ...asking('film-postpaid'),
  });
  expect(answer.status).toBe(402);
  expect(await answer.json()).toMatchObject({
    total: 255,
    held: 0,
    in_flight: 135,
    available: 120,
    required: 135,
    shortfall: 15,
  });
});

test('and where it comes at the start: it is taken already', async () => {
  const { client } = await http.signUp();
  const made = await client.generate({ ...asking('film-prepaid').json });
  expect(made.receipt).toMatchObject({ policy: 'prepaid', held: 0, captured: 135, charged: 135 });
  expect(await client.balance()).toMatchObject({ total: 120, held: 0, available: 120 });
  await expect(client.generate({ ...asking('film-prepaid').json })).rejects.toMatchObject({
    total: 120,
    held: 0,
    available: 120,
    required: 135,
  });
});

test('several at once by the doors of existing front ends', async () => {
  const person = await http.signUp();
  const asked = { kind: 'image', model: 'pictures-reserve', count: 3 };
  const cost = await http.ask('POST', '/api/calculate-cost', { as: person, json: asked });
  expect(await cost.json()).toMatchObject({ total_credits: 15, sufficient: true });
  const made = await http.ask('POST', '/api/generate', { as: person, json: { ...asked, prompt: 'Hello' } });
  expect([made.status, await made.json()]).toMatchObject([202, { credits: 15 }]);
  const single = { kind: 'video', model: 'film', count: 2, prompt: 'Hello' };
  const refused = await http.ask('POST', '/api/generate', { as: person, json: single });
  expect([refused.status, await refused.json()]).toMatchObject([
    400,
    { code: 'input_unknown', field: 'count' },
  ]);
});

test('a tier has its own pause between starts, for each kind, told with Retry-After', async () => {
  await saveTier(http.world.db, { id: 'slow', videoCooldownSeconds: 180, imageCooldownSeconds: 0 });
  const person = await http.signUp({ credits: 1_000n });
  await setPersonTier(http.world.db, person.id, 'slow');
  const { client } = person;
  await client.generate({ ...asking('film').json });
  const answer = await http.ask('POST', '/api/generations', {
    as: person,
    key: 'second-key',
    ...asking('film', 1),
  });
  expect(answer.status).toBe(429);
  const problem = (await answer.json()) as { retry_after_seconds: number };
  expect(problem).toMatchObject({
    code: 'cooldown',
    kind: 'video',
    detail:
      'Please wait 3 minutes before starting another video generation. This keeps your credits in step and prevents duplicate charges.',
  });
  expect(Number(answer.headers.get('retry-after'))).toBe(problem.retry_after_seconds);
  const image = { model: 'pictures-reserve', input: { prompt: 'Hello' } };
  await client.generate(image);
  await client.generate(image);
  await saveTier(http.world.db, { id: 'slow', videoCooldownSeconds: 0 });
  await client.generate({ ...asking('film', 1).json });
});

test('a tier has its own number of unfinished generations', async () => {
  await saveTier(http.world.db, { id: 'small', maxUnfinished: 1 });
  const person = await http.signUp({ credits: 1_000n });
  await setPersonTier(http.world.db, person.id, 'small');
  await person.client.generate({ ...asking('film').json });
  const answer = await http.ask('POST', '/api/generations', {
    as: person,
    key: 'second-key',
    ...asking('film', 1),
  });
  expect(answer.status).toBe(429);
  expect(await answer.json()).toMatchObject({ code: 'too_many_generations', active: 1, limit: 1 });
});
