import { afterAll, beforeAll, expect, test } from 'vitest';
import { film, picture } from '../providers/media-files.ts';
import { createBrowserWorld, password, patience_ms } from './support/browser-world.ts';
import type { BrowserWorld } from './support/browser-world.ts';
import { complaintsOf, numberAt } from './support/checks.ts';

let world: BrowserWorld;
beforeAll(async () => {
  world = await createBrowserWorld({ film: await film(4.2), poster: await picture() });
  await world.work();
});
afterAll(() => world.close());

test('from sign-up to watching the video, and every number adds up', async () => {
  const context = await world.browser.newContext({ baseURL: world.url });
  context.setDefaultTimeout(patience_ms);
  const page = await context.newPage();
  const complaints = complaintsOf(page);

  await page.goto('/');
  await page.getByRole('link', { name: 'Start free' }).first().click();
  await page.getByLabel('Name').fill('Ada Byron');
  await page.getByLabel('Mail address').fill('ada@example.com');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL('**/create');
  expect(await page.getByTestId('available').textContent()).toContain('100');

  await page.getByRole('textbox', { name: 'Words' }).fill('First light on the water');
  await page.getByRole('slider', { name: 'Length' }).press('Home');
  const create = page.getByTestId('create');
  await create.getByText('Create video · 30 credits').waitFor();
  expect(await create.textContent()).toContain('At most 30, you pay for the seconds you get');
  await page.getByText('Balance after 70').waitFor();
  await create.click();

  await page.waitForURL(/\/generations\/gen_/);
  // Real progress: a number of percent between nothing and everything is seen.
  await page
    .getByTestId('percent')
    .getByText(/^[1-9]\d?%$/)
    .waitFor();
  await page.getByTestId('headline').getByText('Ready').waitFor();
  const video = page.locator('video');
  await video.focus();
  await page.keyboard.press('Space');
  await expect
    .poll(() => video.evaluate((element) => 'currentTime' in element && element.currentTime))
    .toBeGreaterThan(0.5);
  expect(await video.evaluate((element) => 'videoWidth' in element && element.videoWidth)).toBe(720);

  const held = await numberAt(page, 'held');
  const captured = await numberAt(page, 'captured');
  const released = await numberAt(page, 'released');
  expect([await numberAt(page, 'quoted'), held]).toEqual([30, 30]);
  expect(captured + released).toBe(held);
  await page.getByTestId('adds-up').waitFor();
  await page
    .getByTestId('available')
    .getByText(String(100 - captured))
    .waitFor();

  await page.getByRole('link', { name: 'Library' }).first().click();
  await page.getByRole('link', { name: /First light on the water/ }).waitFor();
  await page.getByRole('link', { name: 'Wallet', exact: true }).first().click();
  await page.getByTestId('balance-adds-up').waitFor();
  expect(await numberAt(page, 'total')).toBe(100 - captured);
  await page.getByTestId('history').getByRole('link', { name: 'Generation' }).nth(1).waitFor();

  expect(complaints).toEqual([]);
  await context.close();
});

test('a photo becomes a reel, and is made again with one press', async () => {
  const { page, context } = await world.person({ credits: 100n });
  await page.goto('/create?make=video-reels&seconds=3');
  await page.getByTestId('create').click();
  await page.getByText('Add a photo first.').waitFor();
  await page.getByTestId('file-image').setInputFiles({
    name: 'photo.jpg',
    mimeType: 'image/jpeg',
    buffer: await picture(),
  });
  await page.getByText('Photo ready').waitFor();
  await page.getByTestId('create').click();
  await page.getByTestId('headline').getByText('Ready').waitFor();
  const first = page.url();
  await page.getByRole('button', { name: 'Again' }).click();
  await page.waitForURL((url) => url.href !== first);
  await page.getByTestId('headline').getByText('Ready').waitFor();
  expect(await page.locator('video').count()).toBe(1);
  await context.close();
});

test('less was delivered than was asked for: the difference comes back where everyone sees it', async () => {
  const { page, client, context } = await world.person();
  const { id } = await client.generate({
    model: 'scripted-video',
    input: { template: 'prompt', prompt: 'five seconds, please', duration_seconds: 5 },
  });
  await page.goto(`/generations/${id}`);
  await page.getByTestId('adds-up').waitFor();
  expect(await page.getByTestId('adds-up').textContent()).toBe('50 held = 42 charged + 8 released');
  await context.close();
});

test('reached by another name of this machine, what was made still shows', async () => {
  const { email, client, context: first } = await world.person();
  const { id } = await client.generate({
    model: 'studio-image',
    input: { template: 'prompt', prompt: 'By another name' },
  });
  await client.waitForGeneration(id);
  await first.close();
  const context = await world.browser.newContext({ baseURL: world.url.replace('127.0.0.1', 'localhost') });
  context.setDefaultTimeout(patience_ms);
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(`/sign-in?next=/generations/${id}`);
  await page.getByLabel('Mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const picture = page.getByRole('img', { name: 'By another name' });
  await picture.waitFor();
  await expect
    .poll(() => picture.evaluate((element) => 'naturalWidth' in element && element.naturalWidth))
    .toBeGreaterThan(700);
  expect(complaints).toEqual([]);
  await context.close();
});

test('a failure says why and that it was not charged, and can be edited', async () => {
  const { page, context } = await world.person();
  // Letters that no font has.
  await page.goto('/create');
  await page.getByRole('textbox', { name: 'Words' }).fill('\u{E000}\u{E001}');
  await page.getByTestId('create').click();
  await page.getByTestId('headline').getByText('It failed').waitFor();
  await page.getByTestId('not-charged').getByText('You were not charged for this generation').waitFor();
  expect(await page.getByTestId('failure').textContent()).toMatch(/letters can be drawn.*not charged/);
  expect(await numberAt(page, 'released')).toBe(await numberAt(page, 'held'));
  await page.getByTestId('available').getByText('100').waitFor();
  await page.getByRole('link', { name: 'Edit and retry' }).click();
  await page.getByText('Filled in from an earlier generation').waitFor();
  expect(await page.getByRole('textbox', { name: 'Words' }).inputValue()).toBe('\u{E000}\u{E001}');
  await context.close();
});
