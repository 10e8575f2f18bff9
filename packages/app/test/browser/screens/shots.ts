import type { BrowserContext, Page } from 'playwright-core';
import { password } from '../support/browser-world.ts';
import { photo } from './cast.ts';
import type { Cast } from './cast.ts';
import { deliveryShots } from './delivery-shots.ts';
import { shopShots } from './shop-shots.ts';

export interface Shot {
  readonly name: string;
  readonly as?: 'visitor' | 'rich' | 'fresh' | 'short' | 'buyer' | 'debtor' | 'operator';
  readonly path: string;
  /** Before the page is opened. */
  readonly before?: (page: Page) => Promise<unknown>;
  /** Once it stands. */
  readonly act?: (page: Page, context: BrowserContext) => Promise<unknown>;
  /** A state in which something never arrives. */
  readonly waits?: boolean;
}

const never = (pattern: string) => (page: Page) => page.route(pattern, () => undefined);
const lost = (pattern: string) => (page: Page) => page.route(pattern, (route) => route.abort());
const broken = (pattern: string) => (page: Page) =>
  page.route(pattern, (route) =>
    route.fulfill({
      status: 500,
      contentType: 'application/problem+json',
      json: {
        type: 'urn:holdfast:problem:internal',
        title: 'Our mistake',
        status: 500,
        code: 'internal',
        detail: '-',
        request_id: 'req_01kc4a7w2m8q5n3x9b',
      },
    }),
  );
const offlineBy = (link: string) => async (page: Page, context: BrowserContext) => {
  // What can be visited next is fetched ahead; then the network goes.
  const fetched = `performance.getEntriesByType('resource').some((each) => each.name.includes('/assets/${link.toLowerCase()}-'))`;
  await page.waitForFunction(fetched);
  await context.setOffline(true);
  await page.getByRole('link', { name: link, exact: true }).locator('visible=true').first().click();
  await page.getByRole('heading', { name: 'You are offline' }).waitFor();
};
const press = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click();

