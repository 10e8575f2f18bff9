import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startStripeEmulator } from '../../emulators/stripe/emulator.ts';
import type { StripeEmulator } from '../../emulators/stripe/emulator.ts';
import { applyCatalogue, readCatalogueFile } from '../../src/payments/catalogue-file.ts';
import { paymentJobs } from '../../src/payments/jobs.ts';
import { doChores } from '../../src/worker/chores.ts';
import { film, picture } from '../providers/media-files.ts';
import { createBrowserWorld } from './support/browser-world.ts';
import type { BrowserWorld } from './support/browser-world.ts';
import { fitsWidth, numberAt, seriousFindings } from './support/checks.ts';

let stripe: StripeEmulator;
let world: BrowserWorld;
const stopping = new AbortController();
let working: Promise<void>;

beforeAll(async () => {
  stripe = await startStripeEmulator();
  world = await createBrowserWorld({
    film: await film(1),
    poster: await picture(),
    env: {
      STRIPE_SECRET_KEY: stripe.secretKey,
      STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
      STRIPE_API_URL: stripe.url,
    },
  });
  await applyCatalogue(world.context.db, await readCatalogueFile(), { operator: false });
  stripe.webhooks.endpoints.push({ url: `${world.url}/webhooks/stripe`, secret: stripe.webhookSecret });
  working = doChores(paymentJobs(world.context.payments), world.context.log, stopping.signal);
});
afterAll(async () => {
  stopping.abort();
  await working;
  await stripe.webhooks.stop();
  await world.close();
  await stripe.close();
});

async function buyFrom(page: Page, pack: string): Promise<void> {
  await page.goto('/pricing');
  await page.getByTestId(`pack-${pack}`).getByRole('button').click();
  await page.waitForURL(`${stripe.url}/c/pay/**`);
}

test('pricing, checkout, pay: pending, then the credits are in the wallet', async () => {
  const { page, context } = await world.person();
  await buyFrom(page, 'creator');
  await page.getByText('£24.00').first().waitFor();
  await page.getByText('Test mode: no real money moves here.').waitFor();
  await page.getByRole('button', { name: 'Pay', exact: true }).click();
  await page.waitForURL(`${world.url}/payment?order=**`);
  await page.getByTestId('payment-paid').getByText('660 credits added').waitFor();
  await page.getByRole('main').getByRole('link', { name: 'Open the wallet' }).click();
  await page.getByTestId('wallet-available').waitFor();
  await expect.poll(() => numberAt(page, 'wallet-available')).toBe(760);
  await page.getByTestId('order').getByText('Paid').waitFor();
  await page.getByTestId('test-mode').waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await context.close();
});

test('a bank debit is pending at once and turns by itself', async () => {
  const { page, context } = await world.person();
  await buyFrom(page, 'starter');
  await page.getByRole('button', { name: 'Pay by bank debit' }).click();
  await page.getByTestId('payment-pending').waitFor();
  const session = [...stripe.account.sessions.values()].find(
    ({ payment_status, status }) => status === 'complete' && payment_status === 'unpaid',
  );
  await fetch(`${stripe.url}/_emulator/later_payment`, {
    method: 'POST',
    body: JSON.stringify({ session: session?.id }),
  });
  await page.getByTestId('payment-paid').getByText('200 credits added').waitFor();
  expect([...stripe.account.sessions.values()]).toContainEqual(
    expect.objectContaining({ id: session?.id, payment_status: 'paid' }),
  );
  await context.close();
});

test('a declined card, the back button and going back without paying: nothing is charged, nothing is added', async () => {
  const { page, context, client } = await world.person();
  await buyFrom(page, 'starter');
  await page.getByRole('button', { name: 'Pay with a card that is declined' }).click();
  await page.getByRole('alert').getByText('declined').waitFor();
  await page.goBack();
  await page.goto('/pricing');
  await page.getByTestId('pack-starter').getByRole('button').click();
  await page.waitForURL(`${stripe.url}/c/pay/**`);
  await page.getByRole('button', { name: 'Go back without paying' }).click();
  await page.waitForURL(`${world.url}/pricing?order=**`);
  expect((await client.balance()).total).toBe(100);
  await page.goto('/wallet');
  await page.getByTestId('order').first().getByText('Pending').waitFor();
  await context.close();
});

