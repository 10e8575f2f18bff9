import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blameOfClass, blame_of_code } from '../../src/generations/view/words/codes.ts';
import {
  cooldownWords,
  creditsClause,
  failureSentence,
  failureWords,
  wordsIn,
} from '../../src/generations/view/words.ts';
import { localeOfHeader, localeOfTag, locales } from '../../src/platform/locale.ts';
import type { ErrorClass } from '../../src/providers/port.ts';

const classes: readonly ErrorClass[] = [
  'USER_INPUT',
  'USER_POLICY',
  'TRANSIENT',
  'SYSTEM',
  'OPERATOR_BALANCE',
  'OPERATOR_AUTH',
  'OPERATOR_CONFIG',
  'CANCELLED',
  'UNKNOWN',
];
const codes = Object.keys(blame_of_code);
const nothing = { captured: 0n, released: 0n };

/** Everything that asks the person to change, or names, what they gave. */
const blames_the_person: Record<(typeof locales)[number], RegExp> = {
  en: /\b(change|shorten|upload|other words|lighting|content rules|your (photo|text|words))\b/i,
  ru: /(измените|сократите|загрузите|другие слова|освещени|правилами о содержании)/i,
  zh: /(修改|缩短|上传|换用|光线|内容规则)/,
};

test('every sentence of every language', () => {
  const told = locales.map((locale) => {
    const say = wordsIn(locale);
    const waits = [1, 2, 5, 59, 60, 121, 180];
    return {
      locale,
      classes: classes.map((each) => `${each}: ${failureWords('anything', each, locale)}`),
      codes: codes.flatMap((code) => {
        const said = say.codes[code as keyof typeof blame_of_code];
        return (typeof said === 'string' ? [said] : [said.back, said.none]).map((text) => `${code}: ${text}`);
      }),
      clauses: [0n, 1n, 2n, 5n, 21n, 1_234n].flatMap((amount) => [
        creditsClause({ captured: amount, released: 0n }, locale),
        creditsClause({ captured: 0n, released: amount }, locale),
        creditsClause({ captured: amount, released: 0n, refunded: amount }, locale),
      ]),
      receipts: [
        say.receipt.held_by_second(50n),
        say.receipt.held_by_piece(1n),
        say.receipt.held_unknown(2n),
        say.receipt.prepaid(50n),
        say.receipt.postpaid(50n),
        say.receipt.charged(say.receipt.delivered_seconds(4.2), 42n, 8n),
        say.receipt.charged(say.receipt.delivered_some(3, 4), 15n, 5n),
        say.receipt.charged_and_refunded(say.receipt.delivered_seconds(4.2), 42n, 8n),
        say.receipt.not_charged(say.receipt.delivered),
      ],
      refusals: [
        ...waits.map((seconds) => cooldownWords('video', seconds, locale)),
        cooldownWords('image', 120, locale),
        say.refusals.too_many(1),
        say.refusals.too_many(22),
        say.refusals.unavailable('Veo 3.1', null),
        say.refusals.unavailable('Veo 3.1', 'its provider is out'),
        say.refusals.quote_expired,
        say.refusals.account_frozen,
        say.refusals.ended_already,
        say.refusals.too_late_to_cancel,
        say.refusals.insufficient({ required: 135n, available: 120n, shortfall: 15n }),
        say.refusals.moderation_refused,
        say.refusals.moderation_paused({ unit: 'hour', amount: 5 }),
        say.refusals.moderation_paused({ unit: 'minute', amount: 1 }),
      ],
    };
  });
  expect(told).toMatchSnapshot();
});

