import { afterAll, beforeAll, expect, test } from 'vitest';
import { film, picture } from '../providers/media-files.ts';
import { createBrowserWorld } from './support/browser-world.ts';
import type { BrowserPerson, BrowserWorld } from './support/browser-world.ts';
import { fitsWidth, seriousFindings } from './support/checks.ts';

let world: BrowserWorld;
let ready: string;
let waiting: string;
let cancelled: string;
let ada: BrowserPerson;

beforeAll(async () => {
  world = await createBrowserWorld({ film: await film(3), poster: await picture() });
  ada = await world.person({ credits: 500n });
  const input = { template: 'prompt', prompt: 'A title of some length', duration_seconds: 3 };
  ({ id: cancelled } = await ada.client.generate({ model: 'studio-standard', input }));
  await ada.client.cancelGeneration(cancelled);
  world.scripted.script.outcomes = ['succeed', 'never_end'];
  await world.work();
  ({ id: ready } = await ada.client.generate({ model: 'scripted-video', input }));
  await ada.client.waitForGeneration(ready);
  ({ id: waiting } = await ada.client.generate({ model: 'scripted-video', input }));
});
afterAll(() => world.close());

/** A finger stays on a key for a while; a choice follows an arrow only while it is down. */
const finger = { delay: 60 };

const open_to_all = [
  '/',
  '/pricing',
  '/status',
  '/sign-in',
  '/sign-up',
  '/forgot-password',
  '/reset-password',
  '/nowhere',
];
const signed_in = () => [
  '/create',
  '/create?make=video-neurocard',
  '/library',
  '/library?status=failed',
  '/wallet',
  '/account',
  '/verify-email',
  `/generations/${ready}`,
  `/generations/${waiting}`,
  `/generations/${cancelled}`,
];

test.each([
  { theme: 'light', width: 1280 },
  { theme: 'dark', width: 375 },
] as const)('nothing serious on any screen, $theme at $width', async ({ theme, width }) => {
  const visitor = await world.browser.newContext({
    baseURL: world.url,
    colorScheme: theme,
    reducedMotion: 'reduce',
    viewport: { width, height: 800 },
  });
  const found: string[] = [];
  const look = async (paths: string[]) => {
    const page = await visitor.newPage();
    for (const path of paths) {
      await page.goto(path, { waitUntil: 'domcontentloaded' });
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('output[aria-label="Loading"]').first().waitFor({ state: 'detached' });
      found.push(...(await seriousFindings(page)).map((finding) => `${path}: ${finding}`));
      if (!(await fitsWidth(page))) found.push(`${path}: wider than the screen`);
    }
    await page.close();
  };
  await look(open_to_all);
  await visitor.addCookies(await ada.context.cookies());
  await look(signed_in());
  await visitor.close();
  expect(found).toEqual([]);
});

test('the main path by keyboard alone, with the focus always visible', async () => {
  const { page, context } = await world.person();
  await page.goto('/create');
  await page.getByTestId('create').waitFor();
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight', finger);
  await page.waitForURL(/make=video-reels/);
  await page.keyboard.press('ArrowLeft', finger);
  await page.waitForURL(/make=video-prompt/);
  await page.keyboard.press('Tab');
  await page.keyboard.type('By keyboard alone');
  await tabTo(page, 'Length');
  await page.keyboard.press('Home');
  await page.getByTestId('create').getByText('30 credits').waitFor();
  await tabTo(page, 'Create video');
  const outline = await page
    .locator(':focus')
    .evaluate((element) => element.ownerDocument.defaultView?.getComputedStyle(element).outlineStyle);
  expect(outline).toBe('solid');
  await page.getByRole('tooltip').getByText('The most it costs').waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/generations\/gen_/);
  await context.close();
});

async function focused(page: BrowserPerson['page']): Promise<string> {
  return page
    .locator(':focus')
    .evaluate((element) => element.getAttribute('aria-label') ?? element.textContent ?? '');
}

async function tabTo(page: BrowserPerson['page'], name: string): Promise<void> {
  for (let stop = 0; stop < 40; stop += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)).includes(name)) return;
  }
  throw new Error(`Tab never came to ${name}`);
}
