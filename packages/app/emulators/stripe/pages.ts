import { need } from './account.ts';
import type { Account } from './account.ts';
import { itemOf } from './subscriptions.ts';
import type { Session } from './objects.ts';

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function money(amount: number, currency: string): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 100);
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(title)}</title><style>
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:26rem;margin:0 auto;padding:2rem 1.25rem}
.test{background:#ffd54a;color:#3a2c00;border-radius:.5rem;padding:.4rem .8rem;font-weight:600;font-size:.875rem}
button{display:block;width:100%;margin:.6rem 0;padding:.8rem;font:inherit;font-weight:600;border-radius:.6rem;border:1px solid #8886;background:transparent;color:inherit;cursor:pointer}
input{box-sizing:border-box;width:100%;padding:.7rem;font:inherit;border-radius:.6rem;border:1px solid #8886;background:transparent;color:inherit}button.main{background:#635bff;border-color:#635bff;color:#fff}ul{padding:0;list-style:none}li{display:flex;justify-content:space-between;gap:1rem;padding:.4rem 0;border-bottom:1px solid #8884}
.problem{color:#c62828;font-weight:600}</style><p class="test">Test mode: no real money moves here.</p>${body}</html>`;
}

/** The page on which a person pays, has the card declined, or walks away. */
export function checkoutPage(account: Account, id: string, problem: string | null): string {
  const session = need(account.sessions, id, 'checkout.session');
  if (session.status !== 'open') {
    const words = session.status === 'complete' ? 'This payment is complete.' : 'This page has expired.';
    return page(
      'Checkout',
      `<h1>${words}</h1><p><a href="${escape(session.status === 'complete' ? successUrl(session.success_url, id) : (session.cancel_url ?? session.success_url))}">Back to the shop</a></p>`,
    );
  }
  const lines = (account.wishes.get(id)?.lines ?? [])
    .map(
      (line) =>
        `<li><span>${escape(line.description)} × ${line.quantity}</span><b>${money(line.amount_subtotal, line.currency)}</b></li>`,
    )
    .concat(besides(session))
    .join('');
  const each = session.mode === 'subscription' ? ' each month' : '';
  return page(
    'Checkout',
    `<h1>${money(session.amount_total, session.currency)}${each}</h1><ul>${lines}</ul>
${problem === null ? '' : `<p class="problem" role="alert">${escape(problem)}</p>`}
<form method="post"><button class="main" name="deed" value="pay">Pay</button>
<button name="deed" value="decline">Pay with a card that is declined</button>
${session.mode === 'payment' ? '<button name="deed" value="pay_later">Pay by bank debit (known later)</button>' : ''}
${
  session.allow_promotion_codes
    ? '<p><input name="promotion_code" placeholder="Promotion code" aria-label="Promotion code"><button name="deed" value="apply">Apply</button></p>'
    : ''
}<button name="deed" value="leave">Go back without paying</button></form>`,
  );
}

/** What comes off the lines, and on top of them. */
function besides({
  total_details: { amount_discount: discount, amount_tax: tax },
  currency,
}: Session): string[] {
  return [
    ...(discount > 0 ? [`<li><span>Discount</span><b>−${money(discount, currency)}</b></li>`] : []),
    ...(tax > 0 ? [`<li><span>Tax</span><b>${money(tax, currency)}</b></li>`] : []),
  ];
}

/** The receipt of a payment, or an invoice. */
export function documentPage(account: Account, id: string): string {
  const invoice = account.invoices.get(id);
  const paid = invoice ?? need(account.intents, id, 'payment');
  const amount = 'total' in paid ? paid.total : paid.amount;
  const state = paid.status === 'paid' || paid.status === 'succeeded' ? 'Paid' : 'Not paid';
  return page(
    invoice ? `Invoice ${invoice.number}` : 'Receipt',
    `<h1>${invoice ? `Invoice ${escape(invoice.number)}` : 'Receipt'}</h1>
<ul><li><span>${state}</span><b>${money(amount, paid.currency)}</b></li><li><span>Date</span><b>${new Date(paid.created * 1000).toISOString().slice(0, 10)}</b></li></ul>`,
  );
}

export function successUrl(url: string, session: string): string {
  return url.replaceAll('{CHECKOUT_SESSION_ID}', session);
}

/** The customer portal: plan, cancel, resume. */
export function portalPage(account: Account, id: string): string {
  const portal = need(account.portals, id, 'billing_portal.session');
  const rows = [...account.subscriptions.values()]
    .filter(({ customer, status }) => customer === portal.customer && status !== 'canceled')
    .map((subscription) => {
      const { price } = itemOf(subscription);
      const deed = subscription.cancel_at_period_end ? 'resume' : 'cancel';
      return `<li><span>${escape(account.products.get(price.product)?.name ?? price.id)}</span><b>${money(price.unit_amount, price.currency)}</b></li>
<form method="post"><input type="hidden" name="subscription" value="${subscription.id}"><button name="deed" value="${deed}">${deed === 'cancel' ? 'Cancel at the end of the period' : 'Keep the plan after all'}</button></form>`;
    });
  return page(
    'Customer portal',
    `<h1>Billing</h1><ul>${rows.join('') || '<li>No plan</li>'}</ul><p><a href="${escape(portal.return_url ?? '/')}">Back to the shop</a></p>`,
  );
}