test('the back button: from the checkout to the prices and on again; after paying it shows that it is done, and charges nothing', async () => {
  const { page, context, client } = await world.person();
  await buyFrom(page, 'starter');
  await page.goBack();
  await page.waitForURL(`${world.url}/pricing`);
  expect((await client.balance()).total).toBe(100);
  await page.goForward();
  await page.getByRole('button', { name: 'Pay', exact: true }).click();
  await page.getByTestId('payment-paid').waitFor();
  await page.goBack();
  await page.getByText('This payment is complete.').waitFor();
  expect((await client.balance()).total).toBe(300);
  await context.close();
});

test('the same checkout in two tabs is paid once; two checkouts are two payments', async () => {
  const { page, context, client } = await world.person();
  await buyFrom(page, 'starter');
  const second = await context.newPage();
  await second.goto(page.url());
  await page.getByRole('button', { name: 'Pay', exact: true }).click();
  await page.getByTestId('payment-paid').waitFor();
  await second.getByRole('button', { name: 'Pay', exact: true }).click();
  await second.getByTestId('payment-paid').waitFor();
  expect((await client.balance()).total).toBe(300);
  await buyFrom(second, 'starter');
  await second.getByRole('button', { name: 'Pay', exact: true }).click();
  await second.getByTestId('payment-paid').waitFor();
  expect((await client.balance()).total).toBe(500);
  await context.close();
});

test('"I paid but have no credits", with every webhook lost and the return page never reached', async () => {
  const { page, context } = await world.person();
  await buyFrom(page, 'starter');
  stripe.account.knobs.drop = 1;
  await fetch(page.url(), { method: 'POST', redirect: 'manual', body: new URLSearchParams({ deed: 'pay' }) });
  await page.goto('/wallet');
  expect(await numberAt(page, 'wallet-available')).toBe(100);
  await page.getByRole('button', { name: 'I paid but have no credits' }).click();
  await page.getByTestId('paid-but').getByText('added 200 credits just now').waitFor();
  stripe.account.knobs.drop = 0;
  await expect.poll(() => numberAt(page, 'wallet-available')).toBe(300);
  await context.close();
});

test('a plan: subscribed, previewed in money and credits, changed as previewed, cancelled and kept', async () => {
  const { page, context, client } = await world.person();
  await page.goto('/pricing');
  await page.getByTestId('plan-creator').getByRole('button').click();
  await page.waitForURL(`${stripe.url}/c/pay/**`);
  await page.getByRole('button', { name: 'Pay', exact: true }).click();
  await page.getByTestId('payment-paid').waitFor();
  await page.goto('/wallet');
  await page.getByTestId('plan-name').getByText('Creator').waitFor();
  expect((await client.balance()).tier).toBe('creator');
  await page.getByRole('button', { name: 'Change to Studio' }).click();
  const preview = page.getByTestId('plan-preview');
  await preview.getByText('£26.00').waitFor();
  await preview.getByText(/1,?100 credits/).waitFor();
  await page.getByRole('button', { name: 'Pay £26.00 and change' }).click();
  await page.getByTestId('plan-name').getByText('Studio').waitFor();
  await expect.poll(async () => (await client.balance()).total).toBe(1_700);
  await page.getByRole('button', { name: 'Cancel at the end of the period' }).click();
  await page.getByText('Your credits stay.').waitFor();
  await page.getByRole('button', { name: 'Keep the plan' }).click();
  await page.getByText('Renews on').waitFor();
  await page.getByRole('button', { name: 'Cards and invoices' }).click();
  await page.waitForURL(`${stripe.url}/p/session/**`);
  await page.getByText('Studio plan').waitFor();
  await context.close();
});

