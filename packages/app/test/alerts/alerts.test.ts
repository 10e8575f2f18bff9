import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { logChannel, mailChannel } from '../../src/alerts/channels.ts';
import { clearAlert, raiseAlert } from '../../src/alerts/commands.ts';
import { deliverAlerts, forgetOldAlerts } from '../../src/alerts/deliver.ts';
import type { AlertChannel, AlertMessage, AlertServices } from '../../src/alerts/deps.ts';
import { listAlerts } from '../../src/alerts/queries.ts';
import { webhookChannel } from '../../src/alerts/webhook.ts';
import type { Mail } from '../../src/delivery/mail/port.ts';
import { inTransaction } from '../../src/platform/database.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.admin.query('truncate holdfast.alert, holdfast.alert_notice');
  await world.clock.freeze(new Date('2026-11-20T12:00:00Z'));
});

const dry = {
  key: 'provider/kie/balance',
  severity: 'warning',
  title: 'KIE has credit for 2.5 days',
  detail: 'Top up.',
} as const;

const publicUrl = 'https://video.example.com';

/** A channel that notes what it was given, and fails while told to. */
function noting() {
  const messages: AlertMessage[] = [];
  const state = { failing: false };
  const channel: AlertChannel = {
    id: 'noting',
    async send(message) {
      if (state.failing) throw new Error('nobody there');
      messages.push(message);
    },
  };
  const services: AlertServices = { db: world.db, log: world.log, publicUrl, channels: [channel] };
  const tell = async () => {
    await deliverAlerts(services);
    return messages.splice(0).map(({ alerts }) => alerts.map(({ about, key }) => `${about} ${key}`));
  };
  return { state, services, tell };
}

test('told once however often it is raised; its end is told too', async () => {
  const { tell } = noting();
  expect(await raiseAlert(world, dry)).toBe(true);
  expect(await tell()).toEqual([['raised provider/kie/balance']]);
  for (let n = 0; n < 20; n += 1) expect(await raiseAlert(world, dry)).toBe(false);
  await world.clock.advance('5 hours');
  expect(await tell()).toEqual([]);
  expect(await listAlerts(world.db)).toMatchObject([
    { key: dry.key, raises: 21, openings: 1, cleared_at: null },
  ]);
  expect(await clearAlert(world, dry.key)).toBe(true);
  expect(await clearAlert(world, dry.key)).toBe(false);
  expect(await tell()).toEqual([]);
  await world.clock.advance('61 seconds');
  expect(await tell()).toEqual([['cleared provider/kie/balance']]);
  await world.clock.advance('1 day');
  expect(await tell()).toEqual([]);
});

