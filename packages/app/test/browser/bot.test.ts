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
    user: 1001,
    locale: 'en',
    words: 'Allium oreophilum\n12 €\nHardy\nStill in bloom',
    again: 'Generate again',
  },
  {
    user: 1002,
    locale: 'ru',
    words: 'Лук горный\n12 €\nМорозостойкий\nВсё ещё цветёт',
    again: 'Создать ещё раз',
  },
  { user: 1003, locale: 'zh', words: '山葱\n12 欧元\n耐寒\n仍在盛开', again: '再生成一次' },
] as const;
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const;

test.each(
  languages.flatMap((language) => [
    { ...language, product: 'neurocard', size: 'phone' as const },
    { ...language, product: 'reels', size: 'desktop' as const },
  ]),
)('$locale, $product: from /start to the video in the chat to Generate again', async (tried) => {
  const { user, locale, words, product, again, size } = tried;
  const context = await all.browser.newContext({ viewport: sizes[size] });
  context.setDefaultTimeout(patience_ms);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  try {
    await page.goto(`${telegram.url}/?user=${user}`);
    const button = (data: string) => page.locator(`button[data-data^="${data}"]`).last();
    const before = await page.locator('video').count();
    if (product === 'neurocard') {
      await page.locator('.empty button').click();
      await button('accept').click();
    } else {
      await page.locator('#text').fill('/start');
      await page.locator('#send').click();
    }
    await button(`product:${product}`).click();
    await button('product:').waitFor({ state: 'detached' });
    const photos = await page.locator('.mine img').count();
    await page.locator('#sample').click();
    await page.locator('.mine img').nth(photos).waitFor();
    if (product === 'reels') await button('skip').waitFor();
    else await page.waitForFunction(() => document.querySelectorAll('article:not(.mine)').length >= 2);
    await look(page, `${locale}-${product}-1-photo`);
    telegram.person(user).say(words);
    await button('look:any').click();
    const confirm = button('go:');
    await confirm.waitFor();
    expect(await confirm.textContent()).toMatch(/50/);
    await look(page, `${locale}-${product}-2-confirm`);
    await confirm.click();
    await page.locator('video').nth(before).waitFor();
    await page.getByRole('button', { name: again }).last().waitFor();
    await look(page, `${locale}-${product}-3-film`);
    const { rows } = await all.world.db.query<{ credits: bigint }>(
      `select count(*) as credits from holdfast.generation g join holdfast.telegram_account t using (person_id) where t.telegram_id = $1`,
      [user],
    );
    expect(Number(rows[0]?.credits)).toBe(before + 1);
    if (product === 'neurocard') {
      await page.getByRole('button', { name: again }).last().click();
      await page
        .locator('video')
        .nth(before + 1)
        .waitFor();
      await look(page, `${locale}-${product}-4-again`);
      // There is enough for one more on the desk: the rest of the test of credits is elsewhere.
      await grantMore(user);
    }
    expect(errors).toEqual([]);
  } finally {
    await context.close();
  }
});

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