/** Every screen in every state. */
export function shots(cast: Cast): Shot[] {
  const at = (name: keyof Cast['generations']) => `/generations/${cast.generations[name]}`;
  const signIn = async (page: Page) => {
    await page.getByLabel('Mail address').fill('nobody@example.com');
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
  };
  const signUp = async (page: Page) => {
    await page.getByLabel('Mail address').fill(cast.rich.email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('alert').waitFor();
  };
  const forgot = async (page: Page) => {
    await page.getByLabel('Mail address').fill('ada@example.com');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByRole('heading', { name: 'Look into your inbox' }).waitFor();
  };
  const withPhoto = async (page: Page) => {
    await page.getByTestId('file-image').setInputFiles(photo);
    await page.getByText('Photo ready').waitFor();
  };
  const card = async (page: Page) => {
    await withPhoto(page);
    await page.getByLabel('Product name').fill('Allium, a print');
    await page.getByLabel('Price', { exact: true }).fill('48 €');
    await page.getByLabel('Selling points, line 1').fill('Archival paper');
    await page.getByLabel('Selling points, line 1').press('Enter');
    await page.keyboard.type('Numbered, 1 of 200');
  };
  const paused = async (page: Page) => {
    await page.route('**/api/models', async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as { items: { id: string; available: boolean }[] };
      for (const model of answer.items) if (model.id === 'studio-standard') model.available = false;
      return route.fulfill({ response, json: answer });
    });
  };
  const newKey = async (page: Page) => {
    await page.getByLabel('What the key is for').fill('Shop backend');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByTestId('new-key').waitFor();
  };
  return [
    { name: 'landing', as: 'visitor', path: '/' },
    { name: 'pricing', as: 'visitor', path: '/pricing' },
    { name: 'pricing-error', as: 'visitor', path: '/pricing', before: broken('**/api/models') },
    { name: 'sign-up', as: 'visitor', path: '/sign-up' },
    { name: 'sign-up-refused', as: 'visitor', path: '/sign-up', act: signUp },
    { name: 'sign-in', as: 'visitor', path: '/sign-in' },
    { name: 'sign-in-refused', as: 'visitor', path: '/sign-in', act: signIn },
    { name: 'forgot-password', as: 'visitor', path: '/forgot-password' },
    { name: 'forgot-password-sent', as: 'visitor', path: '/forgot-password', act: forgot },
    { name: 'reset-password', as: 'visitor', path: '/reset-password?token=a-token' },
    { name: 'reset-password-bad-link', as: 'visitor', path: '/reset-password?error=INVALID_TOKEN' },
    { name: 'verify-email-waiting', as: 'fresh', path: '/verify-email' },
    { name: 'verify-email-done', as: 'fresh', path: '/verify-email?done=1' },
    { name: 'verify-email-bad-link', as: 'visitor', path: '/verify-email?error=token_expired' },
    { name: 'not-found', as: 'visitor', path: '/nowhere' },
    {
      name: 'create-prompt',
      path: '/create',
      act: (page) =>
        page
          .getByRole('textbox', { name: 'Words' })
          .fill('First light on the water, a lighthouse slowly turning'),
    },
    { name: 'create-price', path: '/create', act: press('How the price is made') },
    { name: 'create-reels', path: '/create?make=video-reels&seconds=6', act: withPhoto },
    { name: 'create-card', path: '/create?make=video-neurocard&shape=1%3A1', act: card },
    { name: 'create-image', path: '/create?make=image-photo' },
    {
      name: 'create-missing',
      path: '/create?make=video-neurocard',
      act: (page) => page.getByTestId('create').click(),
    },
    { name: 'create-short', as: 'short', path: '/create' },
    { name: 'create-paused', path: '/create?model=studio-standard', before: paused },
    { name: 'create-from-earlier', path: `/create?from=${cast.generations.partial}` },
    { name: 'create-loading', path: '/create', before: never('**/api/models'), waits: true },
    { name: 'create-error', path: '/create', before: broken('**/api/models') },
    { name: 'create-offline', path: '/wallet', before: never('**/api/models'), act: offlineBy('Create') },
    { name: 'generation-queued', path: at('queued') },
    { name: 'generation-running', path: at('running') },
    { name: 'generation-unknown', path: at('unknown') },
    { name: 'generation-video', path: at('video') },
    { name: 'generation-partial', path: at('partial') },
    { name: 'generation-image', path: at('image') },
    { name: 'generation-failed', path: at('failed') },
    { name: 'generation-cancelled', path: at('cancelled') },
    { name: 'generation-cancel', path: at('queued'), act: press('Cancel') },
    { name: 'generation-loading', path: at('video'), before: never('**/api/generations/*'), waits: true },
    { name: 'generation-error', path: at('video'), before: broken('**/api/generations/*') },
    { name: 'generation-missing', path: '/generations/gen_never' },
    {
      name: 'generation-offline',
      path: at('running'),
      act: (_page, context) => context.setOffline(true),
    },
    { name: 'library', path: '/library' },
    { name: 'library-videos-ready', path: '/library?status=succeeded&kind=video' },
    { name: 'library-empty', as: 'fresh', path: '/library' },
    { name: 'library-nothing-matches', as: 'fresh', path: '/library?status=failed' },
    { name: 'library-loading', path: '/library', before: never('**/api/generations?*'), waits: true },
    { name: 'library-error', path: '/library', before: broken('**/api/generations?*') },
    { name: 'library-offline', path: '/wallet', act: offlineBy('Library') },
    ...deliveryShots(cast),
    { name: 'wallet', path: '/wallet' },
    { name: 'wallet-held', path: '/wallet', act: press(/held$/) },
    { name: 'wallet-fresh', as: 'fresh', path: '/wallet' },
    { name: 'wallet-loading', path: '/wallet', before: never('**/api/credits/*'), waits: true },
    { name: 'wallet-error', path: '/wallet', before: broken('**/api/credits/*') },
    {
      name: 'wallet-offline',
      path: '/account',
      before: lost('**/api/credits/*'),
      act: offlineBy('Wallet'),
    },
    { name: 'account', path: '/account' },
    { name: 'account-new-key', path: '/account', act: newKey },
    { name: 'account-revoke', path: '/account', act: press('Revoke') },
    { name: 'account-password', path: '/account', act: press('Change password') },
    {
      name: 'account-loading',
      path: '/account',
      before: never('**/api/{keys,auth/list-sessions}'),
      waits: true,
    },
    { name: 'account-error', path: '/account', before: broken('**/api/keys') },
    ...shopShots(cast.shop),
  ];
}
