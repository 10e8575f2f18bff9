import type { Mailer } from './port.ts';

interface Recipient {
  readonly email: string;
  readonly name: string;
}

/** The mails that sign-in sends. */
export function createSignInMails(mailer: Mailer) {
  return {
    verifyAddress: (to: Recipient, link: string) =>
      mailer.send({
        to: to.email,
        subject: 'Confirm your mail address',
        link,
        text: letter(to, [
          'Please confirm that this is your mail address by opening this link within a day:',
          link,
          'If you did not sign up, ignore this mail: nothing else will come.',
        ]),
      }),
    resetPassword: (to: Recipient, link: string) =>
      mailer.send({
        to: to.email,
        subject: 'Choose a new password',
        link,
        text: letter(to, [
          'Open this link within an hour to choose a new password:',
          link,
          'If you did not ask for this, ignore this mail: your password stays as it is.',
        ]),
      }),
    passwordChanged: (to: Recipient) =>
      mailer.send({
        to: to.email,
        subject: 'Your password was changed',
        text: letter(to, [
          'Your password was changed, and every other session was ended.',
          'If this was not you, ask for a new password at once.',
        ]),
      }),
  };
}

function letter(to: Recipient, paragraphs: readonly string[]): string {
  // A name is what someone typed, perhaps with another person's address: never a link, never more than a short line.
  const name = to.name
    .replaceAll(/[^\p{L}\p{M}\p{N}'’ -]+/gu, ' ')
    .replaceAll(/ +/g, ' ')
    .slice(0, 60)
    .trim();
  return [name ? `Hello ${name},` : 'Hello,', ...paragraphs, 'Holdfast'].join('\n\n');
}
