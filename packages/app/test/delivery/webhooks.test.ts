import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { webhookChannel } from '../../src/delivery/channels/webhook.ts';
import { deliveriesTo, replayDelivery } from '../../src/delivery/list-deliveries.ts';
import { addEndpoint, removeEndpoint, rotateSecret } from '../../src/delivery/webhooks/endpoints.ts';
import { deliverySubjects } from '../../src/generations/view/delivery-subjects.ts';
import { createDeliveryWorld } from './support/delivery-world.ts';
import type { DeliveryWorld } from './support/delivery-world.ts';
import { receiver, status } from './support/receiver.ts';
import type { Got } from './support/receiver.ts';

let all: DeliveryWorld;
beforeAll(async () => {
  all = await createDeliveryWorld();
});
afterAll(() => all.close());

const channel = (options: { allowPrivate?: boolean; timeoutMs?: number } = {}) =>
  webhookChannel({
    db: all.world.db,
    subjects: deliverySubjects(all.pipeline.deps),
    allowPrivate: true,
    timeoutMs: 300,
    ...options,
  });

async function withHook(url: string) {
  const person = await all.person();
  const endpoint = await addEndpoint(all.world.db, { personId: person.id, url, allowPrivate: true });
  const generation = await all.made(person, { status: false });
  const row = async () => (await all.rows(generation)).find((each) => each['channel'] === 'webhook');
  return { person, endpoint, generation, row };
}

test('signed so that the public library of the standard believes it; the amounts are numbers', async () => {
  const hook = await receiver();
  const { endpoint, generation, row } = await withHook(hook.url);
  await all.runner([channel()]).work();
  expect(hook.got).toHaveLength(1);
  const [{ headers, body }] = hook.got as [Got];
  const told = new Webhook(endpoint.secret).verify(body, headers as Record<string, string>) as {
    type: string;
    data: { id: string; receipt: { charged: number } };
  };
  expect(told).toMatchObject({
    type: 'generation.succeeded',
    data: { id: generation, status: 'succeeded', receipt: { charged: 42 } },
  });
  expect(headers['webhook-id']).toBe((await row())?.['id']);
  expect(await row()).toMatchObject({ state: 'delivered', attempts: 1 });
  hook.close();
});

