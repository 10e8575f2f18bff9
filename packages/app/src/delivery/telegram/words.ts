import type { Locale } from '../../platform/locale.ts';

/** What a chat is told about a result, in one language. What became of the credits is a sentence of its own, from above. */
export interface ChatWords {
  readonly ready: string;
  /** It may have arrived, or not. */
  readonly offer: string;
  readonly link: string;
  readonly sendFailed: (credits: bigint) => string;
  readonly again: (credits: bigint) => string;
  readonly anotherStyle: string;
  readonly openOnWeb: string;
  readonly sendHere: string;
  readonly unlock: (credits: bigint) => string;
  readonly tryAgain: (credits: bigint) => string;
}

const russian = new Intl.PluralRules('ru');
const russianForms: Readonly<Record<string, string>> = {
  one: 'кредит',
  few: 'кредита',
  many: 'кредитов',
  other: 'кредита',
};
const inRussian = (amount: bigint): string =>
  `${amount} ${russianForms[russian.select(Number(amount))] ?? 'кредитов'}`;
const inEnglish = (amount: bigint): string => `${amount} ${amount === 1n ? 'credit' : 'credits'}`;
const inChinese = (amount: bigint): string => `${amount} 积分`;

const words: Readonly<Record<Locale, ChatWords>> = {
  en: {
    ready: '✅ Ready.',
    offer: '🎬 Your video is ready. If you don’t see it above, press “Send it here”: that is free.',
    link: '🎬 Your video is ready. It is too large for Telegram: open it on the web.',
    sendFailed: (credits) =>
      `Send failed. Credits refunded. Please try again.\n${inEnglish(credits)} are back. The file is kept in your library, locked.`,
    again: (credits) => `🔁 Generate again · ${inEnglish(credits)}`,
    anotherStyle: '🎨 Another style',
    openOnWeb: '🌐 Open on the web',
    sendHere: '📩 Send it here',
    unlock: (credits) => `🔓 Unlock for ${inEnglish(credits)}`,
    tryAgain: (credits) => `🔁 Try again · ${inEnglish(credits)}`,
  },
  ru: {
    ready: '✅ Готово.',
    offer: '🎬 Ваше видео готово. Если выше его нет, нажмите «Прислать сюда»: это бесплатно.',
    link: '🎬 Ваше видео готово. Для Telegram оно слишком большое: откройте его на сайте.',
    sendFailed: (credits) =>
      `Не удалось отправить. Кредиты возвращены. Попробуйте ещё раз.\nВозвращено: ${inRussian(credits)}. Файл хранится в вашей библиотеке под замком.`,
    again: (credits) => `🔁 Создать ещё раз · ${inRussian(credits)}`,
    anotherStyle: '🎨 Другой стиль',
    openOnWeb: '🌐 Открыть на сайте',
    sendHere: '📩 Прислать сюда',
    unlock: (credits) => `🔓 Открыть за ${inRussian(credits)}`,
    tryAgain: (credits) => `🔁 Попробовать снова · ${inRussian(credits)}`,
  },
  zh: {
    ready: '✅ 已完成。',
    offer: '🎬 您的视频已完成。如果上方没有看到，请点“发到这里”，免费。',
    link: '🎬 您的视频已完成。文件太大，无法通过 Telegram 发送，请在网页上打开。',
    sendFailed: (credits) =>
      `发送失败，积分已退还，请重试。\n已退还 ${inChinese(credits)}。文件仍保存在您的作品库中，已锁定。`,
    again: (credits) => `🔁 再生成一次 · ${inChinese(credits)}`,
    anotherStyle: '🎨 换个风格',
    openOnWeb: '🌐 在网页上打开',
    sendHere: '📩 发到这里',
    unlock: (credits) => `🔓 用 ${inChinese(credits)}解锁`,
    tryAgain: (credits) => `🔁 重试 · ${inChinese(credits)}`,
  },
};

export function chatWords(locale: Locale): ChatWords {
  return words[locale];
}
