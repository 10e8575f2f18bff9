import { creditsInWords } from '../lib/format.ts';

/** Sign up, sign in, forgotten password, verification. */
export const welcomeWords = {
  email: 'Mail address',
  name: 'Name',
  password: 'Password',
  newPassword: 'New password',
  passwordHelp: (least: number) => `At least ${least} characters.`,
  show: 'Show',
  hide: 'Hide',
  signUp: {
    title: 'Create your account',
    lead: (credits: number, months: number) =>
      credits > 0
        ? `You start with ${creditsInWords(credits)}, good for ${months} months. No card.`
        : 'No card is needed to look around.',
    leadVerified: (credits: number, months: number) =>
      `You start with ${creditsInWords(credits)}, good for ${months} months, as soon as your mail address is verified. No card.`,
    submit: 'Create account',
    have: 'Have an account?',
    signIn: 'Sign in',
  },
  signIn: {
    title: 'Sign in',
    submit: 'Sign in',
    forgot: 'Forgot it?',
    none: 'New here?',
    signUp: 'Create an account',
  },
  forgot: {
    title: 'Reset your password',
    lead: 'Tell us your mail address and we send a link that lets you choose a new one.',
    submit: 'Send the link',
    sentTitle: 'Look into your inbox',
    sent: (email: string) =>
      `If there is an account for ${email}, a link is on its way. It works once, for an hour.`,
    back: 'Back to sign in',
  },
  reset: {
    title: 'Choose a new password',
    submit: 'Save the new password',
    doneTitle: 'Your password is changed',
    done: 'Sign in with it now. Every other session was ended.',
    badTitle: 'This link doesn’t work any more',
    bad: 'Links work once and run out after an hour. Ask for a new one.',
    again: 'Ask for a new link',
  },
  verify: {
    title: 'Verify your mail address',
    pending: (email: string) => `We sent a link to ${email}. Open it to verify the address.`,
    waiting: (credits: number) => `${creditsInWords(credits)} wait for it.`,
    resend: 'Send it again',
    resent: 'Sent. It can take a minute to arrive.',
    later: 'Do it later',
    doneTitle: 'Your mail address is verified',
    done: 'You can use everything now.',
    goOn: 'Start creating',
    badTitle: 'This link doesn’t work any more',
    bad: 'It was used already or has run out. Sign in and ask for a new one.',
    local: 'No mail server is set up here, so mails can be read on a local page.',
    openLocal: 'Open the local mail page',
  },
  aside: {
    line: 'Pay for exactly what was delivered.',
    sub: 'Every generation comes with a receipt: quoted, held, charged, released. It always adds up.',
  },
};