test('it comes and goes with its transaction', async () => {
  const { tell } = noting();
  const undone = inTransaction(world.db, async (tx) => {
    await raiseAlert({ db: tx }, dry);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await tell()).toEqual([]);
  await inTransaction(world.db, (tx) => raiseAlert({ db: tx }, dry));
  expect(await tell()).toEqual([['raised provider/kie/balance']]);
});

test('what comes and goes all night is told of at most twice in half an hour', async () => {
  const { tell } = noting();
  let messages = 0;
  for (let minute = 0; minute < 8 * 60; minute += 1) {
    if (minute % 3 === 0) await raiseAlert(world, dry);
    else if (minute % 3 === 1) await clearAlert(world, dry.key);
    messages += (await tell()).length;
    await world.clock.advance('62 seconds');
  }
  expect(messages).toBeGreaterThan(10);
  expect(messages).toBeLessThanOrEqual(36);
});

test('hundreds at once are one message; a channel carries at most twenty an hour, and the rest is told together', async () => {
  const { tell } = noting();
  for (let n = 0; n < 40; n += 1) await raiseAlert(world, { ...dry, key: `many/${n}` });
  expect((await tell()).map((alerts) => alerts.length)).toEqual([40]);
  let messages = 1;
  for (let n = 0; n < 30; n += 1) {
    await raiseAlert(world, { ...dry, key: `later/${n}` });
    messages += (await tell()).length;
    await world.clock.advance('10 seconds');
  }
  expect(messages).toBe(20);
  await world.clock.advance('1 hour');
  expect((await tell()).map((alerts) => alerts.length)).toEqual([11]);
});

test('what becomes critical is told again at once', async () => {
  const { tell } = noting();
  await raiseAlert(world, dry);
  await tell();
  await raiseAlert(world, { ...dry, severity: 'critical' });
  expect(await tell()).toEqual([['raised provider/kie/balance']]);
  await raiseAlert(world, { ...dry, severity: 'critical' });
  expect(await tell()).toEqual([]);
});

test('a message that nobody takes over is tried again, later each time, and given up after a day', async () => {
  const { state, tell } = noting();
  state.failing = true;
  await raiseAlert(world, dry);
  await tell();
  await world.clock.advance('29 seconds');
  state.failing = false;
  expect(await tell()).toEqual([]);
  await world.clock.advance('2 seconds');
  expect(await tell()).toEqual([['raised provider/kie/balance']]);

  state.failing = true;
  await raiseAlert(world, { ...dry, key: 'second' });
  for (let hour = 0; hour < 27; hour += 1) {
    await tell();
    await world.clock.advance('61 minutes');
  }
  state.failing = false;
  expect(await tell()).toEqual([]);
});

test('two workers do not tell the same twice', async () => {
  const one = noting();
  const two = noting();
  for (let n = 0; n < 10; n += 1) await raiseAlert(world, { ...dry, key: `key/${n}` });
  const told = await Promise.all([one.tell(), two.tell(), one.tell(), two.tell()]);
  expect(told.flat(2).sort()).toEqual(Array.from({ length: 10 }, (_, n) => `raised key/${n}`));
});

test('one channel that fails does not hold up another', async () => {
  const mails: Mail[] = [];
  const services: AlertServices = {
    db: world.db,
    log: world.log,
    publicUrl,
    channels: [
      {
        id: 'webhook',
        send: async () => {
          throw new Error('no route');
        },
      },
      mailChannel({ send: async (mail) => void mails.push(mail) }, 'ops@example.com'),
      logChannel(world.log),
    ],
  };
  await raiseAlert(world, { ...dry, link: '/operator?provider=kie' });
  await deliverAlerts(services);
  expect(mails).toMatchObject([
    {
      to: 'ops@example.com',
      subject: '[Holdfast] Warning: KIE has credit for 2.5 days',
      link: 'https://video.example.com/operator?provider=kie',
    },
  ]);
  expect(mails[0]?.text).toContain('Since 2026-11-20 12:00 UTC.');
});

test('the webhook gets JSON, signed as Standard Webhooks say', async () => {
  const calls: { headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
  let status = 500;
  const server = createServer((request, answer) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      calls.push({ headers: request.headers, body });
      answer.writeHead(status).end('thanks');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const channel = webhookChannel({ url, secret: 'whsec_c2VjcmV0' });
    const services: AlertServices = { db: world.db, log: world.log, publicUrl, channels: [channel] };
    await raiseAlert(world, dry);
    await deliverAlerts(services);
    await world.clock.advance('1 minute');
    status = 204;
    await deliverAlerts(services);
    expect(calls).toHaveLength(2);
    const [, last] = calls;
    const timestamp = String(last?.headers['webhook-timestamp']);
    const signed = createHmac('sha256', 'secret')
      .update(`${String(last?.headers['webhook-id'])}.${timestamp}.${last?.body}`)
      .digest('base64');
    expect(last?.headers['webhook-signature']).toBe(`v1,${signed}`);
    expect(JSON.parse(last?.body ?? '')).toMatchObject({
      text: expect.stringContaining('Warning: KIE has credit for 2.5 days'),
      alerts: [
        {
          about: 'raised',
          key: dry.key,
          // Without a link of its own it leads to where the alert itself stands.
          link: 'https://video.example.com/operator?alert=provider%2Fkie%2Fbalance',
          opened_at: '2026-11-20T12:00:00.000Z',
          cleared_at: null,
        },
      ],
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test('open ones come first, and what was over months ago is forgotten', async () => {
  const { services, tell } = noting();
  await raiseAlert(world, { ...dry, key: 'over' });
  await clearAlert(world, 'over');
  await raiseAlert(world, { ...dry, key: 'warning' });
  await raiseAlert(world, { ...dry, key: 'critical', severity: 'critical' });
  await tell();
  expect((await listAlerts(world.db)).map(({ key }) => key)).toEqual(['critical', 'warning', 'over']);
  await world.clock.advance('100 days');
  await forgetOldAlerts(services);
  expect((await listAlerts(world.db)).map(({ key }) => key)).toEqual(['critical', 'warning']);
});
