import type { BotWords } from './words-table.ts';

const plural = new Intl.PluralRules('ru');
const forms: Readonly<Record<string, string>> = {
  one: 'кредит',
  few: 'кредита',
  many: 'кредитов',
  other: 'кредита',
};
const credits = (amount: bigint): string => `${amount} ${forms[plural.select(Number(amount))] ?? 'кредитов'}`;

export const ru: BotWords = {
  credits,
  welcome: (name, gift) =>
    `Здравствуйте, ${name}! Я делаю короткие видео из ваших фотографий.\n\nОплата в кредитах, и только за то, что действительно доставлено.${gift > 0n ? ` Для начала у вас ${credits(gift)}.` : ''}\n\nНажимая «Принимаю», вы соглашаетесь с условиями (/terms).`,
  accept: '✅ Принимаю',
  terms: (url) =>
    `Условия коротко: кредитами оплачиваются видео; за недоставленное деньги не берутся; купленные кредиты возвращаются по закону, см. /paysupport; ваши фото используются только для ваших видео.\n\nПолностью: ${url}`,
  chooseProduct: 'Что сделаем?',
  products: { neurocard: '🛍 Нейрокарточка', reels: '🎬 Reels' },
  productHelp: {
    neurocard: 'Нейрокарточка: ваш товар с названием, ценой и преимуществами.',
    reels: 'Reels: плавная камера по вашему фото и подписи.',
  },
  sendPhoto: (product) => `${product}\n\nПришлите одну фотографию.`,
  needPhoto: 'Здесь нужна фотография: одна картинка, как фото или файлом.',
  photoTooLarge: (megabytes) =>
    `Фото слишком большое: не больше ${megabytes} МБ. Пришлите, пожалуйста, поменьше. Ничего не списано.`,
  photoUnreadable: 'Не получается прочитать это как фото. Пришлите JPEG, PNG или WebP. Ничего не списано.',
  photoTaken: '📷 Фото подходит.',
  albumFirst: 'Я взял первое фото из альбома.',
  describe: {
    neurocard:
      'Теперь опишите товар. Первая строка: название. Вторая: цена. Дальше до шести преимуществ, по одному в строке.',
    reels: 'Теперь напишите подписи, каждая отдельным предложением. Или нажмите «Пропустить».',
  },
  skip: 'Пропустить',
  needText: 'Пришлите здесь, пожалуйста, текст.',
  textTooLong: (most, given) =>
    `В тексте ${given} знаков, а можно не больше ${most}. Сократите, пожалуйста. Ничего не списано.`,
  nameTooLong: (most) => `Первая строка — название: не больше ${most} знаков, пожалуйста.`,
  chooseStyle: 'Выберите стиль:',
  restyle: '🎨 Стиль',
  surprise: '🎲 На ваш вкус',
  styles: {
    warm: '🌅 Тёплый',
    film: '🎞 Плёнка',
    sea: '🌊 Море',
    dusk: '🌆 Сумерки',
    forest: '🌲 Лес',
    rose: '🌹 Роза',
    night: '🌙 Ночь',
    mono: '⚫️ Чёрно-белый',
    light: '🤍 Светлый',
    dark: '🖤 Тёмный',
    vivid: '🌈 Яркий',
  },
  confirm: ({ product, seconds, price, available, held }) =>
    `${product}, ${seconds} с\n\nЦена: не больше ${credits(price)}; вы платите за полученные секунды.\nБаланс: доступно ${credits(available)}${held > 0n ? `, удержано ${held}` : ''}.`,
  confirmButton: (price, available) => `✅ Создать · ${price} из ваших ${available}`,
  cancel: '✖️ Отмена',
  cancelled: 'Отменено. Ничего не списано.',
  tooLittle: ({ price, available, shortfall }) =>
    `Нужно ${credits(price)}, а у вас ${available}: не хватает ${shortfall}. Ничего не списано.`,
  buy: '⭐️ Купить кредиты',
  priceChanged: 'Цена изменилась: посмотрите ещё раз.',
  offerGone: 'Это уже неактуально. Отправьте /start, чтобы начать заново. Ничего не списано.',
  alreadyStarted: 'Уже запущено.',
  nothingHeld: 'Ничего не списано.',
  starting: '⏳ Начинаем…',
  queued: (position) => `⏳ В очереди${position === null ? '' : `, место ${position}`}.`,
  running: (percent, kind) =>
    `${kind === 'video' ? '🎬 Делаем ваше видео' : '🖼 Делаем вашу картинку'}${percent === null ? '…' : `: ${percent} %`}`,
  saving: '💾 Сохраняем…',
  unknown: '🔎 Уточняем у исполнителя, что с ним стало…',
  heldNow: (amount) => `Удержано: ${credits(amount)}; списываются, только если видео доставлено.`,
  eta: (from, to) => `Будет готово примерно через ${from === to ? from : `${from}–${to}`} с.`,
  balance: ({ available, held, expiry }) =>
    `💳 Доступно: ${credits(available)}${held > 0n ? `\n🔒 Удержано для видео в работе: ${held}` : ''}${expiry === null ? '' : `\n⌛️ ${credits(expiry.amount)} сгорают ${expiry.date}`}`,
  packs: 'Выберите пакет. Оплата звёздами Telegram.',
  noPacks: 'Сейчас пакеты здесь не продаются.',
  pack: (amount, stars) => `${credits(amount)} · ⭐️ ${stars}`,
  packTitle: (amount) => credits(amount),
  packDescription: (amount) => `${credits(amount)} на видео. Зачисляются сразу.`,
  notSold: 'Этот пакет больше не продаётся по этой цене. Отправьте /buy.',
  paid: (amount, available) => `⭐️ Спасибо! Зачислено: ${credits(amount)}. Доступно: ${available}.`,
  refundedStars: (amount) => `Звёзды возвращены, ${credits(amount)} списаны обратно.`,
  historyTitle: 'Последнее, что вы сделали. Нажмите, чтобы бесплатно получить ещё раз.',
  historyEmpty: 'Видео пока нет. Отправьте /start, чтобы сделать первое.',
  onItsWay: 'Уже отправляем.',
  invite: (link, invited) => `Пригласите друзей по этой ссылке:\n${link}\n\nПриглашено: ${invited}.`,
  paySupport: (contact) =>
    `Что-то не так с оплатой? Напишите на ${contact}, что и когда случилось: ответим в течение двух дней. Неиспользованные купленные кредиты можно вернуть звёздами. Поддержка Telegram с покупками здесь помочь не может.`,
  chooseLanguage: 'Выберите язык:',
  languageChosen: '🇷🇺 Теперь по-русски.',
  deleteWarning: (amount) =>
    `Аккаунт здесь будет удалён: ваше имя, фото, видео и тексты к ним. ${amount > 0n ? `Оставшиеся ${credits(amount)} пропадут; неиспользованные купленные сначала можно вернуть, см. /paysupport. ` : ''}\n\nОстанутся: этот чат, пока вы не удалите его в Telegram; платежи и движения кредитов, без вашего имени; и код, полученный из вашего номера в Telegram, чтобы приветственные кредиты начислялись только один раз.\n\nОтменить это нельзя.`,
  deleteButton: '🗑 Удалить всё',
  deleteBusy: 'Видео ещё делается. Дождитесь, пожалуйста, его завершения, потом можно удалить.',
  deleted:
    'Ваш аккаунт удалён. Файлы исчезнут в течение нескольких часов. Отправьте /start, если захотите вернуться.',
  unlinkWarning: ({ account, credits: amount, contact }) =>
    `Этот Telegram связан с аккаунтом ${account} на сайте. При удалении Telegram отвяжется: бот вас забудет и больше ничего сюда не пришлёт.\n\nОстанется: аккаунт на сайте с библиотекой и балансом (${credits(amount)}). Чтобы удалить и его, напишите на ${contact}.`,
  unlinkButton: '🗑 Забыть меня в Telegram',
  unlinked: 'Бот вас забыл. Аккаунт на сайте остался как был.',
  linkAsk: (account) =>
    `Связать этот Telegram с аккаунтом ${account} на сайте? Кошелёк и библиотека станут общими. Подтверждайте, только если начали это сами.`,
  linkConfirm: '🔗 Да, связать',
  linkWaits: 'Здесь подтверждено. Теперь подтвердите на странице, где вы взяли код.',
  linkInvalid: 'Код больше не действует. Возьмите новый на сайте.',
  notUnderstood: 'Я не понял. Отправьте /start, чтобы сделать видео.',
  somethingBroke: 'У нас что-то сломалось. Попробуйте через минуту. Ничего не списано.',
  locked: (amount) => `Это видео под замком: кредиты за него возвращены. Открыть: ${credits(amount)}.`,
  unlocked: '🔓 Открыто. Уже отправляем.',
  waitPlease: 'Минуту…',
  commands: {
    start: 'Сделать видео',
    balance: 'Ваши кредиты',
    buy: 'Купить кредиты',
    history: 'Ваши видео',
    invite: 'Пригласить друзей',
    language: 'Язык',
    terms: 'Условия',
    paysupport: 'Помощь с оплатой',
    delete: 'Удалить аккаунт',
  },
};
