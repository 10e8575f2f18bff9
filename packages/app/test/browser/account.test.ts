import { HoldfastClient, UnauthenticatedError } from '@holdfast/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { film, picture } from '../providers/media-files.ts';
import { createBrowserWorld, password, patience_ms } from './support/browser-world.ts';
import type { BrowserWorld } from './support/browser-world.ts';
import { numberAt } from './support/checks.ts';

/** As where a paid provider is set up: the welcome waits for a verified address. */
let world: BrowserWorld;
beforeAll(async () => {
  world = await createBrowserWorld({
    film: await film(1),
    poster: await picture(),
    env: { SIGNUP_CREDITS_REQUIRE_VERIFIED_EMAIL: 'yes' },
  });
});
afterAll(() => world.close());

test('credits wait for the mail address, and come when the link in the mail is opened', async () => {
  const context = await world.browser.newContext({ baseURL: world.url });
  context.setDefaultTimeout(patience_ms);
  const page = await context.newPage();
  await page.goto('/sign-up');
  await page.getByText('as soon as your mail address is verified').waitFor();
  await page.getByLabel('Mail address').fill('grace@example.com');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL('**/verify-email');
  await page.getByText('100 credits wait for it.').waitFor();

  const opened = context.waitForEvent('page');
  await page.getByRole('link', { name: 'Open the local mail page' }).click();
  const mail = await opened;
  await expect
    .poll(async () => {
      await mail.reload();
      return mail.getByText('Confirm your mail address').count();
    })
    .toBeGreaterThan(0);
  await mail.getByRole('link', { name: 'Open the link' }).first().click();
  await mail.getByRole('heading', { name: 'Your mail address is verified' }).waitFor();
  // The first page notices by itself.
  await page.getByRole('heading', { name: 'Your mail address is verified' }).waitFor();
  await page.getByRole('link', { name: 'Start creating' }).click();
  await page.getByTestId('available').getByText('100').waitFor();
  await page.goto('/wallet');
  await page.getByTestId('balance-adds-up').waitFor();
  expect(await numberAt(page, 'total')).toBe(100);
  await context.close();
});

test('a forgotten password: a link by mail, a new one, and the link works only once', async () => {
  const { email, context } = await world.person();
  await context.clearCookies();
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot it?' }).click();
  await page.getByLabel('Mail address').fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByRole('heading', { name: 'Look into your inbox' }).waitFor();
  // Mails are sent after the answer, so that its time tells nothing.
  await expect
    .poll(async () => {
      await page.goto('/local-mail');
      return page.getByText('Choose a new password').count();
    })
    .toBeGreaterThan(0);
  const link = await page.getByRole('link', { name: 'Open the link' }).first().getAttribute('href');
  await page.goto(link ?? '');
  await page.getByLabel('New password', { exact: true }).fill('another long password');
  await page.getByRole('button', { name: 'Save the new password' }).click();
  await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill('another long password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/create');
  await page.goto(link ?? '');
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('This link doesn’t work any more');
  await context.close();
});

test('an API key is shown once, works, and stops working when it is revoked', async () => {
  const { page, context } = await world.person();
  await page.goto('/account');
  await page.getByLabel('What the key is for').fill('shop backend');
  await page.getByRole('button', { name: 'Create key' }).click();
  const apiKey = (await page.getByTestId('new-key').textContent()) ?? '';
  const client = new HoldfastClient({ baseUrl: world.url, apiKey, retries: 0 });
  expect((await client.me()).name).toBe('Ada Byron');

  await page.reload();
  const row = page.getByRole('listitem').filter({ hasText: 'shop backend' });
  await row.getByRole('button', { name: 'Revoke' }).click();
  const dialog = page.getByRole('dialog', { name: 'Revoke “shop backend”?' });
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await row.waitFor({ state: 'detached' });
  expect(await page.getByText(apiKey).count()).toBe(0);
  await expect(client.me()).rejects.toBeInstanceOf(UnauthenticatedError);
  await context.close();
});

test('signing out forgets everything, and the theme that was chosen stays', async () => {
  const { page, context } = await world.person();
  await page.goto('/account');
  await page.getByRole('radio', { name: 'Dark' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Start free' }).first().waitFor();
  await page.goto('/wallet');
  await page.waitForURL('**/sign-in?next=%2Fwallet');
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  await context.close();
});

test('a session that ends while a page is open leads through sign-in and back', async () => {
  const { page, email, context } = await world.person();
  await page.goto('/wallet');
  await page.getByTestId('balance-adds-up').waitFor();
  await context.clearCookies();
  await page.getByRole('link', { name: 'Library' }).first().click();
  await page.waitForURL('**/sign-in?next=%2Flibrary');
  await page.getByLabel('Mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Nothing here yet').waitFor();
  expect(new URL(page.url()).pathname).toBe('/library');
  await context.close();
});
