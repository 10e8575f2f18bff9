import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { setRole } from '../../src/accounts/commands.ts';
import { raiseAlert } from '../../src/alerts/commands.ts';
import { openCircuit } from '../../src/providers/health/circuits.ts';
import { film, picture } from '../providers/media-files.ts';
import { createBrowserWorld } from './support/browser-world.ts';
import type { BrowserPerson, BrowserWorld } from './support/browser-world.ts';
import { complaintsOf, fitsWidth, seriousFindings } from './support/checks.ts';

const looks = [375, 1280].flatMap((width) => (['light', 'dark'] as const).map((theme) => ({ width, theme })));
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
  await dialog.getByLabel('Reason').fill('It stands in their list');
  await dialog.getByRole('button', { name: 'Adopt' }).click();
  await dialog.getByText('Give the task’s id').waitFor();
  await dialog.getByLabel('Task id').fill('task-of-nobody');
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

/** Something in doubt, something stuck, an orphan cost, alerts and a provider that is held back. */
async function trouble(): Promise<void> {
  const ask = async (prompt: string) => {
    const input = { template: 'prompt', prompt, duration_seconds: 3 };
    return (await ada.client.generate({ model: 'scripted-video', input })).id;
  };
  world.scripted.script.outcomes = ['never_end'];
  world.scripted.script.submits = ['drop_before_accept', 'drop_before_accept', 'accept'];
  const [first, second] = [await ask('Another'), await ask('One more')];
  await untilInDoubt(first);
  await untilInDoubt(second);
  const stuck = await ask('Takes its time');
  await vi.waitUntil(async () => (await ada.client.generation(stuck)).status === 'running', {
    timeout: 60_000,
    interval: 100,
  });
  const { admin, db, log } = world.world;
  await admin.query(
    `update holdfast.generation set created_at = created_at - interval '55 minutes' where id = $1`,
    [stuck],
  );
  await releaseOf(second);
  await openCircuit(
    { db, log },
    { providerId: 'scripted', providerModel: 'scripted-1' },
    { reason: 'failures', detail: '503 Service Unavailable: upstream connect error or disconnect/reset' },
  );
  await raiseAlert(
    { db },
    {
      key: 'generations/restored',
      severity: 'critical',
      title: '3 generations are of a restored backup',
      detail: 'None is submitted again by itself: their providers are asked.',
    },
  );
}

async function releaseOf(id: string): Promise<void> {
  const { page } = operator;
  await page.goto('/operator');
  const line = page.getByTestId('unknown').getByRole('listitem').filter({ hasText: id });
  await line.getByRole('button', { name: 'Release' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('It was never started');
  await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
  await page.getByRole('dialog').getByText('It has ended, and the credits are back.').waitFor();
}

test('with trouble of every kind it is whole and readable, and an alert’s link leads to what it is about', async () => {
  await trouble();
  for (const { theme, width } of looks) {
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
    for (const kind of ['stuck', 'orphans', 'actions']) {
      await page.getByTestId(kind).getByRole('listitem').first().waitFor();
    }
    const shots = process.env['OPERATOR_SHOTS'];
    const shoot = async (name: string, fullPage = false) => {
      if (shots) await page.screenshot({ path: `${shots}/${name}-${theme}-${width}.png`, fullPage });
    };
    await shoot('operator', true);
    const findings = await seriousFindings(page);
    expect(await fitsWidth(page)).toBe(true);
    for (const act of ['Ask provider', 'Adopt', 'Release', 'Resubmit']) {
      await page.getByTestId('unknown').getByRole('button', { name: act }).first().click();
      await page.getByRole('dialog').getByLabel('Reason').waitFor();
      await shoot(act.split(' ')[0]?.toLowerCase() ?? act);
      findings.push(...(await seriousFindings(page)));
      await page.keyboard.press('Escape');
    }
    const look = page
      .getByRole('alert')
      .or(page.getByRole('status'))
      .getByRole('link', { name: 'Look at it' });
    expect(await look.count()).toBe(1);
    await look.click();
    const selected = page.getByTestId('providers').locator('[aria-current]');
    await selected.getByText('scripted', { exact: true }).waitFor();
    expect(await isInSight(selected)).toBe(true);
    await shoot('selected');
    await page.goto('/operator?alert=generations%2Frestored');
    await page.locator('[aria-current]').getByText('restored backup').waitFor();
    await shoot('alert');
    await context.close();
  }
});

function isInSight(element: Locator): Promise<boolean> {
  return element.evaluate((node) => {
    const { top, bottom } = node.getBoundingClientRect();
    return top >= 0 && bottom <= globalThis.innerHeight;
  });
}

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
