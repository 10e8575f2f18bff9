import type { Locale } from '../../platform/locale.ts';
import { creditsIn } from './amounts.ts';
import { greetingTo } from './letter.ts';
import type { Mail } from './port.ts';

const words = {
  en: {
    subject: 'Sorry, and some credits for you',
    heading: 'We are sorry',
    paragraphs: (credits: string, reason: string) => [
      `Something went wrong on our side: ${reason}`,
      'You were not charged for what failed.',
      `As an apology we have added ${credits} to your account. There is nothing to do: they are in your balance already.`,
    ],
    row: 'Added',
    button: 'Make something with them',
    footer: 'From the people who look after you here. Thank you for staying with us.',
    stop: 'Stop such mails',
  },
  ru: {
    subject: 'Просим прощения: мы добавили вам кредитов',
    heading: 'Просим прощения',
    paragraphs: (credits: string, reason: string) => [
      `У нас произошёл сбой: ${reason}`,
      'За неудавшееся вы не платили.',
      `В извинение мы добавили на ваш счёт ${credits}. Делать ничего не нужно: они уже на балансе.`,
    ],
    row: 'Добавлено',
    button: 'Создать что-нибудь',
    footer: 'От тех, кто здесь о вас заботится. Спасибо, что остаётесь с нами.',
    stop: 'Не присылать такие письма',
  },
  zh: {
    subject: '致歉，并赠送积分',
    heading: '非常抱歉',
    paragraphs: (credits: string, reason: string) => [
      `我们这边出了问题：${reason}`,
      '失败的内容没有收费。',
      `为表歉意，已向您的账户赠送 ${credits}。无需任何操作，现在即可使用。`,
    ],
    row: '已赠送',
    button: '用来创作',
    footer: '感谢您一直以来的支持。',
    stop: '不再接收此类邮件',
  },
} as const satisfies Record<Locale, unknown>;

/** Says sorry, and that the credits are there. */
export async function apologyMail(
  locale: Locale,
  about: { to: string; name: string; credits: bigint; reason: string; url: string; unsubscribeUrl: string },
): Promise<Mail> {
  const { renderLetter } = await import('./render-letter.ts');
  const say = words[locale];
  const credits = creditsIn(locale, about.credits);
  const reason = /[.!?。！？]$/.test(about.reason)
    ? about.reason
    : `${about.reason}${locale === 'zh' ? '。' : '.'}`;
  const rendered = await renderLetter(
    {
      locale,
      subject: say.subject,
      heading: say.heading,
      paragraphs: say.paragraphs(credits, reason),
      rows: [[say.row, credits]],
      button: { words: say.button, url: about.url },
      footer: say.footer,
      stop: { words: say.stop, url: about.unsubscribeUrl },
    },
    greetingTo(about.name, locale),
  );
  return { to: about.to, unsubscribeUrl: about.unsubscribeUrl, ...rendered };
}
