import type { Locale } from '../../platform/locale.ts';
import { en } from './en.ts';
import { ru } from './ru.ts';
import type { BotWords } from './words-table.ts';
import { zh } from './zh.ts';

const languages: Readonly<Record<Locale, BotWords>> = { en, ru, zh };

export function wordsOf(locale: Locale): BotWords {
  return languages[locale];
}
