import type { Locale } from '../../platform/locale.ts';

/** What a result is, as people call it. */
export interface Thing {
  readonly kind: 'video' | 'image';
  readonly many: boolean;
}

export function thingOf(subject: { kind: 'video' | 'image'; files: readonly unknown[] }): Thing {
  return { kind: subject.kind, many: subject.files.length > 1 };
}

/** What a chat is told about a result, in one language. What became of the credits is a sentence of its own, from above. */
export interface ChatWords {
  readonly ready: string;
  /** It may have arrived, or not. */
  readonly offer: (thing: Thing) => string;
  readonly link: (thing: Thing) => string;
  /** Files of a result that one album has no room for, or that are too large. */
  readonly moreOnWeb: (count: number) => string;
  /** Over the buttons that belong to an album. */
  readonly whatNext: string;
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

const ready: Readonly<Record<Locale, (thing: Thing) => string>> = {
  en: ({ kind, many }) =>
    kind === 'video'
      ? `🎬 Your ${many ? 'videos are' : 'video is'} ready.`
      : `🖼 Your ${many ? 'pictures are' : 'picture is'} ready.`,
  ru: ({ kind, many }) =>
    kind === 'video'
      ? `🎬 ${many ? 'Ваши видео готовы' : 'Ваше видео готово'}.`
      : `🖼 ${many ? 'Ваши картинки готовы' : 'Ваша картинка готова'}.`,
  zh: ({ kind }) => (kind === 'video' ? '🎬 您的视频已完成。' : '🖼 您的图片已完成。'),
};

const words: Readonly<Record<Locale, ChatWords>> = {
  en: {
    ready: '✅ Ready.',
    offer: (thing) => `${ready.en(thing)} If nothing came above, press “Send it here”: that is free.`,
    link: (thing) => `${ready.en(thing)} Telegram does not take it here: open it on the web.`,
    moreOnWeb: (count) => `${count} more on the web:`,
    whatNext: 'What next?',
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
    offer: (thing) =>
      `${ready.ru(thing)} Если выше ничего не появилось, нажмите «Прислать сюда»: это бесплатно.`,
    link: (thing) => `${ready.ru(thing)} Через Telegram не отправить: откройте на сайте.`,
    moreOnWeb: (count) => `Ещё на сайте: ${count}.`,
    whatNext: 'Что дальше?',
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
    offer: (thing) => `${ready.zh(thing)}如果上方没有收到，请点“发到这里”，免费。`,
    link: (thing) => `${ready.zh(thing)}无法通过 Telegram 发送，请在网页上打开。`,
    moreOnWeb: (count) => `网页上还有 ${count} 个：`,
    whatNext: '接下来做什么？',
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
