import type { Locale } from '../../platform/locale.ts';
import type { Subject } from '../channels/port.ts';
import type { Mail } from './port.ts';

interface MailWords {
  readonly hello: (name: string) => string;
  readonly readySubject: string;
  readonly ready: string;
  readonly failedSubject: string;
  readonly open: string;
  readonly stop: string;
}

const words: Readonly<Record<Locale, MailWords>> = {
  en: {
    hello: (name) => (name ? `Hello ${name},` : 'Hello,'),
    readySubject: 'Your video is ready',
    ready: 'Your video is ready. Open it here:',
    failedSubject: 'Your video could not be made',
    open: 'Open',
    stop: 'Stop these mails',
  },
  ru: {
    hello: (name) => (name ? `Здравствуйте, ${name}!` : 'Здравствуйте!'),
    readySubject: 'Ваше видео готово',
    ready: 'Ваше видео готово. Откройте его здесь:',
    failedSubject: 'Не удалось создать видео',
    open: 'Открыть',
    stop: 'Не присылать такие письма',
  },
  zh: {
    hello: (name) => (name ? `${name}，您好：` : '您好：'),
    readySubject: '您的视频已完成',
    ready: '您的视频已完成，请在这里打开：',
    failedSubject: '您的视频未能生成',
    open: '打开',
    stop: '不再接收此类邮件',
  },
};

/** A name is what someone typed: never a link, never more than a short line. */
export function plainName(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{M}\p{N}'’ -]+/gu, ' ')
    .replaceAll(/ +/g, ' ')
    .slice(0, 60)
    .trim();
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Tells that it is ready, with its poster, link and what was charged; or what went wrong and what became of the credits. */
export function resultMail(
  locale: Locale,
  about: { to: string; topic: 'ready' | 'failed'; subject: Subject; unsubscribeUrl: string },
): Mail {
  const say = words[locale];
  const { subject, topic, unsubscribeUrl } = about;
  const hello = say.hello(plainName(subject.personName));
  const ready = topic === 'ready';
  const lines = ready ? [say.ready, subject.webUrl, subject.sentence] : [subject.sentence, subject.webUrl];
  const poster = ready && subject.posterUrl !== null ? picture(subject.posterUrl, subject.webUrl) : '';
  return {
    to: about.to,
    subject: ready ? say.readySubject : say.failedSubject,
    link: subject.webUrl,
    text: [hello, ...lines, 'Holdfast', `${say.stop}: ${unsubscribeUrl}`].join('\n\n'),
    html: `<!doctype html><html lang="${locale}"><body style="margin:0;padding:24px;background:#f4f5f7;color:#16181d;font:16px/1.55 system-ui,sans-serif">
<div style="max-width:480px;margin:0 auto;background:#fff;border-radius:16px;padding:28px">
<p style="margin:0 0 16px">${escape(hello)}</p>${poster}
<p style="margin:0 0 20px">${escape(subject.sentence)}</p>
<p style="margin:0 0 8px"><a href="${escape(subject.webUrl)}" style="display:inline-block;padding:12px 28px;border-radius:10px;background:#2f5bea;color:#fff;text-decoration:none;font-weight:600">${escape(say.open)}</a></p>
</div>
<p style="text-align:center;font-size:13px;color:#5b6270">Holdfast · <a href="${escape(unsubscribeUrl)}" style="color:#5b6270">${escape(say.stop)}</a></p>
</body></html>`,
    unsubscribeUrl,
  };
}

function picture(posterUrl: string, webUrl: string): string {
  return `\n<p style="margin:0 0 16px"><a href="${escape(webUrl)}"><img src="${escape(posterUrl)}" alt="" width="240" style="display:block;width:240px;max-width:100%;border-radius:12px"></a></p>`;
}
