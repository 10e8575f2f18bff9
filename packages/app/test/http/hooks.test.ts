import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPipeline } from '../generations/pipeline.ts';
import type { Pipeline } from '../generations/pipeline.ts';
import { createKieProvider } from '../../src/providers/kie/adapter.ts';
import { idleProvider } from '../support/idle-provider.ts';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld } from '../support/http-world.ts';

const webhookKey = 'the key of callbacks';
let http: HttpWorld;
let pipeline: Pipeline;
let person: string;

beforeAll(async () => {
  const kie = createKieProvider({
    apiKey: 'a-key',
    baseUrl: 'http://127.0.0.1:9',
    uploadBaseUrl: 'http://127.0.0.1:9',
    webhookKey,
    usdPerCredit: 0.005,
    allowPrivateAddresses: true,
  });
  http = await createHttpWorld({ providers: [kie] });
  pipeline = await createPipeline({
    db: http.world.db,
    log: http.world.log,
    providers: [kie, idleProvider('scripted')],
  });
  person = await pipeline.person(100_000n);
});
afterAll(async () => {
  await pipeline.close();
  await http.close();
});

/** A generation that waits for its provider, and its attempt's token. */
async function waiting(): Promise<{ id: string; token: string }> {
  const id = await pipeline.ask(person);
  const token = `token-of-${id}`;
  await http.world.admin.query(
    `with moved as (
       update holdfast.generation
          set state = 'running', provider_id = 'kie', due_at = holdfast.clock() + interval '10 minutes' where id = $1)
     insert into holdfast.attempt (id, generation_id, number, provider_id, token, state, task_id)
     values ('att_' || substr($1, 5), $1, 1, 'kie', $2, 'submitted', $2)`,
    [id, token],
  );
  return { id, token };
}

async function call(
  token: string,
  options: {
    task?: string;
    key?: string;
    type?: string;
    provider?: string;
    code?: number;
    body?: string;
  } = {},
): Promise<Response> {
  const task = options.task ?? 'task-1';
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', options.key ?? webhookKey)
    .update(`${task}.${timestamp}`)
    .digest('base64');
  return http.ask('POST', `/hooks/${options.provider ?? 'kie'}/${token}`, {
    body:
      options.body ?? JSON.stringify({ code: options.code ?? 200, data: { taskId: task, state: 'success' } }),
    headers: {
      'content-type': options.type ?? 'application/json',
      'x-webhook-timestamp': timestamp,
      'x-webhook-signature': signature,
    },
  });
}

async function kept(token: string): Promise<number> {
  const { rows } = await http.world.db.query<{ n: number }>(
    'select count(*)::integer as n from holdfast.provider_callback where attempt_token = $1',
    [token],
  );
  return rows[0]?.n ?? 0;
}

async function isDue(id: string): Promise<boolean> {
  const { rows } = await http.world.db.query<{ due: boolean }>(
    'select due_at <= holdfast.clock() as due from holdfast.generation where id = $1',
    [id],
  );
  return rows[0]?.due ?? false;
}

test('a genuine callback is kept once and makes somebody look at once; its words change nothing', async () => {
  const { id, token } = await waiting();
  expect(await isDue(id)).toBe(false);
  const first = await call(token);
  expect([first.status, await first.json()]).toEqual([200, { received: true }]);
  expect(await isDue(id)).toBe(true);
  expect((await call(token)).status).toBe(200);
  expect(await kept(token)).toBe(1);
  const { rows } = await http.world.db.query('select state from holdfast.generation where id = $1', [id]);
  expect(rows).toEqual([{ state: 'running' }]);
});

test('what was sent to another address does not keep out what comes to the right one', async () => {
  const [one, other] = [await waiting(), await waiting()];
  expect((await call(one.token, { task: 'task-of-other' })).status).toBe(200);
  expect((await call(other.token, { task: 'task-of-other' })).status).toBe(200);
  expect([await kept(one.token), await kept(other.token)]).toEqual([1, 1]);
});

test('forged ones are refused and leave nothing but a count; many make an operator look', async () => {
  const { id, token } = await waiting();
  for (let n = 0; n < 10; n += 1) {
    const response = await call(token, { key: 'a stranger' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'callback_forged' });
  }
  expect([await kept(token), await isDue(id)]).toEqual([0, false]);
  const metrics = await http.context.metrics.registry.metrics();
  expect(metrics).toContain('holdfast_provider_callbacks_total{provider="kie",outcome="forged"} 10');
  const { rows } = await http.world.db.query(
    `select key, severity from holdfast.alert where cleared_at is null and key like 'callbacks/%'`,
  );
  expect(rows).toEqual([{ key: 'callbacks/forged/kie', severity: 'warning' }]);
});

test('addresses that nobody was given answer 404, whatever is sent to them', async () => {
  const { token } = await waiting();
  const statuses = [
    (await call('nobody')).status,
    (await call(token, { provider: 'fal' })).status,
    (await call(token, { provider: '%00' })).status,
    (await call('x'.repeat(300))).status,
  ];
  expect(statuses.every((status) => status >= 400 && status < 500)).toBe(true);
  expect(statuses.slice(0, 2)).toEqual([404, 404]);
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/json'])(
  'a body of type %s is taken as it came, and rubbish is refused without a trace',
  async (type) => {
    const { token } = await waiting();
    expect((await call(token, { type })).status).toBe(200);
    expect((await call(token, { type, body: '\0{"data":[{]}' })).status).toBe(401);
    expect((await call(token, { type, body: '' })).status).toBe(401);
    expect(await kept(token)).toBe(1);
  },
);

test('a huge body is refused', async () => {
  const { token } = await waiting();
  const response = await call(token, { body: `{"data":"${'x'.repeat(1_100_000)}"}` });
  expect(response.status).toBe(413);
  expect(await kept(token)).toBe(0);
});

test('a hundred at once for one generation: all are taken, each event once', async () => {
  const { id, token } = await waiting();
  const responses = await Promise.all(
    Array.from({ length: 100 }, (_, n) => call(token, { code: 200 + (n % 10) })),
  );
  expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
  expect(await kept(token)).toBe(10);
  const { rows } = await http.world.db.query('select callbacks from holdfast.generation where id = $1', [id]);
  expect(rows).toEqual([{ callbacks: 10 }]);
});

test('one that comes after the end is kept, and wakes nobody', async () => {
  const { id, token } = await waiting();
  await http.world.admin.query(
    `update holdfast.attempt set state = 'failed', ended_at = holdfast.clock() where generation_id = $1`,
    [id],
  );
  await http.world.admin.query(
    `update holdfast.generation set state = 'failed', error_code = 'deadline', due_at = null, finished_at = holdfast.clock(),
            captured = 0, released = held where id = $1`,
    [id],
  );
  expect((await call(token)).status).toBe(200);
  expect(await kept(token)).toBe(1);
});
