import { expect, test } from 'vitest';
import { failureSentence } from '../../src/generations/view/words.ts';
import { locales } from '../../src/platform/locale.ts';
import { wordsOf } from '../../src/bot/words/words.ts';
import { chatWords } from '../../src/delivery/telegram/words.ts';

const classes = [
  'USER_INPUT',
  'USER_POLICY',
  'TRANSIENT',
  'SYSTEM',
  'OPERATOR_BALANCE',
  'OPERATOR_AUTH',
  'OPERATOR_CONFIG',
  'CANCELLED',
  'UNKNOWN',
] as const;

test.each(locales)('%s: every class of failure, ending with the credits', (locale) => {
  const table = Object.fromEntries(
    classes.map((errorClass) => [
      errorClass,
      failureSentence({ code: 'none_of_ours', class: errorClass, captured: 0n, released: 50n }, locale),
    ]),
  );
  expect(table).toMatchSnapshot();
  for (const sentence of Object.values(table)) expect(sentence).toMatch(/50/);
});

test.each(locales)('%s: what the chat is told', (locale) => {
  const said = (words: object): Record<string, string> =>
    Object.fromEntries(
      Object.entries(words).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    );
  expect({ ...said(wordsOf(locale)), ...said(chatWords(locale)) }).toMatchSnapshot();
});
