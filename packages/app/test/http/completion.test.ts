import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { externalModels } from '../../src/generations/catalogue/models/external.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { film } from '../providers/media-files.ts';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld, TestPerson } from '../support/http-world.ts';

const key = 'the key that is shared';
let http: HttpWorld;
let worker: Worker;
let renderer: Server;
let rendererUrl: string;
let made: Buffer;

interface Handed {
  task_id: string;
  model: string;
  input: Record<string, unknown>;
  callback_url: string;
  callback_token: string;
}
const handed: Handed[] = [];
const keysSeen: unknown[] = [];

beforeAll(async () => {
  made = await film(4.2);
  renderer = createServer((request, response) => {
    if (request.method === 'POST') {
      keysSeen.push(request.headers['x-api-key']);
      void json(request)
        .then((body) => handed.push(body as Handed))
        .finally(() => response.end('{}'));
    } else response.writeHead(200, { 'content-type': 'video/mp4' }).end(made);
  });
  await new Promise<void>((resolve) => renderer.listen(0, '127.0.0.1', resolve));
  rendererUrl = `http://127.0.0.1:${(renderer.address() as AddressInfo).port}`;
  http = await createHttpWorld({
    env: {
      PROXY_API_KEY: key,
      EXTERNAL_RENDERER_URL: `${rendererUrl}/render`,
      HOLDFAST_ALLOW_PRIVATE_RESULTS: 'yes',
      DEFAULT_USER_CREDITS: '1000',
    },
  });
  await seedCatalogue(
    http.world.db,
    externalModels.map((model) => ({ model, creditsPerUnit: 10n })),
  );
  worker = await startWorker(http.context.generations, { databaseUrl: http.world.appUrl, sweepMs: 20 });
});

afterAll(async () => {
  await worker.stop();
  await http.close();
  renderer.closeAllConnections();
  await new Promise((resolve) => renderer.close(resolve));
});

/** Asks for five seconds, and waits until the renderer has it. */
async function start(): Promise<{ person: TestPerson; id: string; task: Handed }> {
  const person = await http.signUp();
  const prompt = `for ${person.id}`;
  const { id } = await person.client.generate({
    model: 'external-standard',
    input: { prompt, duration_seconds: 5 },
  });
  const mine = () => handed.find(({ input }) => input['prompt'] === prompt);
  await expect.poll(mine, { timeout: 10_000 }).toBeDefined();
  const task = mine();
  if (task === undefined) throw new Error('the renderer has it no more');
  return { person, id, task };
}

function call(body: object, headers: Record<string, string>, path = '/api/callbacks/completion') {
  return http.ask('POST', path, { json: body, headers });
}

function withToken(task: Handed): Record<string, string> {
  return { 'x-api-key': key, 'x-callback-token': task.callback_token };
}

function signed(body: object): Record<string, string> {
  const signature = createHmac('sha256', key).update(JSON.stringify(body)).digest('hex');
  return { 'x-signature': `sha256=${signature}` };
}

async function final({ client }: TestPerson, id: string) {
  await expect.poll(async () => (await client.generation(id)).final, { timeout: 10_000 }).toBe(true);
  return client.generation(id);
}

const done = (task: Handed, seconds = 4.2) => ({
  task_id: task.task_id,
  status: 'succeeded',
  output_duration_seconds: seconds,
});

