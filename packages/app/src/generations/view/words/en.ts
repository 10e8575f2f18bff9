import { plural } from './words-table.ts';
import type { Words } from './words-table.ts';

const number = new Intl.NumberFormat('en');
const form = plural('en');
const count = (amount: bigint | number, one: string, other: string) =>
  `${number.format(amount)} ${form(amount, { one, other })}`;
const credits = (amount: bigint) => count(amount, 'credit', 'credits');
const unavailable = 'This model is not available at the moment. Please try again later, or another model.';

export const en: Words = {
  credits,
  codes: {
    deadline: {
      back: 'Generation took too long. Credits refunded. Please retry.',
      none: 'Generation took too long. Please retry.',
    },
    interrupted: 'Generation was interrupted too often on our side. Please retry.',
    output_unplayable: 'The result could not be played, so it was not delivered. Please retry.',
    output_unavailable: 'The result could not be fetched. Please retry.',
    task_gone: 'The result was lost before it could be fetched. Please retry.',
    hold_ended: 'The credits held for this were released before it was done. Please retry.',
    credit_gone: 'Your credits no longer covered this when it was done, so it was not delivered.',
    outcome_unknown: 'We could not find out what became of this in time. Please retry.',
    delivery_failed: {
      back: 'Send failed. Credits refunded. Please try again.',
      none: 'Send failed. Please try again.',
    },
    released_by_operator: 'This was stopped by our team because it would not finish. Please retry.',
    text_not_drawable: "None of this text's letters can be drawn. Please use other words.",
    text_too_long: 'The text is too long for this model. Please shorten it.',
    photo_unreadable: 'The photo could not be read. Please upload another one.',
    photo_quality: 'Photo quality too low. Please try with better lighting.',
    photo_too_large: 'The photo is too large for this model. Please upload a smaller one.',
    result_declined: 'The result was declined by the content rules. Please change the words or the photo.',
    moderation_refused: 'This was declined by our content rules. Please change the words or the photo.',
  },
  classes: {
    USER_INPUT: 'This could not be made from what was given. Please change it and try again.',
    USER_POLICY: 'This was declined by the content rules. Please change the words or the photo.',
    TRANSIENT: 'The service was too busy. Please try again in a few minutes.',
    SYSTEM: 'Something went wrong while making this. Please retry.',
    OPERATOR_BALANCE: unavailable,
    OPERATOR_AUTH: unavailable,
    OPERATOR_CONFIG: unavailable,
    CANCELLED: 'This was cancelled.',
    UNKNOWN: 'Something went wrong while making this. Please retry.',
  },
  clause: {
    charged: (amount) => `${credits(amount)} charged.`,
    released: (amount) =>
      `You were not charged: ${credits(amount)} ${form(amount, { one: 'is', other: 'are' })} available again.`,
    refunded: (amount) =>
      `You were not charged: ${credits(amount)} ${form(amount, { one: 'was', other: 'were' })} refunded.`,
    nothing: 'You were not charged.',
  },
  receipt: {
    held_by_second: (amount) => `${credits(amount)} held. You pay for the seconds you get, never more.`,
    held_by_piece: (amount) => `${credits(amount)} held. You pay when it is delivered.`,
    held_unknown: (amount) =>
      `${credits(amount)} held while we find out what became of it. You pay only if it is delivered.`,
    prepaid: (amount) => `${credits(amount)} charged at the start. They are refunded if it fails.`,
    postpaid: (most) => `Nothing held. You pay when it is delivered, at most ${credits(most)}.`,
    delivered: 'Delivered',
    delivered_seconds: (seconds) => `${number.format(seconds)} s delivered`,
    delivered_some: (some, all) => `${some} of ${all} delivered`,
    charged: (what, amount, released) =>
      `${what}: ${credits(amount)} charged${released > 0n ? `, ${number.format(released)} released` : ''}.`,
    charged_and_refunded: (what, amount, refunded) =>
      `${what}: ${credits(amount)} charged, ${number.format(refunded)} refunded.`,
    charged_and_owed: (what, amount, owed) =>
      `${what}: ${credits(amount)} charged, ${number.format(owed)} of them owed.`,
    not_charged: (what) => `${what}. You were not charged.`,
  },
  refusals: {
    cooldown: (kind, { unit, amount }) =>
      `Please wait ${count(amount, unit, `${unit}s`)} before starting another ${kind} generation. ` +
      'This keeps your credits in step and prevents duplicate charges.',
    too_many: (unfinished) =>
      `You have ${count(unfinished, 'generation', 'generations')} under way, which is as many as can be at once: ` +
      'please wait for one to finish, or cancel one.',
    unavailable: (model, why) =>
      `${model} is not available at the moment${why === null ? '' : `: ${why}`}. Please try another model, or later.`,
    quote_expired: 'This quote has expired: ask for a new one.',
    account_frozen:
      'This account is being looked into: nothing can be started until that is done. Please write to support.',
    ended_already: 'This has already ended.',
    too_late_to_cancel: 'This is too far along to be stopped: you pay only if it is delivered.',
    insufficient: ({ required, available, shortfall }) =>
      `This needs ${credits(required)} and ${number.format(available)} ${form(available, { one: 'is', other: 'are' })} available: ` +
      `${number.format(shortfall)} more ${form(shortfall, { one: 'is', other: 'are' })} needed.`,
    moderation_refused:
      'This is declined by our content rules. Please change the words or the photo. You were not charged.',
    moderation_paused: ({ unit, amount }) =>
      `Several requests of yours were declined by our content rules, so new ones are paused for ${count(amount, unit, `${unit}s`)}. ` +
      'You were not charged.',
  },
};
