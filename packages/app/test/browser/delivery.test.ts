import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { confirmLinkInTelegram, findOpenLink } from '../../src/accounts/telegram-link.ts';
import { ensureTelegramPerson } from '../../src/accounts/telegram.ts';
import { grantCredits } from '../../src/credits/commands.ts';
import { webhookChannel } from '../../src/delivery/channels/webhook.ts';
import { removeExpired } from '../../src/delivery/retention.ts';
import { startDeliveries } from '../../src/delivery/runner/runner.ts';
import type { DeliveryRunner } from '../../src/delivery/runner/runner.ts';
import { giveBack } from '../../src/generations/end/give-back.ts';
import { deliverySubjects } from '../../src/generations/view/delivery-subjects.ts';
import { inTransaction } from '../../src/platform/database.ts';
import { receiver, status } from '../delivery/support/receiver.ts';
import { film, picture } from '../providers/media-files.ts';
import { createBrowserWorld, patience_ms } from './support/browser-world.ts';
import type { BrowserPerson, BrowserWorld } from './support/browser-world.ts';
import { complaintsOf, fitsWidth, numberAt, seriousFindings } from './support/checks.ts';

let world: BrowserWorld;
let deliveries: DeliveryRunner;
beforeAll(async () => {
  world = await createBrowserWorld({
    film: await film(3),
    poster: await picture(),
    env: { WEBHOOKS_ALLOW_PRIVATE: 'yes', RETENTION_DAYS: '30', TELEGRAM_BOT_TOKEN: '7000000001:test' },
  });
  await world.work();
  const { db, log, generations } = world.context;
  const subjects = deliverySubjects(generations);
  deliveries = startDeliveries({
    db,
    log,
    channels: [webhookChannel({ db, subjects, allowPrivate: true })],
    lookMs: 0,
  });
});
afterAll(async () => {
  await deliveries.stop();
  await world.close();
});

const input = { template: 'prompt', prompt: 'A title of some length', duration_seconds: 3 };

async function made({ client }: BrowserPerson): Promise<string> {
  const { id } = await client.generate({ model: 'scripted-video', input });
  await client.waitForGeneration(id);
  return id;
}

/** As after three proven refusals by a chat. */
async function lock(id: string): Promise<void> {
  const { db, generations } = world.context;
  const { rows } = await db.query<{ id: string }>(
    'select id from holdfast.delivery where generation_id = $1',
    [id],
  );
  const refused = { generationId: id, deliveryId: rows[0]?.id ?? '', reason: 'delivery_refused' };
  await inTransaction(db, (tx) => giveBack(generations, tx, refused));
}

