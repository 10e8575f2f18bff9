import { afterEach, expect, test } from 'vitest';
import { createSignInMails } from '../../src/delivery/mail/sign-in-mails.ts';
import { MailError } from '../../src/delivery/mail/port.ts';
import { createSmtpMailer } from '../../src/delivery/mail/smtp.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { startSmtpServer } from './support/smtp-server.ts';
import type { SmtpServer } from './support/smtp-server.ts';

const log = createLogger({ level: 'silent' });
let server: SmtpServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function mailer(answers: Record<string, string> = {}) {
  server = await startSmtpServer(answers);
  const { letters, url } = server;
  const made = createSmtpMailer({ url, from: 'Holdfast <hello@example.com>', log, patienceMs: 2_000 });
  return { letters, mailer: made };
}

test('a mail leaves by SMTP, with its link, from the sender that is set', async () => {
  const { letters, mailer: sending } = await mailer();
  const link = 'https://video.example.com/api/auth/verify-email?token=abc';
  await createSignInMails(sending).verifyAddress({ email: 'ada@example.com', name: 'Ada' }, link);
  expect(letters).toHaveLength(1);
  const letter = letters[0]?.replaceAll('=\r\n', '').replaceAll('=3D', '=');
  expect(letter).toContain('From: Holdfast <hello@example.com>');
  expect(letter).toContain('To: ada@example.com');
  expect(letter).toContain('Subject: Confirm your mail address');
  expect(letter).toContain(link);
  expect(letter).toContain('Auto-Submitted: auto-generated');
  expect(letter).not.toContain('List-Unsubscribe');
});

test('what may be stopped carries both headers of RFC 8058, and both of its forms', async () => {
  const { letters, mailer: sending } = await mailer();
  await sending.send({
    to: 'ada@example.com',
    subject: 'Ready',
    text: 'words',
    html: '<p>words</p>',
    unsubscribeUrl: 'https://video.example.com/unsubscribe?token=abc',
  });
  const letter = letters[0]?.replaceAll(/\r\n[ \t]+/g, ' ') ?? '';
  expect(letter).toContain('List-Unsubscribe: <https://video.example.com/unsubscribe?token=abc>');
  expect(letter).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  expect(letter).toMatch(/multipart\/alternative[\s\S]*text\/plain[\s\S]*text\/html/);
});

test('a name that someone typed brings no link and no line of its own into a mail', async () => {
  const { letters, mailer: sending } = await mailer();
  const name = 'Ada\r\nBcc: all@example.com\r\n\r\nhttps://evil.example/win ' + 'x'.repeat(500);
  await createSignInMails(sending).passwordChanged({ email: 'ada@example.com', name });
  const letter = letters[0] ?? '';
  expect(letter).not.toContain('://evil');
  expect(letter).not.toMatch(/^Bcc:/m);
  expect(letter).toMatch(/^Hello Ada Bcc all example com https evil/m);
});

test.each<[string, Record<string, string>, MailError['outcome']]>([
  ['no such mailbox', { RCPT: '550 5.1.1 no such mailbox' }, 'refused'],
  ['a letter that is refused after it was read', { '.': '554 5.7.1 looks like spam' }, 'refused'],
  ['a full mailbox', { RCPT: '452 4.2.2 full' }, 'later'],
  ['a sender that is refused: the operator’s to mend', { MAIL: '550 5.7.1 who are you' }, 'later'],
  ['closed at the door', { connect: 'cut' }, 'later'],
  ['too busy', { connect: '421 4.3.2 busy' }, 'later'],
  ['cut before the letter', { DATA: 'cut' }, 'later'],
  ['silent before the letter', { DATA: 'silence' }, 'later'],
  ['cut after the letter, with no word', { '.': 'cut' }, 'unknown'],
  ['silent after the letter', { '.': 'silence' }, 'unknown'],
])('%s: what is known of it', async (_case, answers, outcome) => {
  const { mailer: sending } = await mailer(answers);
  const error: unknown = await sending.send({ to: 'ada@example.com', subject: 'x', text: 'x' }).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MailError);
  expect(error).toMatchObject({ outcome });
});

test('a server that is away has taken nothing', async () => {
  const { mailer: sending } = await mailer();
  await server?.close();
  await expect(sending.send({ to: 'ada@example.com', subject: 'x', text: 'x' })).rejects.toMatchObject({
    outcome: 'later',
  });
});
