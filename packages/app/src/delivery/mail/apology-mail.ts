import type { Locale } from '../../platform/locale.ts';
import type { Mail } from './port.ts';
import { plainName } from './result-mails.ts';

const words = {
  en: {
    subject: 'Sorry, and some credits for you',
    text: (name: string, credits: bigint, reason: string) => [
      name ? `Hello ${name},` : 'Hello,',
      `something went wrong on our side: ${reason}. You were not charged for what failed.`,
      `As an apology we have added ${credits} ${credits === 1n ? 'credit' : 'credits'} to your account. They are there now.`,
    ],
    stop: 'Stop such mails',
  },
  ru: {
    subject: 'Просим прощения: мы добавили вам кредитов',
    text: (name: string, credits: bigint, reason: string) => [
      name ? `Здравствуйте, ${name}!` : 'Здравствуйте!',
      `У нас произошёл сбой: ${reason}. За неудавшееся вы не платили.`,
      `В извинение мы добавили на ваш счёт кредиты: ${credits}. Они уже там.`,
    ],
    stop: 'Не присылать такие письма',
  },
  zh: {
    subject: '致歉，并赠送积分',
    text: (name: string, credits: bigint, reason: string) => [
      name ? `${name}，您好：` : '您好：',
      `我们这边出了问题：${reason}。失败的内容没有收费。`,
      `为表歉意，已向您的账户赠送 ${credits} 积分，现在即可使用。`,
    ],
    stop: '不再接收此类邮件',
  },
} as const satisfies Record<Locale, unknown>;

/** Says sorry, and that the credits are there. */
export function apologyMail(
  locale: Locale,
  about: { to: string; name: string; credits: bigint; reason: string; url: string; unsubscribeUrl: string },
): Mail {
  const say = words[locale];
  const lines = say.text(plainName(about.name), about.credits, about.reason);
  return {
    to: about.to,
    subject: say.subject,
    link: about.url,
    text: [...lines, about.url, 'Holdfast', `${say.stop}: ${about.unsubscribeUrl}`].join('\n\n'),
    unsubscribeUrl: about.unsubscribeUrl,
  };
}