describe('without a file', () => {
  test('the seconds it tells are charged when it has ended', async () => {
    const { person, id, task } = await start();
    expect(task).toMatchObject({ model: 'standard', callback_url: `${http.url}/api/callbacks/completion` });
    expect(keysSeen.at(-1)).toBe(key);
    expect((await person.client.generation(id)).receipt).toMatchObject({ policy: 'postpaid', held: 0 });
    const answer = await call(done(task), withToken(task));
    expect(answer.status).toBe(200);
    const first = await answer.json();
    expect(first).toEqual({
      received: true,
      task_id: task.task_id,
      status: 'succeeded',
      output_duration_seconds: 4.2,
      output_url: null,
    });
    const view = await final(person, id);
    expect(view).toMatchObject({
      status: 'succeeded',
      outputs: [],
      receipt: {
        quoted: 50,
        captured: 42,
        charged: 42,
        delivered_units: 4.2,
        summary: '4.2 s delivered: 42 credits charged.',
      },
    });
    expect(await person.client.balance()).toMatchObject({ available: 958 });

    const again = await call(done(task), withToken(task));
    expect([again.status, await again.json()]).toEqual([200, first]);
    const other = await call(done(task, 5), withToken(task));
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({
      code: 'completion_conflict',
      stored: { task_id: task.task_id, status: 'succeeded', output_duration_seconds: 4.2 },
    });
    expect(await person.client.balance()).toMatchObject({ available: 958 });
  });

  test('never more than was quoted', async () => {
    const { person, id, task } = await start();
    await call(done(task, 3_000), withToken(task));
    expect((await final(person, id)).receipt).toMatchObject({ quoted: 50, charged: 50 });
  });

  test('by the generation’s id, signed over the body', async () => {
    const { person, id } = await start();
    const body = { task_id: id, status: 'SUCCEEDED', output_duration_seconds: 2 };
    expect((await call(body, signed(body))).status).toBe(200);
    expect((await final(person, id)).receipt).toMatchObject({ charged: 20 });
  });

  test('twenty at once are one', async () => {
    const { person, id, task } = await start();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(done(task, 3), withToken(task))));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await final(person, id)).receipt).toMatchObject({ charged: 30 });
    expect(await person.client.balance()).toMatchObject({ available: 970 });
  });

  test('what failed is charged nothing', async () => {
    const { person, id, task } = await start();
    const body = { task_id: task.task_id, status: 'FAILED', error: 'out of memory' };
    // Its model has a second attempt: each has a task and a token of its own.
    await call(body, withToken(task));
    const second = () =>
      handed.find((each) => each.input['prompt'] === task.input['prompt'] && each !== task);
    await expect
      .poll(
        async () => {
          await http.world.clock.advance('5 seconds');
          return second();
        },
        { timeout: 10_000 },
      )
      .toBeDefined();
    const next = second();
    if (next === undefined) throw new Error('it was not handed over again');
    expect((await call({ ...body, task_id: next.task_id }, withToken(task))).status).toBe(401);
    await call({ ...body, task_id: next.task_id }, withToken(next));
    const view = await final(person, id);
    expect(view).toMatchObject({ status: 'failed', receipt: { charged: 0, not_charged: true } });
    const late = await call(done(next), withToken(next));
    expect(late.status).toBe(409);
  });
});

describe('with a file', () => {
  test('it is fetched, looked at and stored, and its own length is what counts', async () => {
    const { person, id, task } = await start();
    const body = { ...done(task, 50), output_url: `${rendererUrl}/film.mp4` };
    expect((await call(body, withToken(task))).status).toBe(200);
    const view = await final(person, id);
    expect(view).toMatchObject({ status: 'succeeded', receipt: { charged: 42, delivered_units: 4.2 } });
    expect(view.outputs).toMatchObject([{ kind: 'video', duration_seconds: 4.2 }]);
  });
});

describe('who is not believed', () => {
  test('without a credential, with half of one, and with another’s', async () => {
    const [one, other] = [await start(), await start()];
    const body = done(one.task);
    const tries: [Record<string, string>, string][] = [
      [{}, 'unauthenticated'],
      [{ 'x-api-key': 'another key' }, 'key_invalid'],
      [{ authorization: 'Bearer another' }, 'key_invalid'],
      [{ 'x-api-key': key }, 'unauthenticated'],
      [{ 'x-api-key': key, 'x-callback-token': 'a guess' }, 'callback_forged'],
      [withToken(other.task), 'callback_forged'],
      [signed({ ...body, output_duration_seconds: 1 }), 'callback_forged'],
      [{ 'x-signature': 'sha256=00' }, 'callback_forged'],
    ];
    for (const [headers, code] of tries) {
      const answer = await call(body, headers);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([401, code]);
    }
    expect((await one.person.client.generation(one.id)).final).toBe(false);
    const bearer = { authorization: `Bearer ${key}` };
    const path = `/api/callbacks/completion?token=${one.task.callback_token}`;
    expect((await call(body, bearer, path)).status).toBe(200);
  });

  test('a task that nobody knows, and one of another provider’s', async () => {
    const person = await http.signUp();
    const { id } = await person.client.generate({
      model: 'studio-standard',
      input: { template: 'prompt', prompt: 'Hello', duration_seconds: 3 },
    });
    for (const task_id of ['ext_unknown', id]) {
      const body = { task_id, status: 'succeeded', output_duration_seconds: 1 };
      expect((await call(body, signed(body))).status).toBe(404);
    }
  });

  test('a result that neither is a file nor has a length', async () => {
    const { task } = await start();
    const answer = await call({ task_id: task.task_id, status: 'succeeded' }, withToken(task));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'output_duration_required' });
  });
});

test('too late: nobody is charged any more', async () => {
  const { person, id, task } = await start();
  await http.world.clock.advance('2 hours');
  expect(await final(person, id)).toMatchObject({ status: 'failed', receipt: { charged: 0 } });
  const answer = await call(done(task), withToken(task));
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ code: 'generation_ended', state: 'failed' });
});
