import {
  Body,
  Button,
  Container,
  Head,
  Heading,
  Hr,
  Html,
  Img,
  Link,
  Preview,
  Text,
} from '@react-email/components';
import { render } from '@react-email/render';
import { createElement } from 'react';
import type { ReactElement } from 'react';
import { letterText } from './letter.ts';
import type { Letter, RenderedLetter } from './letter.ts';

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
  picture: { borderRadius: '10px', display: 'block', height: 'auto', margin: '0 0 24px', maxWidth: '100%' },
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
  stop: { color: '#6b6b76', textDecoration: 'underline' },
} as const;
const picture_width = 240;

/** A letter in both of its forms. What it is drawn with is large: loaded by whoever has one to send. */
export async function renderLetter(letter: Letter, greeting: string): Promise<RenderedLetter> {
  return {
    subject: letter.subject,
    text: letterText(letter, greeting),
    html: await render(letterElement(letter, greeting)),
    link: letter.button.url,
  };
}

/** A letter as its reader sees it. Types are stripped and not compiled here, so elements are made by calls. */
function letterElement(letter: Letter, greeting: string): ReactElement {
  return createElement(
    Html,
    { lang: letter.locale ?? 'en' },
    createElement(Head),
    createElement(Preview, null, [letter.heading, ...letter.paragraphs].join(' · ')),
    createElement(
      Body,
      { style: style.body },
      createElement(
        Container,
        { style: style.container },
        ...pictureOf(letter),
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
        ...stopOf(letter),
      ),
    ),
  );
}

function pictureOf({ picture, button }: Letter): ReactElement[] {
  if (picture === undefined) return [];
  const { url: src, alt } = picture;
  return [
    createElement(
      Link,
      { href: button.url, key: 'picture' },
      createElement(Img, { src, alt, width: picture_width, style: style.picture }),
    ),
  ];
}

function stopOf({ stop }: Letter): ReactElement[] {
  if (stop === undefined) return [];
  const link = createElement(Link, { href: stop.url, style: style.stop }, stop.words);
  return [createElement(Text, { style: style.footer, key: 'stop' }, link)];
}
