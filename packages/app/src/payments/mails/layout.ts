import { Body, Button, Container, Head, Heading, Hr, Html, Preview, Text } from '@react-email/components';
import { createElement } from 'react';
import type { ReactElement } from 'react';

/** What a mail says: the same words as HTML and as plain text. */
export interface Letter {
  readonly subject: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  /** Facts in a row each, such as what was paid. */
  readonly rows: readonly (readonly [string, string])[];
  readonly button: { readonly words: string; readonly url: string };
  readonly footer: string;
}

const font = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const style = {
  body: { backgroundColor: '#f4f4f6', fontFamily: font, margin: 0, padding: '24px 0' },
  container: {
    backgroundColor: '#ffffff',
    borderRadius: '12px',
    margin: '0 auto',
    maxWidth: '520px',
    padding: '32px',
  },
  heading: { color: '#16161a', fontSize: '22px', lineHeight: '28px', margin: '0 0 16px' },
  text: { color: '#33333b', fontSize: '15px', lineHeight: '24px', margin: '0 0 14px' },
  row: { color: '#16161a', fontSize: '15px', lineHeight: '22px', margin: '0 0 4px' },
  name: { color: '#6b6b76' },
  button: {
    backgroundColor: '#16161a',
    borderRadius: '8px',
    color: '#ffffff',
    display: 'inline-block',
    fontSize: '15px',
    fontWeight: 600,
    margin: '16px 0 8px',
    padding: '12px 20px',
    textDecoration: 'none',
  },
  rule: { borderColor: '#e6e6ea', margin: '24px 0 16px' },
  footer: { color: '#6b6b76', fontSize: '13px', lineHeight: '20px', margin: 0 },
} as const;

/** A letter as its reader sees it. Types are stripped and not compiled here, so elements are made by calls. */
export function letterElement(letter: Letter, greeting: string): ReactElement {
  return createElement(
    Html,
    { lang: 'en' },
    createElement(Head),
    createElement(Preview, null, letter.heading),
    createElement(
      Body,
      { style: style.body },
      createElement(
        Container,
        { style: style.container },
        createElement(Heading, { as: 'h1', style: style.heading }, letter.heading),
        createElement(Text, { style: style.text }, greeting),
        ...letter.paragraphs.map((words) => createElement(Text, { style: style.text, key: words }, words)),
        ...letter.rows.map(([name, value]) =>
          createElement(
            Text,
            { style: style.row, key: name },
            createElement('span', { style: style.name }, `${name}: `),
            createElement('strong', null, value),
          ),
        ),
        createElement(Button, { href: letter.button.url, style: style.button }, letter.button.words),
        createElement(Hr, { style: style.rule }),
        createElement(Text, { style: style.footer }, letter.footer),
      ),
    ),
  );
}

export function letterText(letter: Letter, greeting: string): string {
  const rows = letter.rows.map(([name, value]) => `${name}: ${value}`).join('\n');
  return [
    greeting,
    `${letter.heading}.`,
    ...letter.paragraphs,
    rows,
    `${letter.button.words}:\n${letter.button.url}`,
    letter.footer,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
