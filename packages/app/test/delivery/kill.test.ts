import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { storageChannel } from '../../emulators/telegram/state.ts';
import { addEndpoint } from '../../src/delivery/webhooks/endpoints.ts';
import type { DeliveryFailpoint } from '../../src/delivery/runner/failpoint.ts';
import { untilFinal } from '../generations/until.ts';
import { botToken, createDeliveryWorld } from './support/delivery-world.ts';
import type { DeliveryWorld } from './support/delivery-world.ts';
import type { DeliverSetup } from './support/deliver-process.ts';
import { receiver, status } from './support/receiver.ts';
import { startSmtpServer } from './support/smtp-server.ts';
import type { SmtpServer } from './support/smtp-server.ts';

let all: DeliveryWorld;
let smtp: SmtpServer;
const closing: (() => void)[] = [];
beforeAll(async () => {
  all = await createDeliveryWorld();
  smtp = await startSmtpServer();
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});
afterAll(async () => {
  await smtp.close();
  await all.close();
});

const script = fileURLToPath(new URL('support/deliver-process.ts', import.meta.url));

/** A process of its own that delivers what is due, and is killed at the failpoint if it comes there. */
async function deliver(sha256: string, failpoint?: DeliveryFailpoint): Promise<string | number | null> {
  const path = (await all.pipeline.deps.delivery.storage.localPath(sha256)) ?? '';
  const setup: DeliverSetup = {
    databaseUrl: all.world.appUrl,
    // objects/ab/cd/<name>
    storageDirectory: dirname(dirname(dirname(dirname(path)))),
    telegram: { token: botToken, apiRoot: all.telegram.url, storageChatId: String(storageChannel) },
    smtpUrl: smtp.url,
  };
  const child = spawn(process.execPath, [script], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      TEST_SETUP: JSON.stringify(setup),
      ...(failpoint === undefined ? {} : { TEST_FAILPOINT: failpoint }),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal ?? code;
}

/** What takes over does so once the claim of the dead has run out. */
async function takeOver(sha256: string): Promise<void> {
  await all.world.clock.advance('30 seconds');
  expect(await deliver(sha256)).toBe(0);
}

async function made(channel: 'mail' | 'webhook' | 'telegram') {
  if (channel === 'telegram') {
    const ada = await all.person();
    const id = await all.made(ada);
    return { personId: ada.id, id, chat: ada.chat, hook: null };
  }
  const personId = await all.pipeline.person(100n);
  const hook = channel === 'webhook' ? await receiver(status(204)) : null;
  if (hook === null) {
    await all.world.admin.query(
      `insert into auth.identity (id, name, email, email_verified) values ($1, 'Ada', $2, true)`,
      [personId, `${personId}@example.com`],
    );
  } else {
    closing.push(hook.close);
    await addEndpoint(all.world.db, { personId, url: hook.url, allowPrivate: true });
  }
  const id = await all.pipeline.ask(personId);
  await untilFinal(all.pipeline, personId, id);
  return { personId, id, chat: null, hook };
}

const row = async (id: string, channel: string) =>
  (await all.rows(id)).find((each) => each['channel'] === channel && each['event'] === 'succeeded');
const shaOf = async (personId: string, id: string) =>
  (await all.pipeline.see(personId, id)).outputs[0]?.sha256 ?? '';

test.each<[DeliveryFailpoint, number]>([
  ['delivery.marked', 0],
  ['delivery.sent', 1],
])(
  'mail, killed at %s: never sent again, and said to be uncertain',
  async (failpoint, sent) => {
    const { personId, id } = await made('mail');
    const sha = await shaOf(personId, id);
    const before = smtp.letters.length;
    expect(await deliver(sha, failpoint)).toBe('SIGKILL');
    await takeOver(sha);
    expect(smtp.letters.length - before).toBe(sent);
    expect(await row(id, 'mail')).toMatchObject({ state: 'uncertain', reason: 'worker_lost', attempts: 1 });
    expect(await all.pipeline.balance(personId)).toMatchObject({ total: 58n, held: 0n });
  },
  60_000,
);

test.each<[DeliveryFailpoint, number]>([
  ['delivery.marked', 1],
  ['delivery.sent', 2],
])(
  'webhook, killed at %s: sent again under the same id',
  async (failpoint, calls) => {
    const { personId, id, hook } = await made('webhook');
    const sha = await shaOf(personId, id);
    expect(await deliver(sha, failpoint)).toBe('SIGKILL');
    await takeOver(sha);
    await all.world.clock.advance('30 seconds');
    expect(await deliver(sha)).toBe(0);
    expect(hook?.got).toHaveLength(calls);
    expect(new Set(hook?.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await row(id, 'webhook')).toMatchObject({ state: 'delivered', attempts: 2 });
  },
  60_000,
);

test.each<[DeliveryFailpoint, number, string]>([
  ['delivery.uploaded', 1, 'delivered'],
  ['delivery.marked', 0, 'uncertain'],
  ['delivery.sent', 1, 'uncertain'],
])(
  'chat, killed at %s: at most one copy, and no refund',
  async (failpoint, copies, state) => {
    await all.world.admin.query('delete from holdfast.telegram_file');
    const { personId, id, chat } = await made('telegram');
    const sha = await shaOf(personId, id);
    expect(await deliver(sha, failpoint)).toBe('SIGKILL');
    await takeOver(sha);
    expect(chat === null ? null : all.copies(chat)).toBe(copies);
    expect(await row(id, 'telegram')).toMatchObject({ state });
    const buttons = chat?.chat().flatMap((message) => message.buttons.flat().map(({ text }) => text));
    expect(buttons?.includes('📩 Send it here')).toBe(state === 'uncertain');
    expect(await all.pipeline.see(personId, id)).toMatchObject({ locked: null });
    expect(await all.pipeline.balance(personId)).toMatchObject({ total: 458n, held: 0n });
  },
  60_000,
);