describe('whose doing it was', () => {
  test.each(classes)(
    '%s is told as what it is in every language, whatever the code is called',
    (errorClass) => {
      for (const locale of locales) {
        for (const code of [...codes, 'face_detection_error', 'image_load_error', '451', 'anything', '']) {
          const words = failureWords(code, errorClass, locale);
          const blamed = blames_the_person[locale].test(words);
          expect({ code, locale, words, blamed }).toEqual({
            code,
            locale,
            words,
            blamed: blameOfClass(errorClass) === 'person',
          });
        }
      }
    },
  );

  test("an operator's fault never sounds like a word about money, keys or settings of ours", () => {
    for (const errorClass of ['OPERATOR_BALANCE', 'OPERATOR_AUTH', 'OPERATOR_CONFIG'] as const) {
      for (const locale of locales) {
        expect(failureWords('402', errorClass, locale)).not.toMatch(
          /balance|top.?up|key|баланс|ключ|余额|密钥/i,
        );
      }
    }
  });
});

describe('a sentence about a failure', () => {
  test('always ends with what happened to the credits', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...locales),
        fc.constantFrom(...classes),
        fc.oneof(fc.constantFrom(...codes), fc.string()),
        fc.bigInt(0n, 10n ** 12n),
        fc.bigInt(0n, 10n ** 12n),
        (locale, errorClass, code, captured, released) => {
          const moved = { captured, released };
          const sentence = failureSentence({ code, class: errorClass, ...moved }, locale);
          expect(sentence.endsWith(creditsClause(moved, locale))).toBe(true);
          expect(sentence.length).toBeGreaterThan(creditsClause(moved, locale).length + 2);
        },
      ),
    );
  });

  test('the words that people know', () => {
    const held = { captured: 0n, released: 50n };
    expect(failureSentence({ code: 'deadline', class: 'SYSTEM', ...held })).toBe(
      'Generation took too long. Credits refunded. Please retry. You were not charged: 50 credits are available again.',
    );
    expect(failureSentence({ code: 'deadline', class: 'SYSTEM', ...nothing })).toBe(
      'Generation took too long. Please retry. You were not charged.',
    );
    expect(failureWords('face_detection_error', 'USER_INPUT')).toBe(
      'Photo quality too low. Please try with better lighting.',
    );
    expect(failureWords('delivery_failed', 'SYSTEM', 'en', true)).toBe(
      'Send failed. Credits refunded. Please try again.',
    );
  });

  test('numbers are written as the language writes them, with its plurals', () => {
    const released = (amount: bigint) => creditsClause({ captured: 0n, released: amount }, 'ru');
    expect([1n, 2n, 5n, 21n, 112n].map(released)).toEqual([
      'С вас ничего не списано: снова доступен 1 кредит.',
      'С вас ничего не списано: снова доступны 2 кредита.',
      'С вас ничего не списано: снова доступно 5 кредитов.',
      'С вас ничего не списано: снова доступен 21 кредит.',
      'С вас ничего не списано: снова доступно 112 кредитов.',
    ]);
    expect(creditsClause({ captured: 1_234_567n, released: 0n })).toBe('1,234,567 credits charged.');
    expect(creditsClause({ captured: 1_234_567n, released: 0n }, 'ru')).toBe(
      'Списано 1\u00a0234\u00a0567 кредитов.',
    );
  });

  test('what was paid in advance and came back is not told as a charge', () => {
    const back = { captured: 50n, released: 0n, refunded: 50n };
    expect(creditsClause(back)).toBe('You were not charged: 50 credits were refunded.');
    expect(creditsClause({ ...back, refunded: 20n })).toBe('30 credits charged.');
  });
});

describe('the language', () => {
  test.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de-DE,de;q=0.9', 'en'],
    ['ru-RU,ru;q=0.9,en;q=0.8', 'ru'],
    ['en;q=0.5, zh-Hant-TW', 'zh'],
    ['fr, ru;q=0.3, zh;q=0.7', 'zh'],
    ['ru;q=0, en', 'en'],
    ['*', 'en'],
    [';;;q=,,ru;q=zzz', 'ru'],
    ['zh'.repeat(10_000), 'en'],
  ])('%#: of a header', (header, locale) => {
    expect(localeOfHeader(header)).toBe(locale);
  });

  test('of a tag', () => {
    expect(['ru_RU', 'ZH-hans', 'en', 'uk', ''].map(localeOfTag)).toEqual(['ru', 'zh', 'en', null, null]);
  });
});
