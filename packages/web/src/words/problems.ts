import { creditsInWords, formatCredits, formatSeconds } from '../lib/format.ts';

/** What a person reads for each code the server can answer with. Facts come from the answer itself; other codes say the server's own sentence. */
export const problemWords = {
  titles: {
    network: 'Can’t reach the server',
    offline: 'You are offline',
    unknown: 'Something went wrong',
  },
  network: 'Nothing was lost. Check the connection and try again.',
  server: 'The fault is ours, not yours. Nothing was charged. Try again in a moment.',
  insufficient_credits: (required: number, available: number, shortfall: number) =>
    `This needs ${creditsInWords(required)} and ${formatCredits(available)} ${available === 1 ? 'is' : 'are'} available: ${formatCredits(shortfall)} short. Nothing was held.`,
  wait: (seconds: number) => `Please wait ${formatSeconds(seconds)} and try again. Nothing was held.`,
  byCodeTitles: {
    internal: 'Something went wrong',
    unauthenticated: 'Sign in first',
    invalid_email_or_password: 'That didn’t work',
    user_already_exists: 'You have an account',
    user_already_exists_use_another_email: 'You have an account',
    password_too_weak: 'Choose another password',
    password_too_short: 'Choose another password',
    password_too_long: 'Choose another password',
    invalid_password: 'That didn’t work',
    not_cancellable: 'Too late to cancel',
    model_unavailable: 'This model is paused',
  } as Record<string, string>,
  byCode: {
    unauthenticated: 'Your session has ended. Sign in again to go on.',
    session_expired: 'Your session has ended. Sign in again to go on.',
    session_invalid: 'Your session has ended. Sign in again to go on.',
    not_found: 'It doesn’t exist, or it isn’t yours.',
    quote_expired:
      'The price was only held for a while and has run out. Press the button again for a fresh one.',
    model_unavailable:
      'This model is paused at the moment. Nothing was held. Choose the other one, or try later.',
    body_too_large: 'That is too large to be sent.',
    upload_not_an_image: 'That file is not a picture that can be read. Use a JPEG, PNG or WebP photo.',
    upload_too_many_pixels: 'That picture has more pixels than can be opened safely. Use a smaller one.',
    upload_empty: 'That file is empty.',
    too_many_generations:
      'As many generations as your account allows are running. Wait for one to finish. Nothing was held.',
    not_cancellable: 'It has finished, or its provider can no longer stop.',
    idempotency_conflict: 'This was already sent with other inputs. Reload the page and try again.',
    invalid_email_or_password: 'That mail address and password don’t match.',
    invalid_email: 'That isn’t a mail address.',
    user_already_exists: 'There is an account with this mail address already. Sign in instead.',
    user_already_exists_use_another_email:
      'There is an account with this mail address already. Sign in instead.',
    invalid_password: 'That isn’t your present password.',
    invalid_token: 'This link was used already or has run out. Ask for a new one.',
    token_expired: 'This link has run out. Ask for a new one.',
    webhook_url_invalid: 'Give an address that starts with https:// and has no password in it.',
    file_removed: 'It was kept as long as its page said, and is gone. Nothing was charged.',
    link_not_ready: 'Confirm it in Telegram first, or start again: a code lives ten minutes.',
    link_taken: 'One of the two accounts is linked with another one already. Nothing was changed.',
    link_busy: 'Something is still being made in Telegram. Wait until it is done, then confirm again.',
    storage_full: 'There is no room for new files on this server just now. Nothing was held.',
  } as Record<string, string>,
};