test('slow, then broken, then well: retried under the same id, with growing waits', async () => {
  const hook = await receiver(
    () => undefined,
    status(500),
    status(302, { location: 'http://127.0.0.1/' }),
    status(200),
  );
  const { person, endpoint, row } = await withHook(hook.url);
  const runner = all.runner([channel()]);
  const waits: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    await runner.work();
    const due = (await row())?.['due_at'] as Date;
    waits.push((due.getTime() - all.world.clock.now().getTime()) / 1000);
    await all.world.clock.advance('3 hours');
  }
  await runner.work();
  expect(await row()).toMatchObject({ state: 'delivered', attempts: 4 });
  expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
  expect(waits[2]).toBeGreaterThan(waits[1] ?? 0);
  expect(new Set(hook.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  // A redirect was not followed: only the receiver itself was ever called.
  expect(hook.got).toHaveLength(4);
  const page = await deliveriesTo(all.world.db, {
    personId: person.id,
    endpointId: endpoint.id,
    before: null,
    limit: 10,
  });
  expect(page.items[0]?.attempts.map(({ outcome, http_status }) => [outcome, http_status])).toEqual([
    ['delivered', null],
    ['again', 302],
    ['again', 500],
    ['again', null],
  ]);
  hook.close();
});

test('dead for a day: given up, and replayed when it is back', async () => {
  const hook = await receiver();
  hook.close();
  const { person, row } = await withHook(hook.url);
  const runner = all.runner([channel()]);
  for (let turn = 0; turn < 40 && (await row())?.['state'] === 'pending'; turn += 1) {
    await runner.work();
    await all.world.clock.advance('2 hours');
  }
  const given_up = await row();
  expect(given_up).toMatchObject({ state: 'refused', due_at: null });
  expect(given_up?.['attempts']).toBeGreaterThan(8);
  const back = await receiver();
  await all.world.admin.query('update holdfast.webhook_endpoint set url = $1 where url = $2', [
    back.url,
    hook.url,
  ]);
  await replayDelivery(all.world.db, person.id, String(given_up?.['id']));
  await runner.work();
  expect(await row()).toMatchObject({ state: 'delivered' });
  expect(back.got[0]?.headers['webhook-id']).toBe(given_up?.['id']);
  back.close();
});

test.each([
  ['http://127.0.0.1:1/hook', /private_address|wrong_protocol/],
  ['https://127.0.0.1/hook', /private_address/],
  ['https://localhost/hook', /private_address/],
  ['https://169.254.169.254/latest/meta-data', /private_address/],
  ['https://[::1]/hook', /private_address/],
])('%s is never called', async (url, reason) => {
  const { row } = await withHook(url);
  await all.runner([channel({ allowPrivate: false })]).work();
  const refused = await row();
  expect(refused).toMatchObject({ state: 'refused', refusals: 0 });
  expect(refused?.['reason']).toMatch(reason);
});

test('while a secret is being changed both sign; after a day only the new one does', async () => {
  const hook = await receiver();
  const { person, endpoint, row } = await withHook(hook.url);
  const { secret } = await rotateSecret(all.world.db, person.id, endpoint.id);
  const runner = all.runner([channel()]);
  await runner.work();
  const [first] = hook.got;
  const verify = (key: string, got: Got | undefined) =>
    new Webhook(key).verify(got?.body ?? '', (got?.headers ?? {}) as Record<string, string>);
  expect(() => verify(endpoint.secret, first)).not.toThrow();
  expect(() => verify(secret, first)).not.toThrow();
  await all.world.clock.advance('25 hours');
  await replayDelivery(all.world.db, person.id, String((await row())?.['id']));
  await runner.work();
  expect(() => verify(secret, hook.got[1])).not.toThrow();
  expect(() => verify(endpoint.secret, hook.got[1])).toThrow(/signature/);
  hook.close();
});

test('410 switches it off; one that was removed is not called', async () => {
  const hook = await receiver(status(410));
  const gone = await withHook(hook.url);
  const runner = all.runner([channel()]);
  await runner.work();
  expect(await gone.row()).toMatchObject({ state: 'refused', reason: 'http_410' });
  const next = await all.made(gone.person, { status: false });
  expect((await all.rows(next)).some((row) => row['channel'] === 'webhook')).toBe(false);
  const removed = await withHook(hook.url);
  await removeEndpoint(all.world.db, removed.person.id, removed.endpoint.id);
  await runner.work();
  expect(await removed.row()).toMatchObject({ state: 'refused', reason: 'endpoint_gone' });
  expect(hook.got).toHaveLength(1);
  hook.close();
});

test('a secret that is changed between two tries: the second is signed by both, and by neither alone afterwards', async () => {
  const hook = await receiver(status(500), status(204));
  const { person, endpoint, row } = await withHook(hook.url);
  const runner = all.runner([channel()]);
  await runner.work();
  const first = await rotateSecret(all.world.db, person.id, endpoint.id);
  await all.world.clock.advance('1 hour');
  await runner.work();
  const verify = (key: string, got: Got | undefined) =>
    new Webhook(key).verify(got?.body ?? '', (got?.headers ?? {}) as Record<string, string>);
  expect(() => verify(endpoint.secret, hook.got[0])).not.toThrow();
  expect(() => verify(first.secret, hook.got[0])).toThrow(/signature/);
  for (const key of [endpoint.secret, first.secret]) expect(() => verify(key, hook.got[1])).not.toThrow();
  expect(await row()).toMatchObject({ state: 'delivered', attempts: 2 });
  // Changed once more: the oldest is worth nothing, though its day is not over.
  const second = await rotateSecret(all.world.db, person.id, endpoint.id);
  await replayDelivery(all.world.db, person.id, String((await row())?.['id']));
  await runner.work();
  expect(() => verify(endpoint.secret, hook.got[2])).toThrow(/signature/);
  for (const key of [first.secret, second.secret]) expect(() => verify(key, hook.got[2])).not.toThrow();
  hook.close();
});

test('sent again twice at once, and while it is under way: one call more each, never two abreast', async () => {
  let abreast = 0;
  let most = 0;
  const hook = await receiver((response) => {
    abreast += 1;
    most = Math.max(most, abreast);
    setTimeout(() => {
      abreast -= 1;
      response.writeHead(204).end();
    }, 50);
  });
  const { person, row } = await withHook(hook.url);
  const runners = [all.runner([channel()]), all.runner([channel()])];
  const workAll = () => Promise.all(runners.map((runner) => runner.work()));
  await workAll();
  const id = String((await row())?.['id']);
  await Promise.all([1, 2, 3].map(() => replayDelivery(all.world.db, person.id, id)));
  const working = workAll();
  await expect.poll(() => hook.got.length, { timeout: 20_000 }).toBe(2);
  // It is being sent: asked now, it is left to end.
  await replayDelivery(all.world.db, person.id, id);
  await working;
  expect([hook.got.length, most]).toEqual([2, 1]);
  expect(await row()).toMatchObject({ state: 'delivered', attempts: 2 });
  await expect(replayDelivery(all.world.db, 'per_somebodyelse', id)).rejects.toMatchObject({
    code: 'not_found',
  });
  hook.close();
});

test('a receiver that answers without end, or with a flood of words, holds nobody up', async () => {
  const hook = await receiver((response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    const flood = setInterval(() => response.write('x'.repeat(65_536)), 1);
    response.once('close', () => clearInterval(flood));
  });
  const { row } = await withHook(hook.url);
  const started = Date.now();
  await all.runner([channel()]).work();
  expect(Date.now() - started).toBeLessThan(5_000);
  expect((await row())?.['state']).toMatch(/^(pending|delivered)$/);
  hook.close();
});

test('the database is away while it is sent: it is not lost, and the receiver can tell the copy', async () => {
  const hook = await receiver();
  const { row } = await withHook(hook.url);
  const away = {
    ...channel(),
    after: undefined,
    send: async () => Promise.reject(new Error('the database is away')),
  };
  await all.runner([away]).work();
  expect(await row()).toMatchObject({ state: 'pending', reason: 'send_broke' });
  await all.world.clock.advance('1 minute');
  await all.runner([channel()]).work();
  expect(await row()).toMatchObject({ state: 'delivered' });
  expect(hook.got).toHaveLength(1);
  hook.close();
});
