import type { Delivery } from '@holdfast/client';

export const deliveryWords = {
  title: 'Handed over',
  channel: {
    library: 'Library',
    telegram: 'Telegram',
    mail: 'Mail',
    webhook: 'Webhook',
  } satisfies Record<Delivery['channel'], string>,
  state: {
    pending: 'Waiting',
    sending: 'Being sent',
    delivered: 'Delivered',
    refused: 'Not delivered',
    uncertain: 'May have arrived',
  } satisfies Record<Delivery['state'], string>,
  event: {
    succeeded: 'Ready',
    failed: 'Failed',
    cancelled: 'Cancelled',
    refunded: 'Refunded',
    resent: 'Sent again',
  } satisfies Record<Delivery['event'], string>,
  next: 'next try',
  attempts: (count: number) => (count === 1 ? '1 attempt' : `${count} attempts`),
  attempt: (number: number) => `Attempt ${number}`,
  outcome: {
    delivered: 'Taken',
    again: 'Not taken, tried again',
    refused: 'Refused',
    uncertain: 'No answer: it may have arrived',
  } as Record<string, string>,
  underWay: 'Under way',
  /** Why something did not arrive, in words; a code that has none is shown as it is. */
  reason: (code: string): string => {
    const status = /^http_(\d+)$/.exec(code)?.[1];
    if (status)
      return status.startsWith('3')
        ? `It redirected (${status}), which is not followed`
        : `It answered ${status}`;
    if (/^smtp_\d+$/.test(code)) return `The mail server refused it (${code.slice(5)})`;
    return reasons[code] ?? code.replaceAll('_', ' ');
  },
};

const reasons: Record<string, string> = {
  private_address: 'Its address lies in a private network, which is not called',
  wrong_protocol: 'Only https is called',
  endpoint_gone: 'It was removed or is switched off',
  connect_timeout: 'No connection in time',
  timeouterror: 'No answer in time',
  econnrefused: 'Nothing listens there',
  econnreset: 'The connection was cut',
  enotfound: 'There is no such host',
  eai_again: 'The host’s name could not be looked up',
  blocked: 'You have blocked the bot',
  deactivated: 'That Telegram account is gone',
  chat_not_found: 'That chat is gone',
  never_started: 'The bot may not write to you before /start',
  flood: 'Telegram asked to wait',
  worker_lost: 'Its sending was cut off on our side',
  no_answer: 'No answer came',
  smtp_not_taken: 'The mail server did not take it',
  smtp_no_answer: 'The mail server did not answer',
  not_prepared: 'It could not be prepared',
  forgotten: 'You deleted your account there',
};

export const webhookWords = {
  title: 'Webhooks',
  note: 'Your own programs are told when a generation ends: signed as Standard Webhooks say, and again for a day where they don’t answer.',
  url: 'Address',
  urlPlaceholder: 'https://example.com/holdfast',
  add: 'Add webhook',
  emptyTitle: 'No webhooks yet',
  empty: 'Add an address to be told of each generation’s end.',
  added: 'Added',
  off: 'Switched off',
  show: 'Deliveries',
  secretTitle: 'Copy this signing secret now',
  secret: 'It is shown only this once. With it your program checks that a call is from here.',
  secretLabel: 'Signing secret',
  copied: 'I have copied it',
  screen: {
    title: 'Webhook',
    back: 'Account',
    deliveries: 'Deliveries',
    deliveriesNote:
      'Each with every attempt. Sent again, it keeps its id, so that your program can tell a copy.',
    none: 'Nothing was sent yet. The next generation that ends is told here.',
    end: 'That is everything.',
    offTitle: 'It is switched off',
    offText: (why: string) =>
      `${why.charAt(0).toUpperCase()}${why.slice(1)}. Nothing is sent until you make a new secret.`,
    rotate: 'New secret',
    rotateTitle: 'Make a new signing secret?',
    rotateText:
      'The present one signs along for a day, so that you can change your program in peace. Whatever was rotated out before ends now.',
    remove: 'Remove',
    removeTitle: 'Remove this webhook?',
    removeText: 'It is called no more, and what waits for it is given up.',
    keep: 'Keep it',
    replay: 'Send again',
    replayed: 'On its way again',
    generation: 'Generation',
    missingTitle: 'There is no such webhook',
    missing: 'It was removed, or it isn’t yours.',
  },
};

export const mailWords = {
  title: 'Mails',
  note: 'What we write to you about. Mails about your account and your payments always come.',
  noAddress: 'Mails about results go to verified addresses alone.',
  verify: 'Verify yours',
  topics: {
    ready: {
      label: 'Ready',
      help: 'A video or an image is ready: its picture, a link, and what was charged.',
    },
    failed: { label: 'Failed', help: 'Something could not be made, and what became of the credits.' },
    news: {
      label: 'News and apologies',
      help: 'Rare: when something went wrong on our side, and what you get for it.',
    },
  },
};
