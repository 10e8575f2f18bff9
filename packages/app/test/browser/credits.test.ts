import { afterAll, beforeAll, expect, test } from 'vitest';
import { film, picture } from '../providers/media-files.ts';
import { createBrowserWorld } from './support/browser-world.ts';
import type { BrowserWorld } from './support/browser-world.ts';
import { numberAt } from './support/checks.ts';

/** Nothing is worked on here: what is asked for stays in its queue. */
let world: BrowserWorld;
beforeAll(async () => {
  world = await createBrowserWorld({ film: await film(1), poster: await picture() });
});
afterAll(() => world.close());

const film_of = (seconds: number) => ({
  model: 'studio-standard',
  input: { template: 'prompt', prompt: 'Waiting', duration_seconds: seconds },
});

test('what is held is shown everywhere, and cancelling gives it back', async () => {
  const { page, client, context } = await world.person();
  const { id } = await client.generate(film_of(5));
  await page.goto('/create');
  await page.getByRole('button', { name: '50 held' }).click();
  await page.getByRole('link', { name: 'Waiting' }).click();
  await page.waitForURL(`**/generations/${id}`);
  await page.getByTestId('waiting').getByText('Next in line').waitFor();

  await page.getByRole('button', { name: 'Cancel' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel this generation?' });
  await dialog.getByText('50 credits go back to your balance at once and nothing is charged.').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Cancel' }).click();
  await dialog.getByRole('button', { name: 'Cancel it' }).click();
  await page.getByTestId('not-charged').waitFor();
  await page.getByTestId('available').getByText('100').waitFor();
  expect(await page.getByRole('button', { name: '50 held' }).count()).toBe(0);
  await context.close();
});

test('too few credits: by how many, and a length that fits', async () => {
  const { page, client, context } = await world.person();
  await client.generate(film_of(6));
  await page.goto('/create?seconds=5');
  await page.getByText('10 credits short').waitFor();
  await page.getByTestId('shortfall').getByText('This needs 50 and 40 are available.').waitFor();
  expect(await page.getByTestId('create').isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Make it 4 s for 40' }).click();
  await page.getByTestId('create').getByText('Create video · 40 credits').waitFor();
  expect(await page.getByTestId('create').isDisabled()).toBe(false);
  await context.close();
});

test('credits that another tab spent meanwhile are refused by the server, in the same words', async () => {
  const { page, client, context } = await world.person();
  await page.goto('/create?seconds=5');
  await page.getByRole('textbox', { name: 'Words' }).fill('Two tabs');
  await page.getByText('Balance after 50').waitFor();
  await client.generate(film_of(9));
  await page.getByTestId('create').click();
  await page.getByTestId('shortfall').getByText('This needs 50 and 10 are available.').waitFor();
  expect((await client.balance()).held).toBe(90);
  await context.close();
});

test('a price that rose takes a second press', async () => {
  const { page, client, context } = await world.person();
  // The page knows the prices of before the change.
  await page.route('**/api/models', async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as { items: { price: { credits_per_unit: number } }[] };
    for (const model of answer.items) model.price.credits_per_unit -= 1;
    await route.fulfill({ response, json: answer });
  });
  await page.goto('/create?seconds=5');
  await page.getByRole('textbox', { name: 'Words' }).fill('Dearer by the minute');
  await page.getByText('Balance after 55').waitFor();
  await page.getByTestId('create').click();
  await page.getByText('The price is 50 credits now, not 45.').waitFor();
  expect((await client.balance()).held).toBe(0);
  await page.getByTestId('create').getByText('Accept 50 credits and create').click();
  await page.waitForURL(/\/generations\/gen_/);
  expect((await client.balance()).held).toBe(50);
  await context.close();
});

test('the wallet adds up, and lists the rest page by page', async () => {
  const { page, client, context } = await world.person({ credits: 2_000n });
  for (let made = 0; made < 14; made += 1) {
    const { id } = await client.generate(film_of(3));
    if (made > 0) await client.cancelGeneration(id);
  }
  await page.goto('/wallet');
  await page.getByTestId('balance-adds-up').waitFor();
  expect(await numberAt(page, 'total')).toBe(
    (await numberAt(page, 'wallet-available')) + (await numberAt(page, 'held-total')),
  );
  const rows = page.getByTestId('history').locator('tbody tr');
  expect(await rows.count()).toBe(25);
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText('That is the whole history.').waitFor();
  expect(await rows.count()).toBeGreaterThan(25);

  await page.goto('/library?status=cancelled');
  await page.getByText('Not charged').first().waitFor();
  expect(await page.getByText('Not charged').count()).toBe(13);
  await context.close();
});
