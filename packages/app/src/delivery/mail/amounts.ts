import type { Locale } from '../../platform/locale.ts';

/** The forms of a word by how many there are: Russian has three, the others at most two. */
type Forms = { readonly one: string; readonly few?: string; readonly many?: string; readonly other: string };

const credit: Readonly<Record<Locale, Forms>> = {
  en: { one: 'credit', other: 'credits' },
  ru: { one: 'кредит', few: 'кредита', many: 'кредитов', other: 'кредита' },
  zh: { one: '积分', other: '积分' },
};

/** `1 credit`, `2 кредита`, `3 积分`. */
export function creditsIn(locale: Locale, amount: bigint): string {
  return counted(locale, amount, credit[locale]);
}

export function counted(locale: Locale, amount: bigint, forms: Forms): string {
  const rule = new Intl.PluralRules(locale).select(Number(amount));
  const form = (rule === 'zero' || rule === 'two' ? undefined : forms[rule]) ?? forms.other;
  return `${amount.toLocaleString(locale)} ${form}`;
}

/** The day in UTC, as people of that language write it. */
export function dayIn(locale: Locale, date: Date): string {
  return date.toLocaleDateString(locale, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}
