import type { Locale } from '../../platform/locale.ts';
import { counted } from './amounts.ts';

type Kind = 'video' | 'image';

export interface ResultWords {
  /** `count`: how many were made. */
  readonly ready: (kind: Kind, count: number) => string;
  readonly failed: (kind: Kind) => string;
  readonly kind: Readonly<Record<Kind, string>>;
  readonly file: string;
  readonly seconds: (seconds: number) => string;
  readonly charged: string;
  readonly back: string;
  readonly keptUntil: string;
  readonly open: string;
  readonly see: string;
  readonly footer: string;
  readonly stopReady: string;
  readonly stopFailed: string;
}

const images = {
  one: 'изображение',
  few: 'изображения',
  many: 'изображений',
  other: 'изображения',
};

const words: Readonly<Record<Locale, ResultWords>> = {
  en: {
    ready: (kind, count) => (count > 1 ? `Your ${count} ${kind}s are ready` : `Your ${kind} is ready`),
    failed: (kind) => `Your ${kind} could not be made`,
    kind: { video: 'Video', image: 'Image' },
    file: 'File',
    seconds: (seconds) => `${seconds.toLocaleString('en', { maximumFractionDigits: 1 })} s`,
    charged: 'Charged',
    back: 'Back in your balance',
    keptUntil: 'Kept until',
    open: 'Open it in your library',
    see: 'See what happened',
    footer: 'You asked for this, so you are told how it ended. Choose which mails you get in your account.',
    stopReady: 'Stop mails about what is ready',
    stopFailed: 'Stop mails about what failed',
  },
  ru: {
    ready: (kind, count) => {
      if (count > 1)
        return kind === 'video'
          ? `Готово: ${count} видео`
          : `Готово: ${counted('ru', BigInt(count), images)}`;
      return kind === 'video' ? 'Ваше видео готово' : 'Ваше изображение готово';
    },
    failed: (kind) => `Не удалось создать ${kind === 'video' ? 'видео' : 'изображение'}`,
    kind: { video: 'Видео', image: 'Изображение' },
    file: 'Файл',
    seconds: (seconds) => `${seconds.toLocaleString('ru', { maximumFractionDigits: 1 })} с`,
    charged: 'Списано',
    back: 'Вернулось на баланс',
    keptUntil: 'Хранится до',
    open: 'Открыть в библиотеке',
    see: 'Посмотреть, что случилось',
    footer:
      'Вы этого попросили, поэтому мы сообщаем, чем закончилось. Какие письма получать, выберите в настройках аккаунта.',
    stopReady: 'Не присылать письма о готовом',
    stopFailed: 'Не присылать письма о неудачах',
  },
  zh: {
    ready: (kind, count) => {
      if (count > 1) return kind === 'video' ? `您的 ${count} 个视频已完成` : `您的 ${count} 张图片已完成`;
      return kind === 'video' ? '您的视频已完成' : '您的图片已完成';
    },
    failed: (kind) => `您的${kind === 'video' ? '视频' : '图片'}未能生成`,
    kind: { video: '视频', image: '图片' },
    file: '文件',
    seconds: (seconds) => `${seconds.toLocaleString('zh', { maximumFractionDigits: 1 })} 秒`,
    charged: '已扣费',
    back: '已退回余额',
    keptUntil: '保存至',
    open: '在作品库中打开',
    see: '查看详情',
    footer: '您提交了这项生成，因此我们告知结果。可在账户中选择接收哪些邮件。',
    stopReady: '不再接收完成通知',
    stopFailed: '不再接收失败通知',
  },
};

export function resultWords(locale: Locale): ResultWords {
  return words[locale];
}
