import { afterAll, beforeAll, expect, test } from 'vitest';
import { film, picture } from '../providers/media-files.ts';
import { createBrowserWorld, password } from './support/browser-world.ts';
import type { BrowserWorld } from './support/browser-world.ts';

let world: BrowserWorld;
beforeAll(async () => {
  world = await createBrowserWorld({ film: await film(1), poster: await picture() });
});
afterAll(() => world.close());

test('an answer that never came is asked for again with the same key: one generation', async () => {
  const { page, client, context } = await world.person();
  await page.goto('/create?seconds=3');
  await page.getByRole('textbox', { name: 'Words' }).fill('Once only');
  const keys: string[] = [];
  await page.route('**/api/generations', async (route) => {
    keys.push(route.request().headers()['idempotency-key'] ?? '');
    if (keys.length > 1) return route.continue();
    // It reaches the server; its answer is lost.
    await route.fetch();
    return route.abort('connectionreset');
  });
  await page.getByTestId('create').click();
  await page.getByText('Can’t reach the server').waitFor();
  await page.getByTestId('create').click();
  await page.waitForURL(/\/generations\/gen_/);
  expect(keys).toHaveLength(2);
  expect(keys[1]).toBe(keys[0]);
  expect((await client.generations()).items).toHaveLength(1);
  await context.close();
});

test('offline says so, keeps what is there, and recovers by itself', async () => {
  const { page, context } = await world.person();
  const libraryFetched = page.waitForResponse(/\/assets\/library-/);
  await page.goto('/wallet');
  await page.getByTestId('balance-adds-up').waitFor();
  await libraryFetched;
  await context.setOffline(true);
  await page.getByText('You are offline.').waitFor();
  expect(await page.getByTestId('total').isVisible()).toBe(true);
  await page.getByRole('link', { name: 'Library' }).first().click();
  await page.getByRole('heading', { name: 'You are offline' }).waitFor();
  await context.setOffline(false);
  await page.getByText('Nothing here yet').waitFor();
  await context.close();
});

test('a server error is told in words, with its code and the request, and can be tried again', async () => {
  const { page, context } = await world.person();
  await page.route('**/api/generations?*', (route) =>
    route.fulfill({
      status: 500,
      contentType: 'application/problem+json',
      json: {
        type: 'urn:holdfast:problem:internal',
        title: 'Our mistake',
        status: 500,
        code: 'internal',
        detail: 'x',
        request_id: 'req_1',
      },
    }),
  );
  await page.goto('/library');
  await page.getByText('internal · req_1').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('The fault is ours, not yours.');
  await page.unroute('**/api/generations?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Nothing here yet').waitFor();
  await context.close();
});

test('without server-sent events the page asks by itself', async () => {
  const { page, client, context } = await world.person();
  await page.route('**/events', (route) => route.abort());
  const { id } = await client.generate({
    model: 'studio-standard',
    input: { template: 'prompt', prompt: 'Polled', duration_seconds: 3 },
  });
  await page.goto(`/generations/${id}`);
  await page.getByText('Updating every few seconds').waitFor();
  await client.cancelGeneration(id);
  await page.getByTestId('headline').getByText('Cancelled').waitFor();
  expect(await page.getByTestId('not-charged').isVisible()).toBe(true);
  await context.close();
});

test('another person’s generation, and one that never was, are not found', async () => {
  const owner = await world.person();
  const other = await world.person();
  const { id } = await owner.client.generate({
    model: 'studio-standard',
    input: { template: 'prompt', prompt: 'Mine', duration_seconds: 3 },
  });
  for (const missing of [id, 'gen_never']) {
    await other.page.goto(`/generations/${missing}`);
    await other.page.getByText('It doesn’t exist, or it isn’t yours.').waitFor();
    expect(await other.page.getByTestId('receipt').count()).toBe(0);
  }
  await owner.context.close();
  await other.context.close();
});

test('signed out: the way back leads to where one wanted to go, and never to another site', async () => {
  const { email, context } = await world.person();
  await context.clearCookies();
  const page = await context.newPage();
  await page.goto('/wallet');
  await page.waitForURL('**/sign-in?next=%2Fwallet');
  await page.getByLabel('Mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('That mail address and password don’t match.').waitFor();
  await page.goto('/sign-in?next=%2F%2Fevil.example');
  await page.getByLabel('Mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByTestId('create').waitFor();
  expect(page.url()).toBe(`${world.url}/create`);
  await context.close();
});
