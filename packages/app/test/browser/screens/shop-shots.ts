import type { Page } from 'playwright-core';
import type { ShopCast } from './shop-cast.ts';
import type { Shot } from './shots.ts';

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();

/** Everything about money: the screens, the emulated vendor's pages, and the mails. */
export function shopShots(shop: ShopCast): Shot[] {
  const change = async (page: Page) => {
    await press(page, 'Change to Studio');
    await page.getByTestId('plan-preview').waitFor();
  };
  const paidBut = async (page: Page) => {
    await press(page, 'I paid but have no credits');
    await page.getByTestId('paid-but').waitFor();
  };
  const declined = async (page: Page) => {
    await press(page, 'Pay with a card that is declined');
    await page.getByRole('alert').waitFor();
  };
  const compared = async (page: Page) => {
    await press(page, 'Compare (dry run)');
    await page.getByTestId('differences').waitFor();
  };
  const body = async (page: Page) => {
    await press(page, 'Raw body');
    await page.getByRole('dialog').getByText('api_version').waitFor();
  };
  const desk = { as: 'operator', path: '/operator/payments' } as const;
  return [
    { name: 'pay-pricing', as: 'buyer', path: '/pricing' },
    { name: 'pay-wallet', as: 'buyer', path: '/wallet' },
    { name: 'pay-wallet-debt', as: 'debtor', path: '/wallet' },
    { name: 'pay-wallet-change-plan', as: 'buyer', path: '/wallet', act: change },
    { name: 'pay-wallet-paid-but', as: 'buyer', path: '/wallet', act: paidBut },
    { name: 'pay-return-pending', as: 'buyer', path: `/payment?order=${shop.orders.pending}` },
    { name: 'pay-return-paid', as: 'buyer', path: `/payment?order=${shop.orders.paid}` },
    { name: 'pay-return-not-paid', as: 'buyer', path: `/payment?order=${shop.orders.left}` },
    { name: 'pay-checkout', as: 'visitor', path: shop.checkout },
    { name: 'pay-checkout-declined', as: 'visitor', path: shop.checkout, act: declined },
    { name: 'pay-checkout-complete', as: 'visitor', path: shop.planCheckout },
    { name: 'pay-portal', as: 'visitor', path: shop.portal },
    { name: 'pay-invoice', as: 'visitor', path: shop.receipt },
    { name: 'pay-desk', ...desk },
    { name: 'pay-desk-compared', ...desk, act: compared },
    { name: 'pay-desk-body', ...desk, act: body },
    { name: 'pay-desk-replay', ...desk, act: (page) => press(page, 'Replay') },
    {
      name: 'pay-desk-from-alert',
      ...desk,
      path: `/operator/payments?event=${shop.event}&order=${shop.disputed}`,
    },
    { name: 'pay-operator-log', as: 'operator', path: '/operator' },
    ...shop.mails.map((mail): Shot => ({
      name: `mail-${mail.template.replaceAll('_', '-')}`,
      as: 'visitor',
      path: '/pricing',
      act: (page) => page.setContent(mail.html),
    })),
  ];
}
