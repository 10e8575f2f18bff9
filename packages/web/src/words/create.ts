import { creditsInWords, formatCredits, formatSeconds, secondsRange } from '../lib/format.ts';

export const createWords = {
  title: 'Create',
  templates: 'What to make',
  kinds: { video: 'Video', image: 'Image' },
  model: 'Quality',
  perSecond: (credits: number) => `${formatCredits(credits)} credits per second`,
  perPiece: (credits: number) => `${formatCredits(credits)} credits each`,
  wait: (from: number, to: number) => `Usually ${secondsRange(from, to)}`,
  waitUnknown: 'No recent runs yet',
  paused: 'Paused',
  pausedLong: 'This model is paused at the moment. It takes no new work and holds no credits.',
  allPaused: 'Every model for this is paused at the moment. Nothing is held. Please come back later.',
  length: 'Length',
  seconds: (count: number) => `${count} s`,
  shape: 'Shape',
  shapes: { '9:16': 'Story', '1:1': 'Square', '16:9': 'Wide' },
  optional: 'Optional',
  /** Stand in an empty field, by the input's name. */
  examples: {
    prompt: 'First light on the water, a lighthouse slowly turning',
  } as Record<string, string>,
  automatic: 'Automatic',
  more: 'More options',
  prefilled: 'Filled in from an earlier generation. Change what you like.',
  photo: {
    drop: 'Drop a photo here, or choose one',
    choose: 'Choose a photo',
    camera: 'Use the camera',
    limits: (megabytes: number) => `JPEG, PNG or WebP, up to ${megabytes} MB`,
    sending: 'Sending the photo',
    replace: 'Replace',
    remove: 'Remove',
    ready: 'Photo ready',
    earlier: 'The photo of the earlier generation',
    alt: 'Your photo',
    tooLarge: (megabytes: number) => `This photo is larger than ${megabytes} MB. Choose a smaller one.`,
    notImage: 'This is not a picture. Choose a JPEG, PNG or WebP photo.',
  },
  list: {
    item: (label: string, number: number) => `${label}, line ${number}`,
    add: 'Add a line',
    remove: (number: number) => `Remove line ${number}`,
    count: (used: number, most: number) => `${used} of ${most}`,
  },
  missing: (label: string) => `${label} is needed.`,
  missingPhoto: 'Add a photo first.',
  tooLong: (over: number) => `${over} ${over === 1 ? 'character' : 'characters'} too long.`,
  button: (kind: 'video' | 'image', credits: number) => `Create ${kind} · ${creditsInWords(credits)}`,
  buttonPerSecond: (credits: number) => `At most ${formatCredits(credits)}, you pay for the seconds you get`,
  buttonPerPiece: (credits: number) => `At most ${formatCredits(credits)}, nothing if it fails`,
  working: 'Starting',
  accept: (credits: number) => `Accept ${creditsInWords(credits)} and create`,
  priceChanged: (before: number, now: number) =>
    `The price is ${creditsInWords(now)} now, not ${formatCredits(before)}. Nothing was held. Press again if you agree.`,
  short: (shortfall: number) => `${creditsInWords(shortfall)} short`,
  shortText: (required: number, available: number) =>
    `This needs ${formatCredits(required)} and ${formatCredits(available)} ${available === 1 ? 'is' : 'are'} available.`,
  shortHeld: (held: number) =>
    `${creditsInWords(held)} more are held by running generations; what they don’t use comes back.`,
  shorten: (seconds: number, credits: number) =>
    `Make it ${formatSeconds(seconds)} for ${formatCredits(credits)}`,
  waitCooldown: (seconds: number) => `Ready again in ${formatSeconds(seconds)}`,
  cooldown: 'A short pause between two starts keeps your credits in step and prevents duplicate charges.',
  breakdown: {
    open: 'How the price is made',
    calc: (units: number, unit: 'second' | 'piece', each: number) =>
      unit === 'second'
        ? `${formatSeconds(units)} × ${formatCredits(each)}`
        : `${units} × ${formatCredits(each)}`,
    most: 'The most it costs',
    available: 'Available now',
    after: 'Balance after, at least',
    explain:
      'The credits are held when you press. You are charged for the seconds in the finished file, the rest comes back.',
    explainPiece: 'The credits are held when you press and charged when the file is stored.',
    version: 'Price',
  },
  after: 'Balance after',
  rule: 'If it fails or you cancel in time, nothing is charged and the held credits come back by themselves.',
  preview: 'The shape of the result',
  emptyTitle: 'Nothing can be made here yet',
  empty: 'No model is set up on this server.',
};
