import type { Generation, GenerationStatus } from '@holdfast/client';
import { creditsInWords, formatCredits, formatSeconds } from '../lib/format.ts';

export const receiptWords = {
  title: 'Receipt',
  quoted: 'Quoted',
  quotedNote: 'the most it could cost',
  held: 'Held',
  charged: 'Charged',
  released: 'Released',
  refunded: 'Refunded',
  chargedSoFar: 'Charged so far',
  chargedAtTheStart: 'Charged at the start',
  chargedAtTheEnd: 'Charged when it is delivered',
  owed: 'of it owed',
  units: (units: number, unit: 'second' | 'piece', each: number) =>
    unit === 'second' ? `${formatSeconds(units)} × ${each}` : `${units} × ${each}`,
  notCharged: 'You were not charged for this generation',
  addsUp: (held: number, charged: number, released: number) =>
    `${formatCredits(held)} held = ${formatCredits(charged)} charged + ${formatCredits(released)} released`,
  paidAddsUp: (paid: number, charged: number, refunded: number) =>
    `${formatCredits(paid)} paid = ${formatCredits(charged)} charged + ${formatCredits(refunded)} refunded`,
  generation: 'Generation',
};

export const generationWords = {
  title: { video: 'Video', image: 'Image' },
  headline: {
    queued: 'Waiting for its turn',
    submitting: 'Sending it off',
    running: 'Generating',
    ingesting: 'Saving the file',
    outcome_unknown: 'Checking with the provider',
    succeeded: 'Ready',
    failed: 'It failed',
    cancelled: 'Cancelled',
  } satisfies Record<GenerationStatus, string>,
  steps: {
    queued: 'Queued',
    submitting: 'Sent',
    running: 'Generating',
    ingesting: 'Saving',
    outcome_unknown: 'Checking with the provider',
    succeeded: 'Ready',
    failed: 'Failed',
    cancelled: 'Cancelled',
  } satisfies Record<GenerationStatus, string>,
  unknown:
    'The provider has not said yet how it ended. Your credits stay held, not charged, until it does, at the latest by the deadline.',
  /** What it waits for, and where it stands. */
  waitsFor: {
    turn: (position: number, of: number) =>
      position === 1
        ? 'Next in line'
        : of >= 1_000
          ? `#${formatCredits(position)} in line`
          : `#${formatCredits(position)} of ${formatCredits(of)} in line`,
    own_limit: () => 'Starts when one of your others is done',
    model_waiting: () => 'The model is paused: this waits for it, and nothing is charged meanwhile',
  } satisfies Record<NonNullable<Generation['queue']>['reason'], (position: number, of: number) => string>,
  eta: (from: number, to: number) => {
    if (to <= 1) return 'Any moment now';
    if (from <= 1) return `Ready within ${formatSeconds(Math.ceil(to))}`;
    return to < 90
      ? `Ready in ${Math.round(from)} to ${Math.round(to)} s`
      : `Ready in ${formatSeconds(from)} to ${formatSeconds(to)}`;
  },
  etaUnknown: 'Not enough recent runs to say when',
  late: 'Taking longer than usual. It goes on, and you pay for no more than the quote.',
  watching: { pushed: 'Live', polled: 'Updating every few seconds', ended: '' },
  deadline: 'Ends at the latest',
  timeline: 'Time line',
  created: 'Asked for',
  total: (seconds: number) => `${formatSeconds(seconds)} in all`,
  download: 'Download',
  downloadOne: (number: number) => `Download ${number}`,
  output: (number: number) => `Result ${number}`,
  elsewhere: 'Delivered by its renderer: there is no file here.',
  locked: (credits: number) =>
    `It did not reach you, so ${creditsInWords(credits)} went back. The file is kept here, locked.`,
  unlock: (credits: number) => `Unlock for ${creditsInWords(credits)}`,
  keptUntil: 'Kept until',
  keptSave: 'Download it before then to keep it.',
  notKept: 'Its file is not kept any more.',
  gone: 'Its file was kept until',
  goneReceipt: 'and is removed now. The receipt stays.',
  fileOf: (number: number) => `File ${number}`,
  again: 'Again',
  againHint: (credits: number) => `Same inputs, at most ${creditsInWords(credits)}`,
  edit: 'Edit and retry',
  editOk: 'Edit',
  cancel: 'Cancel',
  cancelTitle: 'Cancel this generation?',
  cancelQueued: (held: number) =>
    `It hasn’t started. ${creditsInWords(held)} go back to your balance at once and nothing is charged.`,
  cancelRunning: (held: number) =>
    `It stops, and nothing is made. ${creditsInWords(held)} go back to your balance. If it finishes before the cancel arrives, you keep the result and pay for it, never more than the quote.`,
  keep: 'Keep it running',
  doCancel: 'Cancel it',
  inputs: 'Inputs',
  inputNames: {
    template: 'Template',
    prompt: 'Prompt',
    image: 'Photo',
    duration_seconds: 'Length asked for',
    aspect_ratio: 'Shape',
    style: 'Style',
    seed: 'Seed',
    product_name: 'Product',
    product_price: 'Price on the card',
    selling_points: 'Selling points',
  } as Record<string, string>,
  photoGiven: 'Your photo',
  file: 'File',
  fileFacts: { size: 'Size', bytes: 'Weight', length: 'Length measured', sha: 'SHA-256' },
  errorTitle: 'Why it failed',
  errorRetry: 'The same request may work if you try again.',
  errorNoRetry: 'The same request would fail again: change the inputs first.',
  playerLabel: 'The generated video',
  imageAlt: 'The generated image',
  progressLabel: 'Progress',
  missingTitle: 'There is no such generation',
  missing: 'It doesn’t exist, or it isn’t yours.',
  toLibrary: 'Go to your library',
};
