import { afterAll, beforeAll, expect, test } from 'vitest';
import { setRole } from '../../src/accounts/commands.ts';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld, TestPerson } from '../support/http-world.ts';

let http: HttpWorld;
let ada: TestPerson;
let operator: TestPerson;
let generation: string;

beforeAll(async () => {
  http = await createHttpWorld();
  ada = await http.signUp();
  operator = await http.signUp();
  await setRole(http.context.accounts, operator.id, 'operator');
  const input = { template: 'prompt', prompt: 'Hello', duration_seconds: 3 };
  ({ id: generation } = await ada.client.generate({ model: 'studio-standard', input }));
});
afterAll(() => http.close());

const post = (path: string, who: TestPerson, json: object) =>
  http.ask('POST', path, { json, headers: { cookie: who.cookie, origin: new URL(http.url).origin } });

test('whoever is no operator finds nothing there, not even for their own', async () => {
  const overview = await http.ask('GET', '/api/operator/overview', { headers: { cookie: ada.cookie } });
  expect(overview.status).toBe(404);
  for (const act of ['ask', 'release']) {
    const answer = await post(`/api/operator/generations/${generation}/${act}`, ada, { reason: 'mine' });
    expect(answer.status).toBe(404);
  }
  expect(await ada.client.generation(generation)).toMatchObject({ status: 'queued' });
});

test('an operator’s API key does not operate', async () => {
  const answer = await http.ask('GET', '/api/operator/overview', { as: operator });
  expect(await answer.json()).toMatchObject({ status: 403, code: 'session_required' });
});

test('an operator sees the overview, and releases with a reason: the person has their credits back', async () => {
  const overview = await http.ask('GET', '/api/operator/overview', { headers: { cookie: operator.cookie } });
  expect(await overview.json()).toMatchObject({
    under_way: { queued: 1 },
    stuck: [],
    unknown: [],
    orphans: [],
    providers: [{ id: 'studio', reachable: true, queued: 1 }],
  });
  const path = `/api/operator/generations/${generation}/release`;
  expect((await post(path, operator, { reason: '' })).status).toBe(400);
  expect((await post(path, operator, {})).status).toBe(400);
  const done = await post(path, operator, { reason: 'It hangs' });
  expect(await done.json()).toEqual({
    generation,
    outcome: 'done',
    detail: 'It has ended, and the credits are back.',
  });
  expect(await (await post(path, operator, { reason: 'It hangs' })).json()).toMatchObject({
    outcome: 'nothing_to_do',
  });
  expect(await ada.client.balance()).toMatchObject({ held: 0, available: 100 });
  const later = await http.ask('GET', '/api/operator/overview', { headers: { cookie: operator.cookie } });
  expect(await later.json()).toMatchObject({
    actions: [
      { operator: operator.email, action: 'release', outcome: 'nothing_to_do' },
      { operator: operator.email, action: 'release', reason: 'It hangs', outcome: 'done' },
    ],
  });
});

test('a new paid attempt needs to be confirmed, and something that is in doubt', async () => {
  const input = { template: 'prompt', prompt: 'Hello', duration_seconds: 3 };
  const { id } = await ada.client.generate({ model: 'studio-standard', input });
  const path = `/api/operator/generations/${id}/resubmit`;
  for (const json of [
    { reason: 'again' },
    { reason: 'again', attempt: 1 },
    { reason: 'again', attempt: 1, confirm: false },
  ]) {
    expect((await post(path, operator, json)).status).toBe(400);
  }
  const refused = await post(path, operator, { reason: 'again', attempt: 1, confirm: true });
  expect(await refused.json()).toMatchObject({
    status: 409,
    code: 'operator_refused',
    because: 'not_in_doubt',
  });
});
