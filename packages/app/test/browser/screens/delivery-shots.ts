import type { Delivery, Generation } from '@holdfast/client';
import type { Page } from 'playwright-core';
import type { Cast } from './cast.ts';
import type { Shot } from './shots.ts';

const day_ms = 86_400_000;
const daysFromNow = (days: number) => new Date(Date.now() + days * day_ms).toISOString();

/** Every generation of an answer, changed. */
const generations = (pattern: string, change: (generation: Generation) => void) => (page: Page) =>
  page.route(pattern, async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as Generation & { items?: Generation[] };
    for (const each of answer.items ?? [answer]) change(each);
    return route.fulfill({ response, json: answer });
  });
const keptFor = (days: number) => (generation: Generation) => {
  if (generation.status === 'succeeded') generation.kept_until = daysFromNow(days);
};
const gone = (generation: Generation) => {
  generation.kept_until = daysFromNow(-2);
  generation.outputs = [];
};
const locked = (generation: Generation) => {
  generation.locked = { credits: generation.receipt.charged };
};

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const webhook = {
  id: 'whk_01kc4a7w2m8q5n3x9b6f0h2j4k',
  url: 'https://shop.example.com/hooks/holdfast',
  disabled: false,
  disabled_reason: null,
  created_at: minutesAgo(60 * 24 * 9),
};
type Attempt = Delivery['attempts'][number];
const attempt = (number: number, ago: number, more: Partial<Attempt> = {}): Attempt => ({
  number,
  started_at: minutesAgo(ago),
  ended_at: minutesAgo(ago),
  outcome: 'again',
  reason: 'http_503',
  http_status: 503,
  ...more,
});
const taken = { outcome: 'delivered', reason: null, http_status: 204 };

function told(generation: string, more: Partial<Delivery>): Delivery {
  return {
    id: `dlv_01kc4a7w2m8q5n3x9b6f0h2j4${more.state?.[0] ?? 'k'}`,
    generation,
    event: 'succeeded',
    channel: 'webhook',
    webhook: webhook.id,
    state: 'delivered',
    attempts: [attempt(1, 4, taken)],
    reason: null,
    next_at: null,
    created_at: minutesAgo(5),
    finished_at: minutesAgo(4),
    ...more,
  };
}

const answer = (pattern: string, json: object) => (page: Page) =>
  page.route(pattern, (route) => route.fulfill({ json }));
const together =
  (...steps: ((page: Page) => Promise<unknown>)[]) =>
  async (page: Page) => {
    for (const step of steps) await step(page);
  };
const withBot = (page: Page) =>
  page.route('**/api/settings', async (route) => {
    const response = await route.fetch();
    return route.fulfill({ response, json: { ...((await response.json()) as object), telegram: true } });
  });

/** How results reach people: what is kept and locked, webhooks, mails, Telegram. */
export function deliveryShots(cast: Cast): Shot[] {
  const { video, partial, failed } = cast.generations;
  const waiting = told(partial, {
    state: 'pending',
    attempts: [attempt(3, 2), attempt(2, 6, { reason: 'timeouterror', http_status: null }), attempt(1, 8)],
    reason: 'http_503',
    next_at: new Date(Date.now() + 6 * 60_000).toISOString(),
    finished_at: null,
  });
  const refused = told(failed, {
    event: 'failed',
    state: 'refused',
    reason: 'econnrefused',
    attempts: [attempt(14, 70, { reason: 'econnrefused', http_status: null })],
  });
  const all = answer(`**/api/webhooks/${webhook.id}/deliveries*`, {
    items: [waiting, told(video, {}), refused],
    next: null,
  });
  const list = answer('**/api/webhooks', { items: [webhook] });
  const off = answer('**/api/webhooks', {
    items: [{ ...webhook, disabled: true, disabled_reason: 'it answered 410 Gone' }],
  });
  const screen = `/webhooks/${webhook.id}`;
  const link = {
    id: 'lnk_01kc4a7w2m8q5n3x9b6f0h2j4k',
    expires_at: daysFromNow(1),
    telegram_name: null,
    confirmed: false,
    completed: false,
  };
  const linking = together(
    withBot,
    answer('**/api/telegram-links', {
      ...link,
      code: 'k7mqw2xz9rta',
      command: '/start link_k7mqw2xz9rta',
      bot: 'holdfast_bot',
      url: 'https://t.me/holdfast_bot?start=link_k7mqw2xz9rta',
    }),
  );
  const start = (page: Page) => page.getByRole('button', { name: 'Link Telegram' }).click();
  const handed = answer(`**/api/generations/${video}/deliveries`, {
    items: [
      told(video, { id: 'dlv_1', channel: 'library', webhook: null, attempts: [] }),
      told(video, {
        id: 'dlv_2',
        channel: 'telegram',
        webhook: null,
        state: 'uncertain',
        reason: 'no_answer',
      }),
      told(video, { id: 'dlv_3', channel: 'mail', webhook: null }),
      { ...waiting, generation: video },
    ],
  });
  const one = `**/api/generations/${video}`;
  return [
    { name: 'generation-handed-over', path: `/generations/${video}`, before: handed },
    { name: 'generation-kept', path: `/generations/${video}`, before: generations(one, keptFor(21)) },
    { name: 'generation-kept-soon', path: `/generations/${video}`, before: generations(one, keptFor(1)) },
    { name: 'generation-gone', path: `/generations/${video}`, before: generations(one, gone) },
    { name: 'generation-locked', path: `/generations/${video}`, before: generations(one, locked) },
    { name: 'library-kept', path: '/library', before: generations('**/api/generations?*', keptFor(21)) },
    {
      name: 'library-locked-and-gone',
      path: '/library?status=succeeded',
      before: generations('**/api/generations?*', (each) => (each.id === video ? locked(each) : gone(each))),
    },
    {
      name: 'webhook',
      path: screen,
      before: together(list, all),
      act: (page) => page.getByText('3 attempts').click(),
    },
    { name: 'webhook-off', path: screen, before: together(off, all) },
    {
      name: 'webhook-empty',
      path: screen,
      before: together(list, answer(`**/api/webhooks/${webhook.id}/deliveries*`, { items: [], next: null })),
    },
    {
      name: 'webhook-rotate',
      path: screen,
      before: together(list, all),
      act: (page) => page.getByRole('button', { name: 'New secret' }).click(),
    },
    { name: 'webhook-missing', path: '/webhooks/whk_never' },
    {
      name: 'account-webhook-secret',
      path: '/account',
      before: (page) =>
        page.route('**/api/webhooks', (route) =>
          route.fulfill({
            json:
              route.request().method() === 'POST'
                ? { ...webhook, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYq=' }
                : { items: [webhook] },
          }),
        ),
      act: async (page) => {
        await page.getByLabel('Address', { exact: true }).fill(webhook.url);
        await page.getByRole('button', { name: 'Add webhook' }).click();
        await page.getByTestId('webhook-secret').waitFor();
      },
    },
    {
      name: 'account-telegram-code',
      path: '/account',
      before: together(linking, answer('**/api/telegram-links/*', link)),
      act: start,
    },
    {
      name: 'account-telegram-confirm',
      path: '/account',
      before: together(
        linking,
        answer('**/api/telegram-links/*', { ...link, telegram_name: 'Ada Byron', confirmed: true }),
      ),
      act: async (page) => {
        await start(page);
        await page.getByText('Is that you?').waitFor();
      },
    },
    {
      name: 'account-telegram-linked',
      path: '/account',
      before: together(withBot, answer('**/api/telegram', { account: { name: 'Ada', username: 'ada_b' } })),
    },
  ];
}
