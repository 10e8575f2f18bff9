import { need, newStripeId, StripeRefusal } from './account.ts';
import type { Account } from './account.ts';
import { formOf, metadataOf, numberOf, textOf } from './form.ts';
import type { Form } from './form.ts';
import type { Coupon, PromotionCode, Session } from './objects.ts';

/** `POST /v1/coupons`. */
export function newCoupon(account: Account, form: Form): Coupon {
  const [percent, amount] = [numberOf(form, 'percent_off'), numberOf(form, 'amount_off')];
  if ((percent === null) === (amount === null))
    throw new StripeRefusal(400, 'invalid_request_error', 'Give percent_off or amount_off.');
  const coupon: Coupon = {
    id: textOf(form, 'id') ?? newStripeId('co'),
    object: 'coupon',
    created: account.now(),
    amount_off: amount,
    currency: textOf(form, 'currency'),
    duration: textOf(form, 'duration') === 'forever' ? 'forever' : 'once',
    livemode: account.livemode,
    metadata: metadataOf(form),
    name: textOf(form, 'name'),
    percent_off: percent,
    valid: true,
  };
  account.coupons.set(coupon.id, coupon);
  return coupon;
}

/** `POST /v1/promotion_codes`: what people type. */
export function newPromotionCode(account: Account, form: Form): PromotionCode {
  const coupon = textOf(formOf(form['promotion']), 'coupon');
  const code: PromotionCode = {
    id: newStripeId('promo'),
    object: 'promotion_code',
    created: account.now(),
    active: true,
    code: textOf(form, 'code') ?? newStripeId('CODE').slice(-8).toUpperCase(),
    livemode: account.livemode,
    metadata: metadataOf(form),
    promotion: { type: 'coupon', coupon: need(account.coupons, coupon, 'coupon').id },
  };
  account.promotionCodes.set(code.id, code);
  return code;
}

/** What somebody typed on the page. False where it is no code, or the page has no field for one. */
export function applyCode(account: Account, session: Session, typed: string): boolean {
  const code = [...account.promotionCodes.values()].find(
    (each) => each.active && each.code.toLowerCase() === typed.trim().toLowerCase(),
  );
  if (code === undefined || session.allow_promotion_codes !== true || session.status !== 'open') return false;
  session.discounts = [{ coupon: code.promotion.coupon, promotion_code: code.id }];
  priceSession(account, session);
  return true;
}

/** What is paid of a sum: less the coupon, and tax on what is left. Below nothing (a credit) both work the other way round. */
export function settlePrice(
  account: Account,
  subtotal: number,
  by: { readonly coupon: Coupon | null; readonly taxed: boolean },
): { discount: number; tax: number; total: number } {
  const off = by.coupon?.percent_off ?? null;
  const discount =
    off === null
      ? Math.min(Math.max(0, subtotal), by.coupon?.amount_off ?? 0)
      : Math.round((subtotal * off) / 100);
  const net = subtotal - discount;
  const tax = by.taxed ? Math.round((net * account.knobs.taxPercent) / 100) : 0;
  return { discount, tax, total: net + tax };
}

/** Writes a session's sums anew, on it and on its lines; the last line bears what rounding leaves. */
export function priceSession(account: Account, session: Session): void {
  const lines = account.wishes.get(session.id)?.lines ?? [];
  const coupon = account.coupons.get(session.discounts[0]?.coupon ?? '') ?? null;
  const { discount, tax, total } = settlePrice(account, session.amount_subtotal, {
    coupon,
    taxed: session.automatic_tax.enabled,
  });
  let [discountLeft, taxLeft] = [discount, tax];
  for (const [index, line] of lines.entries()) {
    const share = session.amount_subtotal === 0 ? 0 : line.amount_subtotal / session.amount_subtotal;
    const last = index === lines.length - 1;
    line.amount_discount = last ? discountLeft : Math.round(discount * share);
    line.amount_tax = last ? taxLeft : Math.round(tax * share);
    line.amount_total = line.amount_subtotal - line.amount_discount + line.amount_tax;
    discountLeft -= line.amount_discount;
    taxLeft -= line.amount_tax;
  }
  session.amount_total = total;
  session.total_details = { amount_discount: discount, amount_shipping: 0, amount_tax: tax };
  session.payment_status = total === 0 ? 'no_payment_required' : 'unpaid';
}
