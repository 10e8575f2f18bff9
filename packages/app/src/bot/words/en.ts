import type { BotWords } from './words-table.ts';

const credits = (amount: bigint): string => `${amount} ${amount === 1n ? 'credit' : 'credits'}`;

export const en: BotWords = {
  credits,
  welcome: (name, gift) =>
    `Hello ${name}! I make short videos from your photos.\n\nYou pay in credits, and only for what is really delivered.${gift > 0n ? ` You start with ${credits(gift)}.` : ''}\n\nBy pressing “Accept” you agree to the terms (/terms).`,
  accept: '✅ Accept',
  terms: (url) =>
    `The terms in short: credits pay for videos; what is not delivered is not charged; bought credits are refunded as the law asks, see /paysupport; your photos are used for your videos alone.\n\nIn full: ${url}`,
  chooseProduct: 'What shall we make?',
  products: { neurocard: '🛍 Neurocard', reels: '🎬 Reels' },
  productHelp: {
    neurocard: 'Neurocard: your product with its name, price and selling points.',
    reels: 'Reels: a slow camera over your photo, with captions.',
  },
  sendPhoto: (product) => `${product}\n\nNow send me one photo.`,
  needPhoto: 'I need a photo here, please: one picture, as a photo or a file.',
  photoTooLarge: (megabytes) =>
    `This photo is too large: ${megabytes} MB are the most. Please send a smaller one. Nothing was charged.`,
  photoUnreadable: 'I can’t read this as a photo. Please send a JPEG, PNG or WebP. Nothing was charged.',
  photoTaken: '📷 The photo is fine.',
  albumFirst: 'I took the first photo of the album.',
  describe: {
    neurocard:
      'Now describe the product. First line: its name. Second line: its price. Then up to six selling points, a line each.',
    reels: 'Now write the captions, a sentence each. Or press “Skip”.',
  },
  skip: 'Skip',
  needText: 'Please send text here.',
  textTooLong: (most, given) =>
    `This text has ${given} characters, and ${most} are the most. Please shorten it. Nothing was charged.`,
  nameTooLong: (most) => `The first line is the name: at most ${most} characters, please.`,
  chooseStyle: 'Choose a style:',
  restyle: '🎨 Style',
  surprise: '🎲 Surprise me',
  styles: {
    warm: '🌅 Warm',
    film: '🎞 Film',
    sea: '🌊 Sea',
    dusk: '🌆 Dusk',
    forest: '🌲 Forest',
    rose: '🌹 Rose',
    night: '🌙 Night',
    mono: '⚫️ Black and white',
    light: '🤍 Light',
    dark: '🖤 Dark',
    vivid: '🌈 Vivid',
  },
  confirm: ({ product, seconds, price, available, held }) =>
    `${product}, ${seconds} s\n\nPrice: at most ${credits(price)}; you pay for the seconds you get.\nBalance: ${credits(available)} available${held > 0n ? `, ${held} held` : ''}.`,
  confirmButton: (price, available) => `✅ Generate · ${price} of your ${credits(available)}`,
  cancel: '✖️ Cancel',
  cancelled: 'Cancelled. Nothing was charged.',
  tooLittle: ({ price, available, shortfall }) =>
    `This needs ${credits(price)} and you have ${available}: ${shortfall} more are needed. Nothing was charged.`,
  buy: '⭐️ Buy credits',
  priceChanged: 'The price has changed: please look again.',
  offerGone: 'This is no longer open. Send /start to begin anew. Nothing was charged.',
  alreadyStarted: 'Already started.',
  nothingHeld: 'Nothing was charged.',
  starting: '⏳ Starting…',
  queued: (position) => `⏳ Queued${position === null ? '' : `, #${position} in line`}.`,
  running: (percent, kind) =>
    `${kind === 'video' ? '🎬 Making your video' : '🖼 Making your picture'}${percent === null ? '…' : `: ${percent} %`}`,
  saving: '💾 Saving it…',
  unknown: '🔎 Checking with the provider what became of it…',
  heldNow: (amount) => `${credits(amount)} held; you pay only if it is delivered.`,
  eta: (from, to) => `Ready in about ${from === to ? from : `${from} to ${to}`} s.`,
  balance: ({ available, held, expiry }) =>
    `💳 ${credits(available)} available${held > 0n ? `\n🔒 ${held} held for videos under way` : ''}${expiry === null ? '' : `\n⌛️ ${credits(expiry.amount)} expire on ${expiry.date}`}`,
  packs: 'Choose a pack. You pay in Telegram Stars.',
  noPacks: 'No packs are on sale here at the moment.',
  pack: (amount, stars) => `${credits(amount)} · ⭐️ ${stars}`,
  packTitle: (amount) => credits(amount),
  packDescription: (amount) => `${credits(amount)} for videos. They are there at once.`,
  notSold: 'This pack is no longer sold at this price. Send /buy for today’s.',
  paid: (amount, available) =>
    `⭐️ Thank you! ${credits(amount)} were added. You have ${available} available.`,
  refundedStars: (amount) => `Your Stars were refunded, and ${credits(amount)} were taken back.`,
  historyTitle: 'What you made last. Press one to get it here again, free of charge.',
  historyEmpty: 'No videos yet. Send /start to make one.',
  onItsWay: 'On its way.',
  invite: (link, invited) => `Invite friends with this link:\n${link}\n\nInvited so far: ${invited}.`,
  paySupport: (contact) =>
    `Something wrong with a payment? Write to ${contact} with what happened and when: we answer within two days. Unused bought credits can be refunded in Stars. Telegram’s own support can’t help with purchases made here.`,
  chooseLanguage: 'Choose a language:',
  languageChosen: '🇬🇧 English it is.',
  deleteWarning: (amount) =>
    `This deletes your account here: your name, your photos, your videos and what you wrote for them. ${amount > 0n ? `The ${credits(amount)} you have left are lost; unused bought ones can be refunded first, see /paysupport. ` : ''}\n\nWhat stays: this chat, until you delete it in Telegram; payments and movements of credits, without your name; and a code made from your Telegram number, so that the welcome credits are given only once.\n\nIt can’t be undone.`,
  deleteButton: '🗑 Delete everything',
  deleteBusy: 'A video is still being made. Please wait until it is done; then it can be deleted.',
  deleted: 'Your account was deleted. Files are gone within hours. Send /start if you want to come back.',
  unlinkWarning: ({ account, credits: amount, contact }) =>
    `This Telegram account is linked with ${account} on the web. Deleting takes Telegram out of it: the bot forgets you, and sends nothing here any more.\n\nWhat stays: the web account with its library and ${credits(amount)}. To have that deleted too, write to ${contact}.`,
  unlinkButton: '🗑 Forget me in Telegram',
  unlinked: 'The bot has forgotten you. Your account on the web is as it was.',
  linkAsk: (account) =>
    `Link this Telegram account with ${account} on the web? You will have one wallet and one library. Confirm only if you started this yourself.`,
  linkConfirm: '🔗 Yes, link them',
  linkWaits: 'Confirmed here. Now confirm on the web page where you got the code.',
  linkInvalid: 'This code is not valid any more. Get a new one on the web.',
  notUnderstood: 'I did not understand that. Send /start to make a video.',
  somethingBroke: 'Something went wrong on our side. Please try again in a minute. Nothing was charged.',
  locked: (amount) =>
    `This video is locked since its credits were refunded. It opens for ${credits(amount)}.`,
  unlocked: '🔓 Unlocked. It is on its way.',
  waitPlease: 'One moment…',
  commands: {
    start: 'Make a video',
    balance: 'Your credits',
    buy: 'Buy credits',
    history: 'Your videos',
    invite: 'Invite friends',
    language: 'Language',
    terms: 'Terms',
    paysupport: 'Help with payments',
    delete: 'Delete my account',
  },
};
