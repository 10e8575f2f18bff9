import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createSignInMails } from '../../src/delivery/mail/sign-in-mails.ts';
import { createSmtpMailer } from '../../src/delivery/mail/smtp.ts';
import { createLogger } from '../../src/platform/logger.ts';

const log = createLogger({ level: 'silent' });
let server: Server | null = null;
afterEach(() => new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined))));

/** A mail server that speaks enough SMTP to take a mail, or to refuse its recipient. */
async function mailServer(options: { refuse?: boolean } = {}) {
  const letters: string[] = [];
  server = createServer((socket) => {
    let letter: string | null = null;
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 mail.example.com ESMTP');
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      for (const line of chunk.split(/(?<=\r\n)/)) {
        if (letter !== null) {
          letter += line;
          if (!letter.endsWith('\r\n.\r\n')) continue;
          letters.push(letter);
          letter = null;
          say('250 2.0.0 taken');
        } else if (/^(EHLO|HELO)/i.test(line)) say('250 mail.example.com');
        else if (/^RCPT/i.test(line) && options.refuse) say('550 5.1.1 no such mailbox');
        else if (/^DATA/i.test(line)) {
          letter = '';
          say('354 go on');
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else say('250 2.1.0 ok');
      }
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { letters, url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('a mail leaves by SMTP, with its link, from the sender that is set', async () => {
  const { letters, url } = await mailServer();
  const mailer = createSmtpMailer({ url, from: 'Holdfast <hello@example.com>', log });
  const link = 'https://video.example.com/api/auth/verify-email?token=abc';
  await createSignInMails(mailer).verifyAddress({ email: 'ada@example.com', name: 'Ada' }, link);
  await mailer.close();
  expect(letters).toHaveLength(1);
  const letter = letters[0]?.replaceAll('=\r\n', '').replaceAll('=3D', '=');
  expect(letter).toContain('From: Holdfast <hello@example.com>');
  expect(letter).toContain('To: ada@example.com');
  expect(letter).toContain('Subject: Confirm your mail address');
  expect(letter).toContain(link);
  expect(letter).toContain('Auto-Submitted: auto-generated');
});

test('a name that someone typed brings no link and no line of its own into a mail', async () => {
  const { letters, url } = await mailServer();
  const mailer = createSmtpMailer({ url, from: 'hello@example.com', log });
  const name = 'Ada\r\nBcc: all@example.com\r\n\r\nhttps://evil.example/win ' + 'x'.repeat(500);
  await createSignInMails(mailer).passwordChanged({ email: 'ada@example.com', name });
  await mailer.close();
  const letter = letters[0] ?? '';
  expect(letter).not.toContain('://evil');
  expect(letter).not.toMatch(/^Bcc:/m);
  expect(letter).toMatch(/^Hello Ada Bcc all example com https evil/m);
});

test('a refusal is an error, not silence', async () => {
  const { url } = await mailServer({ refuse: true });
  const mailer = createSmtpMailer({ url, from: 'hello@example.com', log });
  await expect(mailer.send({ to: 'nobody@example.com', subject: 'x', text: 'x' })).rejects.toThrow(/550/);
  await mailer.close();
});
