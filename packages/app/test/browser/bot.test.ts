import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTelegramEmulator } from '../../emulators/telegram/emulator.ts';
import type { TelegramEmulator } from '../../emulators/telegram/emulator.ts';
import { storageChannel } from '../../emulators/telegram/state.ts';
import { grantCredits } from '../../src/credits/commands.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { studioModels } from '../../src/generations/catalogue/models/studio.ts';
import { startMessages } from '../../src/start-messages.ts';
import type { RunningMessages } from '../../src/start-messages.ts';
import { film, picture } from '../providers/media-files.ts';
import { createBrowserWorld, patience_ms } from './support/browser-world.ts';
import type { BrowserWorld } from './support/browser-world.ts';

let telegram: TelegramEmulator;
let all: BrowserWorld;
let messages: RunningMessages;

beforeAll(async () => {
  telegram = await startTelegramEmulator();
  all = await createBrowserWorld({
    film: await film(4.2),
    poster: await picture(),
    env: {
      TELEGRAM_BOT_TOKEN: '7000000001:browser',
      TELEGRAM_API_ROOT: telegram.url,
      TELEGRAM_STORAGE_CHAT: String(storageChannel),
    },
  });
  const studio = studioModels.find(({ id }) => id === 'studio-standard');
  if (!studio) throw new Error('there is no standard model');
  const model = { ...studio, id: 'photo-video', providerId: 'scripted', pollSeconds: 0.2 };
  await seedCatalogue(all.world.db, [{ model, creditsPerUnit: 10n }]);
  await all.world.admin.query(`update holdfast.model set offered = false where provider_id = 'studio'`);
  await all.work();
  messages = await startMessages(all.context, { deliver: true });
});
afterAll(async () => {
  await messages.stop();
  await all.close();
  await telegram.close();
});

/** Where pictures of the chat are put to be looked at, if anywhere. */
const pictures = process.env['SCREENS_DIR'];

async function look(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `bot-${name}.png`) });
}

const languages = [
  {
    locale: 'en',
    language: 'en',
    name: 'Ada',
    words: {
      neurocard: 'Allium oreophilum\n12 €\nHardy\nStill in bloom',
      reels: 'Still in bloom. Photographed in 1928.',
    },
    again: 'Generate again',
    another: 'Another style',
    web: 'Open on the web',
  },
  {
    locale: 'ru',
    language: 'ru',
    name: 'Вера',
    words: {
      neurocard: 'Лук горный\n12 €\nМорозостойкий\nВсё ещё цветёт',
      reels: 'Всё ещё цветёт. Снято в 1928 году.',
    },
    again: 'Создать ещё раз',
    another: 'Другой стиль',
    web: 'Открыть на сайте',
  },
  {
    locale: 'zh',
    language: 'zh-hans',
    name: '李明',
    words: { neurocard: '山葱\n12 欧元\n耐寒\n仍在盛开', reels: '仍在盛开。摄于1928年。' },
    again: '再生成一次',
    another: '换个风格',
    web: '在网页上打开',
  },
] as const;
const sizes = { phone: { width: 375, height: 760 }, desktop: { width: 1280, height: 800 } } as const;

test.each(
  languages.flatMap((language) => [
    { ...language, product: 'neurocard' as const, styles: ['dark', 'vivid'], size: 'phone' as const },
    { ...language, product: 'reels' as const, styles: ['warm', 'night'], size: 'desktop' as const },
  ]),
)('$locale, $product: from /start to the film, another, another style, and the web', async (tried) => {
  const { locale, words, product, again, another, web, styles, size } = tried;
  const person = telegram.person({ language_code: tried.language, first_name: tried.name });
  const context = await all.browser.newContext({ viewport: sizes[size] });
  context.setDefaultTimeout(patience_ms);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  const button = (data: string) => page.locator(`button[data-data^="${data}"]`).last();
  const named = (name: string) => page.getByRole('button', { name }).last();
  const films = (count: number) =>
    page
      .locator('video')
      .nth(count - 1)
      .waitFor();
  const shot = (name: string) => look(page, `${locale}-${product}-${name}`);
  try {
    await page.goto(`${telegram.url}/?user=${person.user.id}`);
    await page.locator('.empty button').click();
    await button('accept').waitFor();
    await shot('1-welcome');
    await button('accept').click();
    await button(`product:${product}`).click();
    await button('product:').waitFor({ state: 'detached' });
    await page.locator('#sample').click();
    await page.locator('.mine img').waitFor();
    if (product === 'reels') await button('skip').waitFor();
    else await page.locator('article:not(.mine)').nth(1).waitFor();
    await shot('2-photo');
    person.say(words[product]);
    await button(`look:${styles[0]}`).waitFor();
    await shot('3-styles');
    await button(`look:${styles[0]}`).click();
    const confirm = button('go:');
    await confirm.waitFor();
    expect(await confirm.textContent()).toMatch(/50/);
    await shot('4-confirm');
    await confirm.click();
    await films(1);
    await named(again).waitFor();
    await shot('5-film');
    // Enough for the two that follow.
    await grantMore(person.user.id);
    if (product === 'reels') await linkToTheWeb(person.user.id);
    await named(again).click();
    await films(2);
    await named(another).waitFor();
    await shot('6-again');
    await named(another).click();
    await button(`look:${styles[1]}`).click();
    await button('go:').click();
    await films(3);
    await page.getByRole('link', { name: web }).nth(2).waitFor();
    await shot('7-another-style');
    const made = await generationsOf(person.user.id);
    expect(made.map(({ input }) => input.style)).toEqual([styles[0], styles[0], styles[1]]);
    const link = page.getByRole('link', { name: web }).last();
    const [opened] = await Promise.all([context.waitForEvent('page'), link.click()]);
    // Who has no account on the web opens the film itself.
    const there = product === 'neurocard' ? '/media/file/' : `/generations/${made[2]?.id}`;
    await opened.waitForURL((url) => decodeURIComponent(url.href).includes(there));
    await opened
      .locator(product === 'neurocard' ? 'video' : 'h1')
      .first()
      .waitFor();
    await look(opened, `${locale}-${product}-8-web`);
    expect(errors).toEqual([]);
  } finally {
    await context.close();
  }
});

async function generationsOf(user: number): Promise<{ id: string; input: { style: string } }[]> {
  const { rows } = await all.world.db.query<{ id: string; input: { style: string } }>(
    `select g.id, g.input from holdfast.generation g join holdfast.telegram_account t using (person_id)
      where t.telegram_id = $1 order by g.id`,
    [user],
  );
  return rows;
}

/** From now on they sign in on the web too. */
async function linkToTheWeb(user: number): Promise<void> {
  await all.world.admin.query(
    `insert into auth.identity (id, name, email, email_verified)
     select person_id, 'Ada', telegram_id::text || '@example.com', true from holdfast.telegram_account where telegram_id = $1`,
    [user],
  );
}

async function grantMore(user: number): Promise<void> {
  const { rows } = await all.world.db.query<{ person_id: string }>(
    'select person_id from holdfast.telegram_account where telegram_id = $1',
    [user],
  );
  await grantCredits(all.context.credits, {
    personId: rows[0]?.person_id ?? '',
    key: 'browser',
    amount: 100n,
    source: 'support',
    reason: 'a test',
  });
}
