import type { Locale } from '../../platform/locale.ts';
import type { Subject, SubjectFile } from '../channels/port.ts';
import { creditsIn, dayIn } from './amounts.ts';
import { greetingTo } from './letter.ts';
import type { Letter } from './letter.ts';
import type { Mail } from './port.ts';
import { resultWords } from './result-words.ts';
import type { ResultWords } from './result-words.ts';

export interface ResultMailInput {
  readonly to: string;
  readonly topic: 'ready' | 'failed';
  readonly subject: Subject;
  readonly unsubscribeUrl: string;
}

/** Tells that it is ready: every file of it, its picture, link and what was charged; or what went wrong and what became of the credits. */
export async function resultMail(locale: Locale, about: ResultMailInput): Promise<Mail> {
  const { renderLetter } = await import('./render-letter.ts');
  const rendered = await renderLetter(
    resultLetter(locale, about),
    greetingTo(about.subject.personName, locale),
  );
  return { to: about.to, unsubscribeUrl: about.unsubscribeUrl, ...rendered };
}

function resultLetter(locale: Locale, { topic, subject, unsubscribeUrl }: ResultMailInput): Letter {
  const say = resultWords(locale);
  const ready = topic === 'ready';
  const heading = ready ? say.ready(subject.kind, subject.files.length) : say.failed(subject.kind);
  const rows: [string, string][] = ready
    ? subject.files.map((file, index) => [
        subject.files.length > 1 ? `${say.kind[file.kind]} ${index + 1}` : say.file,
        fileInWords(say, file),
      ])
    : [];
  rows.push([say.charged, creditsIn(locale, subject.charged)]);
  if (!ready && subject.back > 0n) rows.push([say.back, creditsIn(locale, subject.back)]);
  if (ready && subject.keptUntil !== null) rows.push([say.keptUntil, dayIn(locale, subject.keptUntil)]);
  return {
    locale,
    subject: heading,
    heading,
    paragraphs: [subject.sentence],
    rows,
    button: { words: ready ? say.open : say.see, url: subject.webUrl },
    footer: say.footer,
    stop: { words: ready ? say.stopReady : say.stopFailed, url: unsubscribeUrl },
    ...(ready && subject.pictureUrl !== null
      ? { picture: { url: subject.pictureUrl, alt: say.kind[subject.kind] } }
      : {}),
  };
}

function fileInWords(say: ResultWords, file: SubjectFile): string {
  const size = `${file.width} × ${file.height}`;
  return file.durationSeconds === null ? size : `${say.seconds(file.durationSeconds)} · ${size}`;
}