test('pricing, wallet and the return page fit a phone', async () => {
  const { page, context } = await world.person({ browser: { viewport: { width: 375, height: 800 } } });
  const pictures = process.env['PAYMENT_PICTURES'];
  await buyFrom(page, 'starter');
  await page.getByRole('button', { name: 'Pay', exact: true }).click();
  await page.getByTestId('payment-paid').waitFor();
  for (const path of [new URL(page.url()).pathname + new URL(page.url()).search, '/pricing', '/wallet']) {
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      expect(await fitsWidth(page)).toBe(true);
      if (pictures) {
        const name = `${path.split('?')[0]?.slice(1) ?? ''}-${width}.png`;
        await page.screenshot({ path: `${pictures}/${name}`, fullPage: true });
      }
    }
  }
  await context.close();
});

/** No operator's deed without a reason. */
async function explain(page: Page, reason: string, act: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: act }).click();
  await dialog.getByText('Say why').waitFor();
  await dialog.getByLabel('Why').fill(reason);
  await dialog.getByRole('button', { name: act }).click();
  await dialog.waitFor({ state: 'detached' });
}

test('an operator sees orders and events, replays one, and compares the books before repairing them', async () => {
  const { page, context, id } = await world.person();
  await buyFrom(page, 'starter');
  stripe.account.knobs.drop = 1;
  await fetch(page.url(), { method: 'POST', redirect: 'manual', body: new URLSearchParams({ deed: 'pay' }) });
  stripe.account.knobs.drop = 0;
  await page.goto('/operator/payments');
  await page.getByText('There is nothing here').waitFor();
  await world.world.admin.query(`update holdfast.person set role = 'operator' where id = $1`, [id]);
  await page.goto('/operator/payments');
  await page.getByTestId('desk-orders').getByText('Starter').first().waitFor();
  await page.getByRole('button', { name: 'Compare (dry run)' }).click();
  await page.getByTestId('differences').getByText('Paid, not granted').first().waitFor();
  await page.getByRole('button', { name: 'Repair what differs' }).click();
  await explain(page, 'Ticket 12: paid, and nothing came', 'Repair what differs');
  await page.getByText('1 repaired').waitFor();
  await page.getByRole('radiogroup', { name: 'Events of Stripe' }).getByText('All').click();
  const row = page.getByTestId('events').getByRole('listitem').filter({ hasText: 'done' }).first();
  await row.getByRole('button', { name: 'Raw body' }).click();
  await page.getByRole('dialog').getByText('"api_version"').waitFor();
  await page.keyboard.press('Escape');
  await row.getByRole('button', { name: 'Replay' }).click();
  await explain(page, 'Ticket 12, to be sure', 'Replay');
  await row.getByText('done').waitFor();
  await page.goto('/operator');
  const log = page.getByTestId('actions');
  await log.getByText('Payments repaired').waitFor();
  await log.getByText('Ticket 12, to be sure').waitFor();
  // As an alert's link leads here: the event and the order are above all others, and marked.
  const { rows } = await world.world.db.query<{ event: string; id: string }>(
    `select e.id as event, o.id from holdfast.stripe_event e join holdfast.payment_order o on o.object_id = e.object_id
      where o.person_id = $1 and e.type = 'checkout.session.completed'`,
    [id],
  );
  const [wanted] = rows;
  await page.goto(`/operator/payments?event=${wanted?.event}&order=${wanted?.id}`);
  await page
    .getByTestId('wanted-event')
    .getByText(wanted?.event ?? '-')
    .waitFor();
  await page
    .getByTestId('wanted-order')
    .getByText(wanted?.id ?? '-')
    .waitFor();
  expect(await page.locator('[aria-current="true"]').count()).toBe(2);
  for (const width of [375, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await fitsWidth(page)).toBe(true);
    const pictures = process.env['PAYMENT_PICTURES'];
    if (pictures) await page.screenshot({ path: `${pictures}/operator-${width}.png`, fullPage: true });
  }
  await context.close();
});
