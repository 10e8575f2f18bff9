import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { setRole } from '../../src/accounts/commands.ts';
import { film, picture } from '../providers/media-files.ts';
import { createBrowserWorld } from './support/browser-world.ts';
import type { BrowserPerson, BrowserWorld } from './support/browser-world.ts';
import { complaintsOf, fitsWidth, seriousFindings } from './support/checks.ts';

let world: BrowserWorld;
let ada: BrowserPerson;
let operator: BrowserPerson;
let doubtful: string;

beforeAll(async () => {
  world = await createBrowserWorld({ film: await film(3), poster: await picture() });
  ada = await world.person({ credits: 500n });
  operator = await world.person();
  await setRole(world.context.accounts, operator.id, 'operator');
  world.scripted.script.submits = ['drop_before_accept'];
  await world.work();
  const input = { template: 'prompt', prompt: 'In doubt', duration_seconds: 3 };
  ({ id: doubtful } = await ada.client.generate({ model: 'scripted-video', input }));
  await untilInDoubt(doubtful);
});
afterAll(() => world.close());

function untilInDoubt(id: string): Promise<boolean> {
  const look = async () => (await ada.client.generation(id)).status === 'outcome_unknown';
  return vi.waitUntil(look, { timeout: 60_000, interval: 100 });
}

test('to anybody else there is no such page, nor a way to it', async () => {
  await ada.page.goto('/operator');
  await ada.page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  expect(await ada.page.getByRole('link', { name: 'Operator' }).count()).toBe(0);
});

test('an operator finds what is in doubt, asks, is refused a wrong task, and releases it with a reason', async () => {
  const { page } = operator;
  const complaints = complaintsOf(page);
  await page.goto('/library');
  await page.getByRole('navigation').getByRole('link', { name: 'Operator' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Operator' }).waitFor();
  const line = page.getByTestId('unknown').getByRole('listitem');
  await line.getByText('Checking with the provider').waitFor();
  expect(await line.textContent()).toContain('30 credits held');

  await line.getByRole('button', { name: 'Ask provider' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('The person asked');
  await dialog.getByRole('button', { name: 'Ask provider' }).click();
  await dialog.getByText('never told the name of a task').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  await line.getByRole('button', { name: 'Adopt' }).click();
  await dialog.getByLabel('Task id').fill('task-of-nobody');
  await dialog.getByLabel('Reason').fill('It stands in their list');
  await dialog.getByRole('button', { name: 'Adopt' }).click();
  await dialog.getByText('Its provider knows it no more.').waitFor();
  await page.keyboard.press('Escape');

  await line.getByRole('button', { name: 'Resubmit' }).click();
  await dialog.getByLabel('Reason').fill('Perhaps');
  await dialog.getByRole('button', { name: 'Resubmit' }).click();
  await dialog.getByText('Confirm it first.').waitFor();
  await page.keyboard.press('Escape');
  expect(world.scripted.submits.size).toBe(1);

  await line.getByRole('button', { name: 'Release' }).click();
  await dialog.getByRole('button', { name: 'Release' }).click();
  await dialog.getByText('Say why, in at least 3 characters.').waitFor();
  await dialog.getByLabel('Reason').fill('It hangs at its provider');
  await dialog.getByRole('button', { name: 'Release' }).click();
  await dialog.getByText('It has ended, and the credits are back.').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.getByText('Nothing is in doubt.').waitFor();
  expect(await ada.client.balance()).toMatchObject({ held: 0 });

  const orphan = page.getByTestId('orphans').getByRole('listitem');
  await orphan.getByRole('button', { name: 'Looked into' }).click();
  await dialog.getByLabel('Reason').fill('They never started it');
  await dialog.getByRole('button', { name: 'Looked into' }).click();
  await dialog.getByText('Off the list.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Nothing needs you just now.').waitFor();
  await page.getByTestId('actions').getByText('It hangs at its provider').waitFor();
  expect(complaints).toEqual([]);
});

test.each([
  { theme: 'light', width: 1280 },
  { theme: 'dark', width: 375 },
] as const)('nothing serious on it, $theme at $width', async ({ theme, width }) => {
  const input = { template: 'prompt', prompt: 'Another', duration_seconds: 3 };
  const { id } = await ada.client.generate({ model: 'scripted-video', input });
  await untilInDoubt(id);
  const context = await world.browser.newContext({
    baseURL: world.url,
    colorScheme: theme,
    reducedMotion: 'reduce',
    viewport: { width, height: 800 },
  });
  await context.addCookies(await operator.context.cookies());
  const page = await context.newPage();
  await page.goto('/operator');
  await page.getByTestId('unknown').getByRole('listitem').first().waitFor();
  const shots = process.env['OPERATOR_SHOTS'];
  if (shots) await page.screenshot({ path: `${shots}/operator-${theme}-${width}.png`, fullPage: true });
  expect(await seriousFindings(page)).toEqual([]);
  expect(await fitsWidth(page)).toBe(true);
  await page.getByTestId('unknown').getByRole('button', { name: 'Resubmit' }).first().click();
  await page.getByRole('dialog').getByLabel('Reason').waitFor();
  if (shots) await page.screenshot({ path: `${shots}/resubmit-${theme}-${width}.png` });
  expect(await seriousFindings(page)).toEqual([]);
  await context.close();
});

test.each([
  { theme: 'light', width: 1280 },
  { theme: 'dark', width: 375 },
] as const)('everybody sees how each model does, $theme at $width', async ({ theme, width }) => {
  const context = await world.browser.newContext({
    baseURL: world.url,
    colorScheme: theme,
    reducedMotion: 'reduce',
    viewport: { width, height: 800 },
  });
  const page = await context.newPage();
  await page.goto('/status');
  await page.getByTestId('status').getByText('Working').first().waitFor();
  const shots = process.env['OPERATOR_SHOTS'];
  if (shots) await page.screenshot({ path: `${shots}/status-${theme}-${width}.png`, fullPage: true });
  expect(await seriousFindings(page)).toEqual([]);
  expect(await fitsWidth(page)).toBe(true);
  await context.addCookies(await ada.context.cookies());
  await page.goto('/create');
  await page.getByTestId('create').waitFor();
  if (shots) await page.screenshot({ path: `${shots}/create-${theme}-${width}.png`, fullPage: true });
  expect(await seriousFindings(page)).toEqual([]);
  expect(await fitsWidth(page)).toBe(true);
  await context.close();
});
