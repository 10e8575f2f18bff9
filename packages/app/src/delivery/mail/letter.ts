import type { Locale } from '../../platform/locale.ts';

/** What a mail says: the same words as HTML and as plain text. */
export interface Letter {
  readonly subject: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  /** Facts in a row each, such as what was paid. */
  readonly rows: readonly (readonly [string, string])[];
  readonly button: { readonly words: string; readonly url: string };
  readonly footer: string;
  /** Stands above the words and leads where the button does. For readers of HTML alone. */
  readonly picture?: { readonly url: string; readonly alt: string };
  /** How to stop mails of this kind, where that is due. */
  readonly stop?: { readonly words: string; readonly url: string };
  /** English unless told. */
  readonly locale?: Locale;
}

/** A letter as it is sent, beside its recipient. */
export interface RenderedLetter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly link: string;
}

export function letterText(letter: Letter, greeting: string): string {
  const rows = letter.rows.map(([name, value]) => `${name}: ${value}`).join('\n');
  return [
    greeting,
    /[.!?。！？]$/.test(letter.heading)
      ? letter.heading
      : `${letter.heading}${letter.locale === 'zh' ? '。' : '.'}`,
    ...letter.paragraphs,
    rows,
    `${letter.button.words}:\n${letter.button.url}`,
    letter.footer,
    letter.stop === undefined ? '' : `${letter.stop.words}: ${letter.stop.url}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** A name is what someone typed: never a link, never more than a short line. */
export function plainName(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{M}\p{N}'’ -]+/gu, ' ')
    .replaceAll(/ +/g, ' ')
    .slice(0, 60)
    .trim();
}

const greetings: Readonly<Record<Locale, (name: string) => string>> = {
  en: (name) => (name ? `Hello ${name},` : 'Hello,'),
  ru: (name) => (name ? `Здравствуйте, ${name}!` : 'Здравствуйте!'),
  zh: (name) => (name ? `${name}，您好：` : '您好：'),
};

export function greetingTo(name: string, locale: Locale = 'en'): string {
  return greetings[locale](plainName(name));
}
