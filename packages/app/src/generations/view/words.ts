import type { Locale } from '../../platform/locale.ts';
import type { ErrorClass } from '../../providers/port.ts';
import type { Kind } from '../catalogue/model.ts';
import { codeWithWords } from './words/codes.ts';
import { en } from './words/en.ts';
import { ru } from './words/ru.ts';
import type { Words } from './words/words-table.ts';
import { zh } from './words/zh.ts';

const languages: Readonly<Record<Locale, Words>> = { en, ru, zh };

/** Everything this domain tells people, in one language. */
export function wordsIn(locale: Locale): Words {
  return languages[locale];
}

/** Where a generation's credits went, as far as a sentence about it needs to know. */
export interface CreditsMoved {
  readonly captured: bigint;
  readonly released: bigint;
  readonly refunded?: bigint;
}

/**
 * What people are told, by the exact code where there are better words for it, else by whose doing it was. An operator's fault is
 * never told as the person's, whatever its code is called. What happened to the credits is not in it: see `failureSentence`.
 * @param creditsBack whether credits went back, which some of these say themselves
 */
export function failureWords(
  code: string,
  errorClass: ErrorClass,
  locale: Locale = 'en',
  creditsBack = false,
): string {
  const words = wordsIn(locale);
  const named = codeWithWords(code, errorClass);
  const said = named === null ? words.classes[errorClass] : words.codes[named];
  if (typeof said === 'string') return said;
  return creditsBack ? said.back : said.none;
}

/** What a sentence about a failure ends with: what happened to the credits. */
export function creditsClause(moved: CreditsMoved, locale: Locale = 'en'): string {
  const { clause } = wordsIn(locale);
  const refunded = moved.refunded ?? 0n;
  const charged = moved.captured - refunded;
  if (charged > 0n) return clause.charged(charged);
  if (refunded > 0n) return clause.refunded(refunded);
  return moved.released > 0n ? clause.released(moved.released) : clause.nothing;
}

/** The whole that people are told of a failure: what went wrong, then what happened to the credits. For screens, chats and mails alike. */
export function failureSentence(
  failure: { readonly code: string; readonly class: ErrorClass } & CreditsMoved,
  locale: Locale = 'en',
): string {
  const back = failure.released > 0n || (failure.refunded ?? 0n) > 0n;
  const words = failureWords(failure.code, failure.class, locale, back);
  const between = locale === 'zh' ? '' : ' ';
  return `${words}${between}${creditsClause(failure, locale)}`;
}

/** Whether asking for the same again may work. */
export function isWorthRetrying(errorClass: ErrorClass): boolean {
  return errorClass !== 'USER_INPUT' && errorClass !== 'USER_POLICY';
}

/** The refusal of a start that came too soon after the one before it. */
export function cooldownWords(kind: Kind, seconds: number, locale: Locale = 'en'): string {
  const wait =
    seconds < 60
      ? ({ unit: 'second', amount: seconds } as const)
      : ({ unit: 'minute', amount: Math.ceil(seconds / 60) } as const);
  return wordsIn(locale).refusals.cooldown(kind, wait);
}
