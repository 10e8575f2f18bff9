import type { Letter } from '../../delivery/mail/letter.ts';

export interface LetterInput {
  readonly name: string;
  readonly publicUrl: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

type Write = (input: LetterInput) => Letter;

/** Every mail about payments, by its name. */
export const letters: Readonly<Record<string, Write>> = {
  purchase: ({ facts, publicUrl }) => ({
    subject: `Payment confirmed: ${credits(facts['credits'])}`,
    heading: 'Thank you: your credits are here',
    paragraphs: [
      `${were(facts['credits'])} added to your balance.`,
      ...repaid(facts),
      facts['months'] === null
        ? 'They never expire.'
        : `They are good for ${text(facts['months'])} months. Credits that expire soonest are always used first.`,
    ],
    rows: [
      ['Bought', text(facts['product'])],
      ['Paid', money(facts)],
      ['Order', text(facts['order'])],
    ],
    button: { words: 'Open your wallet', url: `${publicUrl}/wallet` },
    footer: receiptNote,
  }),
  gift: ({ facts, publicUrl }) => ({
    subject: `${credits(facts['credits'])} for you`,
    heading: `You were given ${credits(facts['credits'])}`,
    paragraphs: [
      text(facts['reason']),
      'They are in your balance already. There is nothing to do, and nothing to pay.',
    ],
    rows: [
      text(facts['expires_at']) === '' ? ['Expires', 'never'] : ['Good until', day(facts['expires_at'])],
    ],
    button: { words: 'Make something with them', url: `${publicUrl}/create` },
    footer: 'From the people who look after you here. Thank you for staying with us.',
  }),
  refill: ({ facts, publicUrl }) => ({
    subject: `Your plan: ${credits(facts['credits'])} added`,
    heading:
      facts['reason'] === 'subscription_update'
        ? 'Your plan was changed'
        : 'Your credits for this period are here',
    paragraphs: [
      `${were(facts['credits'])} added to your balance. Nothing you had was taken or replaced.`,
      ...repaid(facts),
      `These are good until ${day(facts['expires_at'])}.`,
    ],
    rows: [
      ['Plan', text(facts['product'])],
      ['Paid', money(facts)],
      ['Order', text(facts['order'])],
    ],
    button: { words: 'Open your wallet', url: `${publicUrl}/wallet` },
    footer: receiptNote,
  }),
  refund: ({ facts, publicUrl }) => {
    const back = BigInt(text(facts['credits']) || '0');
    const dispute = facts['kind'] === 'dispute';
    return {
      subject: back < 0n ? 'Credits given back to you' : dispute ? 'A payment was disputed' : 'Your refund',
      heading:
        back < 0n
          ? 'Your credits are back'
          : dispute
            ? 'A payment of yours was disputed'
            : 'Your payment was refunded',
      paragraphs: [
        back < 0n
          ? `${were(-back)} given back to you, because the ${dispute ? 'dispute' : 'refund'} was undone.`
          : `${credits(back)} that this payment had bought ${back === 1n ? 'was' : 'were'} taken back.`,
        ...(text(facts['debt']) !== '0'
          ? [
              `Some of them were spent already: ${credits(facts['debt'])} are owed, and are repaid first by your next purchase. Until then nothing new can be started.`,
            ]
          : []),
        'Only what this payment bought is affected. All else you have stays as it is.',
      ],
      rows: [
        [dispute ? 'Withdrawn by the bank' : 'Refunded', money(facts)],
        ['Order', text(facts['order'])],
      ],
      button: { words: 'See every movement', url: `${publicUrl}/wallet` },
      footer: dispute
        ? 'If you did not dispute it on purpose, tell your bank that the charge is right.'
        : 'Depending on your bank, the money arrives within 5 to 10 days.',
    };
  },
  payment_failed: ({ facts, publicUrl }) => ({
    subject: 'Your payment did not go through',
    heading: 'Your plan could not be paid',
    paragraphs: [
      'Your card was refused, or your bank wants you to confirm the payment. Nothing was taken from your credits, and your plan goes on while we try again.',
      facts['next_attempt_at'] === null || facts['next_attempt_at'] === undefined
        ? 'There will be no further try by itself: please pay by the button below, or choose another card in your wallet.'
        : `The next try is on ${day(facts['next_attempt_at'])}. To be sure, pay by the button below, or choose another card before.`,
    ],
    rows: [['Due', money(facts)]],
    button:
      text(facts['url']) === ''
        ? { words: 'Update your card', url: `${publicUrl}/wallet` }
        : { words: 'Pay or change the card', url: text(facts['url']) },
    footer: 'If the card keeps being refused, the plan ends; the credits you have stay until they expire.',
  }),
  top_up: ({ facts, publicUrl }) => ({
    subject: `Automatic top-up: ${credits(facts['credits'])}`,
    heading: 'Your balance was topped up',
    paragraphs: [
      `Your balance had fallen below the threshold you set, so ${were(facts['credits'])} bought with your saved card.`,
      ...repaid(facts),
    ],
    rows: [
      ['Bought', text(facts['product'])],
      ['Paid', money(facts)],
      ['Order', text(facts['order'])],
    ],
    button: { words: 'Change or turn off automatic top-up', url: `${publicUrl}/wallet` },
    footer: 'You get a mail each time, and never pay more in a month than the cap you set.',
  }),
  top_up_failed: ({ facts, publicUrl }) => ({
    subject: 'Automatic top-up was paused',
    heading: 'Your card was refused, so automatic top-up is paused',
    paragraphs: ['Nothing was charged. It stays paused until you turn it on again.'],
    rows: [['Not charged', money(facts)]],
    button: { words: 'Open your wallet', url: `${publicUrl}/wallet` },
    footer: 'The credits you have are not affected.',
  }),
};

const receiptNote = 'The receipt is in your wallet, with every other payment.';

function repaid(facts: LetterInput['facts']): string[] {
  const amount = text(facts['repaid']);
  return amount === '' || amount === '0' ? [] : [`${credits(amount)} of them repaid what you owed.`];
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : '';
}

function credits(value: unknown): string {
  const amount = text(value);
  return `${amount} ${amount === '1' ? 'credit' : 'credits'}`;
}

function were(value: unknown): string {
  return `${credits(value)} ${text(value) === '1' ? 'was' : 'were'}`;
}

/** `amount` and `currency` of the facts, as people write money. */
function money(facts: LetterInput['facts']): string {
  return formatMoney(BigInt(text(facts['amount']) || '0'), text(facts['currency']) || 'usd');
}

/** An amount in its currency's minor unit, as people write it. */
export function formatMoney(minor: bigint, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(Number(minor) / 10 ** digits);
}

function day(value: unknown): string {
  return new Date(text(value)).toLocaleDateString('en', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
