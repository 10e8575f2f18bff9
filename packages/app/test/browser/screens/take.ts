import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { expect, test } from 'vitest';
import type { BrowserPerson } from '../support/browser-world.ts';
import { contactSheet } from './contact-sheet.ts';
import { gatherCast } from './cast.ts';
import type { Cast } from './cast.ts';
import { shots } from './shots.ts';
import type { Shot } from './shots.ts';

const folder = new URL('../../../../../screens/', import.meta.url).pathname;
const looks = [375, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((theme) => ({ width, theme, name: `${width}-${theme}` })),
);
/** Pictures taken at once. */
const abreast = 3;
type Look = (typeof looks)[number];

test('every screen in every state', { timeout: 1_800_000 }, async () => {
  const cast = await gatherCast();
  const failures: string[] = [];
  const takeAll = async (left: Shot[], look: Look) => {
    for (let shot = left.shift(); shot; shot = left.shift()) {
      const { name } = shot;
      await take(cast, shot, look).catch((error: unknown) =>
        failures.push(`${name} ${look.name}: ${String(error).split('\n')[0]}`),
      );
    }
  };
  try {
    /** Beginnings of names, by comma. */
    const only = process.env['SCREENS']?.split(',');
    if (!only) await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const wanted = shots(cast).filter(({ name }) => !only || only.some((each) => name.startsWith(each)));
    for (const look of looks) {
      const left = [...wanted];
      await Promise.all(Array.from({ length: abreast }, () => takeAll(left, look)));
      console.log(`${wanted.length} screens at ${look.width} pixels, ${look.theme}`);
    }
    const sheet = contactSheet(
      wanted.map(({ name }) => name),
      looks.map(({ name }) => name),
    );
    await writeFile(join(folder, 'index.html'), sheet);
    console.log(`Look at ${join(folder, 'index.html')}`);
  } finally {
    await cast.shop.close();
    await cast.world.close();
  }
  expect(failures).toEqual([]);
});

async function take(cast: Cast, shot: Shot, look: Look): Promise<void> {
  const context = await open(cast.world.browser, cast, shot, look);
  try {
    const page = await context.newPage();
    await shot.before?.(page);
    await page.goto(shot.path, { waitUntil: 'domcontentloaded' });
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    const loading = page.locator('output[aria-label="Loading"]').first();
    if (!shot.waits) await loading.waitFor({ state: 'detached' });
    await shot.act?.(page, context);
    await page.evaluate('document.fonts.ready.then(() => scrollTo(0, 0))');
    await page.evaluate('Promise.all([...document.images].map((image) => image.decode().catch(() => null)))');
    await page.screenshot({
      path: join(folder, `${shot.name}.${look.name}.png`),
      fullPage: true,
      animations: 'disabled',
      caret: 'hide',
      // On a picture of the whole page, what sticks to the screen's edge stands where the page ends.
      style: '[data-bar] { position: static !important }',
    });
  } finally {
    await context.close();
  }
}

function personOf(cast: Cast, who: Exclude<Shot['as'], 'visitor' | undefined>): BrowserPerson {
  return who === 'buyer' || who === 'debtor' || who === 'operator' ? cast.shop[who] : cast[who];
}

async function open(browser: Browser, cast: Cast, shot: Shot, look: Look): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: cast.world.url,
    viewport: { width: look.width, height: look.width < 600 ? 780 : 860 },
    deviceScaleFactor: look.width < 600 ? 2 : 1,
    hasTouch: look.width < 600,
    colorScheme: look.theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    // For the style of the picture alone; the tests run under the server's own policy.
    bypassCSP: true,
  });
  context.setDefaultTimeout(8_000);
  const who = shot.as ?? 'rich';
  if (who !== 'visitor') await context.addCookies(await personOf(cast, who).context.cookies());
  return context;
}
