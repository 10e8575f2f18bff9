import { plural } from './words-table.ts';
import type { Words } from './words-table.ts';

const number = new Intl.NumberFormat('ru');
const form = plural('ru');
const count = (amount: bigint | number, one: string, few: string, many: string) =>
  `${number.format(amount)} ${form(amount, { one, few, many, other: few })}`;
const credits = (amount: bigint) => count(amount, 'кредит', 'кредита', 'кредитов');
/** After a verb that names what is done to them, or a negation. */
const verb = (amount: bigint, one: string, several: string) =>
  form(amount, { one, few: several, many: several, other: several });
const unavailable = 'Эта модель сейчас недоступна. Попробуйте позже или выберите другую модель.';

const units = {
  second: ['секунду', 'секунды', 'секунд'],
  minute: ['минуту', 'минуты', 'минут'],
  hour: ['час', 'часа', 'часов'],
} as const;
const duration = (unit: keyof typeof units, amount: number) => {
  const [one, few, many] = units[unit];
  return count(amount, one, few, many);
};
const kinds = { video: 'видео', image: 'изображения' } as const;

export const ru: Words = {
  credits,
  codes: {
    deadline: {
      back: 'Генерация заняла слишком много времени. Кредиты возвращены. Попробуйте ещё раз.',
      none: 'Генерация заняла слишком много времени. Попробуйте ещё раз.',
    },
    interrupted: 'Генерация слишком часто прерывалась на нашей стороне. Попробуйте ещё раз.',
    output_unplayable: 'Результат не воспроизводится, поэтому он не был выдан. Попробуйте ещё раз.',
    output_unavailable: 'Не удалось получить результат. Попробуйте ещё раз.',
    task_gone: 'Результат был утерян до того, как мы успели его получить. Попробуйте ещё раз.',
    hold_ended: 'Зарезервированные кредиты освободились раньше, чем работа была готова. Попробуйте ещё раз.',
    credit_gone: 'Когда работа была готова, кредитов на неё уже не хватало, поэтому она не выдана.',
    outcome_unknown: 'Мы не смогли вовремя выяснить, чем это закончилось. Попробуйте ещё раз.',
    delivery_failed: {
      back: 'Отправка не удалась. Кредиты возвращены. Попробуйте ещё раз.',
      none: 'Отправка не удалась. Попробуйте ещё раз.',
    },
    released_by_operator:
      'Наша команда остановила эту генерацию: она не могла завершиться. Попробуйте ещё раз.',
    text_not_drawable: 'Ни одну букву этого текста нельзя изобразить. Используйте другие слова.',
    text_too_long: 'Текст слишком длинный для этой модели. Сократите его.',
    photo_unreadable: 'Не удалось прочитать фото. Загрузите другое.',
    photo_quality: 'Качество фото слишком низкое. Попробуйте снять при лучшем освещении.',
    photo_too_large: 'Фото слишком большое для этой модели. Загрузите фото поменьше.',
    result_declined: 'Результат отклонён правилами о содержании. Измените текст или фото.',
    moderation_refused: 'Запрос отклонён нашими правилами о содержании. Измените текст или фото.',
  },
  classes: {
    USER_INPUT: 'Из этих данных не получилось сделать результат. Измените их и попробуйте ещё раз.',
    USER_POLICY: 'Запрос отклонён правилами о содержании. Измените текст или фото.',
    TRANSIENT: 'Сервис был перегружен. Попробуйте ещё раз через несколько минут.',
    SYSTEM: 'При создании что-то пошло не так. Попробуйте ещё раз.',
    OPERATOR_BALANCE: unavailable,
    OPERATOR_AUTH: unavailable,
    OPERATOR_CONFIG: unavailable,
    CANCELLED: 'Генерация отменена.',
    UNKNOWN: 'При создании что-то пошло не так. Попробуйте ещё раз.',
  },
  clause: {
    charged: (amount) => `${verb(amount, 'Списан', 'Списано')} ${credits(amount)}.`,
    released: (amount) =>
      `С вас ничего не списано: снова ${form(amount, { one: 'доступен', few: 'доступны', many: 'доступно', other: 'доступно' })} ${credits(amount)}.`,
    refunded: (amount) =>
      `С вас ничего не списано: ${verb(amount, 'возвращён', 'возвращено')} ${credits(amount)}.`,
    nothing: 'С вас ничего не списано.',
  },
  receipt: {
    held_by_second: (amount) =>
      `${verb(amount, 'Зарезервирован', 'Зарезервировано')} ${credits(amount)}. Вы платите за полученные секунды и никогда больше.`,
    held_by_piece: (amount) =>
      `${verb(amount, 'Зарезервирован', 'Зарезервировано')} ${credits(amount)}. Вы платите, когда результат выдан.`,
    held_unknown: (amount) =>
      `${verb(amount, 'Зарезервирован', 'Зарезервировано')} ${credits(amount)}, пока мы выясняем, чем это закончилось. Вы платите, только если результат выдан.`,
    prepaid: (amount) =>
      `${verb(amount, 'Списан', 'Списано')} ${credits(amount)} в начале. При неудаче они вернутся.`,
    postpaid: (most) =>
      `Ничего не зарезервировано. Вы платите, когда результат выдан: не больше чем ${credits(most)}.`,
    delivered: 'Выдано',
    delivered_seconds: (seconds) => `Выдано ${number.format(seconds)} с`,
    delivered_some: (some, all) => `Выдано ${some} из ${all}`,
    charged: (what, amount, released) =>
      `${what}: ${verb(amount, 'списан', 'списано')} ${credits(amount)}` +
      `${released > 0n ? `, ${verb(released, 'освобождён', 'освобождено')} ${number.format(released)}` : ''}.`,
    charged_and_refunded: (what, amount, refunded) =>
      `${what}: ${verb(amount, 'списан', 'списано')} ${credits(amount)}, ${verb(refunded, 'возвращён', 'возвращено')} ${number.format(refunded)}.`,
    charged_and_owed: (what, amount, owed) =>
      `${what}: ${verb(amount, 'списан', 'списано')} ${credits(amount)}, из них в долг ${number.format(owed)}.`,
    not_charged: (what) => `${what}. С вас ничего не списано.`,
  },
  refusals: {
    cooldown: (kind, { unit, amount }) =>
      `Подождите ${duration(unit, amount)}, прежде чем начинать следующую генерацию ${kinds[kind]}. ` +
      'Так кредиты считаются верно и не списываются дважды.',
    too_many: (unfinished) =>
      `У вас уже ${count(unfinished, 'незавершённая генерация', 'незавершённые генерации', 'незавершённых генераций')} — больше одновременно нельзя: ` +
      'дождитесь завершения одной из них или отмените её.',
    unavailable: (model, why) =>
      `Модель ${model} сейчас недоступна${why === null ? '' : `: ${why}`}. Выберите другую модель или попробуйте позже.`,
    quote_expired: 'Срок этой цены истёк: запросите новую.',
    account_frozen:
      'Этот аккаунт проверяется: до окончания проверки ничего нельзя начать. Пожалуйста, напишите в поддержку.',
    ended_already: 'Эта генерация уже завершена.',
    too_late_to_cancel: 'Остановить уже нельзя: вы платите, только если результат выдан.',
    insufficient: ({ required, available, shortfall }) =>
      `Для этого нужно: ${credits(required)}, доступно: ${number.format(available)}. Не хватает: ${number.format(shortfall)}.`,
    moderation_refused:
      'Запрос отклонён нашими правилами о содержании. Измените текст или фото. С вас ничего не списано.',
    moderation_paused: ({ unit, amount }) =>
      `Несколько ваших запросов отклонено нашими правилами о содержании, поэтому новые приостановлены на ${duration(unit, amount)}. ` +
      'С вас ничего не списано.',
  },
};
