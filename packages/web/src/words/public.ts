import type { ModelStatus } from '@holdfast/client';
import { creditsInWords, formatCredits, secondsRange } from '../lib/format.ts';

export const landingWords = {
  title: 'Pay for exactly what was delivered',
  headline: 'Pay for exactly what was delivered.',
  lead: 'Make videos and images from a sentence or a photo. Credits are held when you start, charged by the seconds you get, and released when anything goes wrong. Every generation comes with a receipt that adds up.',
  start: 'Start free',
  startSignedIn: 'Open the studio',
  seePricing: 'See what it costs',
  free: (credits: number, months: number) =>
    `${creditsInWords(credits)} to begin with, good for ${months} months. No card.`,
  exampleCaption: 'Five seconds asked for, 4.2 delivered: 8 credits came back by themselves.',
  makesTitle: 'Made here, frame for frame',
  makes: [
    { picture: 'style-paper', make: 'video-prompt', name: 'Paper, from a sentence' },
    { picture: 'style-nocturne', make: 'video-prompt', name: 'Nocturne, from a sentence' },
    { picture: 'make-video-reels', make: 'video-reels', name: 'Reels, from a photo' },
    { picture: 'style-echo', make: 'video-prompt', name: 'Echo, from a sentence' },
    { picture: 'style-signal', make: 'video-prompt', name: 'Signal, from a sentence' },
    { picture: 'make-video-neurocard', make: 'video-neurocard', name: 'Product card, from a photo' },
    { picture: 'style-poster', make: 'image-prompt', name: 'Poster, from a sentence' },
    { picture: 'style-aura', make: 'video-prompt', name: 'Aura, from a sentence' },
  ],
  promises: [
    {
      title: 'Never more than the quote',
      text: 'The price stands on the button before you press it. The final charge is measured in the finished file and can only be lower.',
    },
    {
      title: 'Nothing for a failure',
      text: 'If a generation fails, or you cancel in time, you are not charged, and the page says so in as many words.',
    },
    {
      title: 'You see where it is',
      text: 'Your place in the line, a time range from recent runs, and progress counted in finished frames. Close the page, it goes on.',
    },
    {
      title: 'Every credit has a history',
      text: 'Total is available plus held, always. Each movement is a line, linked to the generation that caused it.',
    },
  ],
};

export const pricingWords = {
  title: 'Pricing',
  lead: 'One credit system, said in plain words.',
  models: 'What things cost',
  status: 'How they do today',
  perSecond: (credits: number) => `${formatCredits(credits)} per second`,
  perPiece: (credits: number) => `${formatCredits(credits)} each`,
  example: (seconds: number, credits: number) => `${seconds} s: at most ${formatCredits(credits)}`,
  wait: (from: number, to: number) => `usually ${secondsRange(from, to)}`,
  signUp: (credits: number, months: number) =>
    `A new account starts with ${creditsInWords(credits)}, good for ${months} months.`,
  signUpVerified: (credits: number, months: number) =>
    `A new account starts with ${creditsInWords(credits)} once its mail address is verified, good for ${months} months.`,
  rules: 'The rules',
  ruleList: (months: number) => [
    {
      title: 'Held, then charged',
      text: 'When you start, the quoted price is held. When the file is stored, the seconds in it are measured and charged, rounded up to a whole credit and never above the quote. The rest is released at once.',
    },
    {
      title: 'When it fails',
      text: 'A generation that fails is not charged. The whole hold is released in the same instant in which the failure is recorded.',
    },
    {
      title: 'When you cancel',
      text: 'Cancel while a generation waits or runs, and the hold is released. If the result arrived first, you keep it and pay for it.',
    },
    {
      title: 'Expiry',
      text: `Credits are good for ${months} calendar months from the day you get them. What expires first is spent first, and your wallet shows the date of each lot.`,
    },
    {
      title: 'What is held can’t expire under you',
      text: 'Credits that are held for a running generation still pay for it, even when their date passes before it ends.',
    },
  ],
};

export const statusWords = {
  title: 'Status',
  lead: 'How each model does today, counted from what people made in the last 24 hours.',
  allFine: 'Everything works.',
  someWait: 'Not everything works as it should. What fails or waits is not charged.',
  states: {
    working: 'Working',
    degraded: 'Fails more often than it should',
    recovering: 'Coming back',
    waiting: 'Waiting for its provider',
    paused: 'Paused',
  } satisfies Record<ModelStatus['status'], string>,
  success: 'Succeeded',
  median: 'Median time',
  none: 'No runs today',
  /** Beside the model picker. */
  rate: (rate: number) => `${percent(rate)} succeed today`,
  note: 'What a person’s own words or photo made fail is not counted.',
};

/** Never more than it is: 100 % is every one. */
export function percent(rate: number): string {
  return `${Math.floor(rate * 100)} %`;
}