test('a webhook: its secret once, every attempt with its reason, sent again, a new secret, removed', async () => {
  const hook = await receiver(status(500), status(204));
  const ada = await world.person({ credits: 500n });
  const { page, context } = ada;
  const complaints = complaintsOf(page);
  await page.goto('/account');
  await page.getByLabel('Address', { exact: true }).fill(hook.url);
  await page.getByRole('button', { name: 'Add webhook' }).click();
  const secret = (await page.getByTestId('webhook-secret').textContent()) ?? '';
  expect(secret).toMatch(/^whsec_/);
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await page.reload();
  await page.getByTestId('webhooks').getByText(hook.url).waitFor();
  expect(await page.content()).not.toContain(secret);

  const id = await made(ada);
  await deliveries.work();
  expect(new Webhook(secret).verify(hook.got[0]?.body ?? '', hook.got[0]?.headers as never)).toMatchObject({
    data: { id },
  });
  await page.getByTestId('webhooks').getByRole('link', { name: 'Deliveries' }).click();
  const row = page.getByTestId('delivery');
  await row.getByText('Waiting · It answered 500 · next try').waitFor();
  await row.getByText('1 attempt').click();
  await row.getByTestId('attempts').getByText('Not taken, tried again · It answered 500').waitFor();
  await row.getByRole('button', { name: 'Send again' }).click();
  await expect.poll(() => deliveries.work().then(() => hook.got.length), { timeout: patience_ms }).toBe(2);
  await row.getByText('Delivered').first().waitFor();
  expect(new Set(hook.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);

  await row.getByRole('link').click();
  const handed = page.getByTestId('handed-over');
  await handed.getByText('Library Delivered').waitFor();
  await handed.getByRole('link', { name: 'Webhook' }).click();
  await page.getByRole('button', { name: 'New secret' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make a new signing secret?' });
  await dialog.getByRole('button', { name: 'New secret' }).click();
  expect(await page.getByTestId('webhook-secret').textContent()).not.toBe(secret);
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('No webhooks yet').waitFor();
  expect(await ada.client.webhooks.list()).toEqual([]);
  expect(complaints).toEqual([]);
  hook.close();
  await context.close();
});

test('another person’s webhook is not there; an address with a password in it is refused in words', async () => {
  const ada = await world.person();
  const eve = await world.person();
  await ada.page.goto('/account');
  await ada.page.getByLabel('Address', { exact: true }).fill('http://user:password@127.0.0.1/');
  await ada.page.getByRole('button', { name: 'Add webhook' }).click();
  await ada.page.getByText('Give an address that starts with https://').waitFor();
  await ada.page.getByLabel('Address', { exact: true }).fill('http://127.0.0.1:1/');
  await ada.page.getByRole('button', { name: 'Add webhook' }).click();
  await ada.page.getByTestId('webhook-secret').waitFor();
  const [hook] = await ada.client.webhooks.list();
  expect(hook?.url).toBe('http://127.0.0.1:1/');
  await eve.page.goto(`/webhooks/${hook?.id}`);
  await eve.page.getByText('There is no such webhook').waitFor();
  await ada.context.close();
  await eve.context.close();
});

test('mails are chosen by a switch, which goes back where that could not be kept', async () => {
  const { page, client, context } = await world.person();
  await page.goto('/account');
  const ready = page.getByRole('switch', { name: 'Ready' });
  const off = page.getByRole('switch', { name: 'Ready', checked: false });
  await ready.click();
  await expect
    .poll(() => client.mailPreferences(), { timeout: patience_ms })
    .toEqual({ ready: false, failed: true, news: true });
  await page.reload();
  await off.waitFor();
  await page.route('**/api/notifications', (route) =>
    route.request().method() === 'PUT' ? route.abort() : route.continue(),
  );
  await ready.click();
  await page.getByText('Can’t reach the server').waitFor();
  await off.waitFor();
  await context.close();
});

test('the day until which a file is kept is shown before, and that it is gone afterwards', async () => {
  const ada = await world.person({ credits: 100n });
  const { page, context } = ada;
  const id = await made(ada);
  await page.goto('/library');
  await page
    .getByTestId('kept-until')
    .getByText(/^Kept until /)
    .waitFor();
  await page.goto(`/generations/${id}`);
  await page.getByTestId('kept-until').getByText('Download it before then to keep it.').waitFor();
  const file = (await ada.client.generation(id)).outputs[0]?.url ?? '';
  // As 31 days later.
  await world.world.admin.query(
    `update holdfast.asset set created_at = created_at - interval '31 days' where generation_id = $1`,
    [id],
  );
  await world.world.admin.query(
    `update holdfast.generation set finished_at = finished_at - interval '31 days' where id = $1`,
    [id],
  );
  await removeExpired(world.context.delivery, 30);
  await page.reload();
  await page.getByTestId('gone').getByText('The receipt stays.').waitFor();
  await page.getByText('Its file is not kept any more.').waitFor();
  await page.getByText('3 s delivered: 30 credits charged').waitFor();
  // The first browser may still have it, by its own right.
  const other = await world.browser.newContext({ baseURL: world.url });
  await other.addCookies(await context.cookies());
  const link = await other.newPage();
  expect((await link.goto(file))?.status()).toBe(410);
  await link.getByRole('heading', { name: 'This file is not kept any more' }).waitFor();
  await link.getByRole('link', { name: 'Open your library' }).click();
  await link.getByText('Not kept any more').waitFor();
  await other.close();
  await context.close();
});

test('a locked file says what opening it costs; who is short is told, and pressing twice charges once', async () => {
  const ada = await world.person({ credits: 40n });
  const { page, client, context } = ada;
  const id = await made(ada);
  await lock(id);
  const spent = await client.balance();
  await page.goto('/library');
  await page.getByText('Locked', { exact: true }).waitFor();
  await page.goto(`/generations/${id}`);
  await page.getByText('It did not reach you, so 30 credits went back.').waitFor();
  expect(await page.getByRole('link', { name: 'Download' }).count()).toBe(0);
  const unlock = page.getByRole('button', { name: 'Unlock for 30 credits' });
  await world.world.admin.query(
    `update holdfast.generation_refund set amount = 10000 where generation_id = $1`,
    [id],
  );
  await unlock.click();
  await page.getByText('This needs 10,000 credits').waitFor();
  expect(await client.balance()).toEqual(spent);
  await world.world.admin.query(
    `update holdfast.generation_refund set amount = 30 where generation_id = $1`,
    [id],
  );
  await unlock.dblclick();
  await page.getByLabel('The generated video').waitFor();
  await client.unlockGeneration(id);
  expect((await client.balance()).total).toBe(spent.total - 30);
  await page.getByRole('link', { name: 'Download' }).waitFor();
  await context.close();
});

test('a Telegram account is linked when both sides have confirmed: one wallet', async () => {
  const ada = await world.person({ credits: 50n });
  const { page, context } = ada;
  const { db, accounts, credits } = world.context;
  const { personId } = await ensureTelegramPerson(accounts, {
    id: 4_242,
    chatId: 4_242,
    firstName: 'Ada',
    username: 'ada_b',
    languageCode: 'en',
  });
  const gift = { personId, key: 'test', amount: 70n, source: 'support', reason: 'a test' };
  await grantCredits(credits, gift);
  await page.goto('/account');
  await page.getByRole('button', { name: 'Link Telegram' }).click();
  const command = (await page.getByText(/^\/start link_/).textContent()) ?? '';
  const link = await findOpenLink(db, { code: command.slice('/start link_'.length) });
  await confirmLinkInTelegram(db, { id: link?.id ?? '', telegramId: 4_242n, name: 'Ada' });
  await page.getByText('Ada confirmed in Telegram. Is that you?').waitFor();
  const before = await ada.client.balance();
  await page.getByRole('button', { name: 'Yes, link us' }).click();
  await page.getByTestId('telegram-linked').getByText('Linked with Ada (@ada_b).').waitFor();
  expect((await ada.client.balance()).total).toBe(before.total + 70);
  await page.reload();
  await page.getByTestId('telegram-linked').waitFor();
  await page.goto('/wallet');
  await page.getByTestId('balance-adds-up').waitFor();
  expect(await numberAt(page, 'total')).toBe(before.total + 70);
  await context.close();
});

test.each([
  { theme: 'light', width: 1280 },
  { theme: 'dark', width: 375 },
] as const)('nothing serious on these screens, $theme at $width', async ({ theme, width }) => {
  const hook = await receiver(status(503));
  const ada = await world.person({
    credits: 500n,
    browser: { colorScheme: theme, reducedMotion: 'reduce', viewport: { width, height: 800 } },
  });
  const { page, context } = ada;
  const found: string[] = [];
  const look = async (where: string) => {
    await page.locator('output[aria-label="Loading"]').first().waitFor({ state: 'detached' });
    found.push(...(await seriousFindings(page)).map((finding) => `${where}: ${finding}`));
    if (!(await fitsWidth(page))) found.push(`${where}: wider than the screen`);
  };
  await page.goto('/account');
  await page.getByLabel('Address', { exact: true }).fill(hook.url);
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await page.getByTestId('webhook-secret').waitFor();
  await page.getByRole('button', { name: 'Link Telegram' }).click();
  await page.getByText('Waiting for you to confirm').waitFor();
  await look('account');
  const id = await made(ada);
  await deliveries.work();
  const [webhook] = await ada.client.webhooks.list();
  await page.goto(`/webhooks/${webhook?.id}`);
  await page.getByText('1 attempt').click();
  await look('webhook');
  await page.getByRole('button', { name: 'New secret' }).click();
  await look('webhook, asked');
  await lock(id);
  await page.goto(`/generations/${id}`);
  await page.getByRole('button', { name: /^Unlock/ }).waitFor();
  await page.getByTestId('handed-over').waitFor();
  await look('locked');
  await page.goto('/library');
  await page.getByTestId('kept-until').waitFor();
  await look('library');
  expect(found).toEqual([]);
  hook.close();
  await context.close();
});
