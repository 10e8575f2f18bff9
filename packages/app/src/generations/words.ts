import type { ErrorClass } from '../providers/port.ts';

export type Locale = 'en';

/** Codes of Holdfast's own; a provider's own codes fall back on their class. */
export type FailureCode =
  | 'deadline'
  | 'interrupted'
  | 'output_unplayable'
  | 'output_unavailable'
  | 'task_gone'
  | 'hold_ended'
  | 'outcome_unknown'
  | 'text_not_drawable'
  | 'photo_unreadable';

/**
 * What people are told, by the exact code where we have better words for it, else by whose doing it was. An operator's fault
 * is never told as the person's. What happened to the credits is added by the caller, always.
 */
const byCode: Record<Locale, Record<FailureCode, string>> = {
  en: {
    deadline: 'Generation took too long. Please retry.',
    interrupted: 'Generation was interrupted too often on our side. Please retry.',
    output_unplayable: 'The result could not be played, so it was not delivered. Please retry.',
    output_unavailable: 'The result could not be fetched. Please retry.',
    task_gone: 'The result was lost before it could be fetched. Please retry.',
    hold_ended: 'The credits held for this were released before it was done. Please retry.',
    outcome_unknown: 'We could not find out what became of this in time. Please retry.',
    text_not_drawable: "None of this text's letters can be drawn. Please use other words.",
    photo_unreadable: 'The photo could not be read. Please upload another one.',
  },
};

const byClass: Record<Locale, Record<ErrorClass, string>> = {
  en: {
    USER_INPUT: 'This could not be made from what was given. Please change it and try again.',
    USER_POLICY: 'This was declined by the content rules. Please change the words or the photo.',
    TRANSIENT: 'The service was too busy. Please try again in a few minutes.',
    SYSTEM: 'Something went wrong while making this. Please retry.',
    OPERATOR_BALANCE: 'This model is not available at the moment. Please try again later, or another model.',
    OPERATOR_AUTH: 'This model is not available at the moment. Please try again later, or another model.',
    OPERATOR_CONFIG: 'This model is not available at the moment. Please try again later, or another model.',
    CANCELLED: 'This was cancelled.',
    UNKNOWN: 'Something went wrong while making this. Please retry.',
  },
};

export function failureWords(code: string, errorClass: ErrorClass, locale: Locale = 'en'): string {
  return (byCode[locale] as Record<string, string>)[code] ?? byClass[locale][errorClass];
}

/** Whether asking for the same again may work. */
export function isWorthRetrying(errorClass: ErrorClass): boolean {
  return errorClass !== 'USER_INPUT' && errorClass !== 'USER_POLICY';
}

/** The refusal of a start that came too soon after the one before it. */
export function cooldownWords(kind: 'video' | 'image', seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  const wait =
    seconds < 60
      ? `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
      : `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
  return `Please wait ${wait} before starting another ${kind} generation. This keeps your credits in step and prevents duplicate charges.`;
}
