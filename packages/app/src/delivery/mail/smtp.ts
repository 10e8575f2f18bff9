import { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import type { Logger } from '../../platform/logger.ts';
import { MailError } from './port.ts';
import type { Mail, Mailer } from './port.ts';

/**
 * @param options.url `smtp://user:password@host:port` or `smtps://…`
 * @param options.patienceMs how long the server may be silent; 30 seconds unless told
 */
export function createSmtpMailer(options: {
  url: string;
  from: string;
  log: Logger;
  patienceMs?: number;
}): Mailer {
  const socketTimeout = options.patienceMs ?? 30_000;
  const connectionTimeout = Math.min(10_000, socketTimeout);
  const timeouts = { connectionTimeout, greetingTimeout: connectionTimeout, socketTimeout };
  return {
    async send(mail) {
      // A connection of its own for each, and so is what is known about it.
      const transport = createTransport({ url: options.url, ...timeouts }, { from: options.from });
      let handedOver = false;
      transport.use('stream', ({ message }, done) => {
        message.processFunc((content) =>
          Readable.from(
            (async function* letter() {
              yield* content as AsyncIterable<Buffer>;
              handedOver = true;
            })(),
          ),
        );
        done();
      });
      try {
        const sent = await transport.sendMail(letterOf(mail));
        options.log.info({ mail: sent.messageId, subject: mail.subject }, 'mail sent');
      } catch (error) {
        throw mailError(error, handedOver);
      } finally {
        transport.close();
      }
    },
    close: async () => undefined,
  };
}

function letterOf(mail: Mail): Parameters<ReturnType<typeof createTransport>['sendMail']>[0] {
  return {
    to: mail.to,
    subject: mail.subject,
    text: mail.text,
    ...(mail.html === undefined ? {} : { html: mail.html }),
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(mail.unsubscribeUrl === undefined
        ? {}
        : {
            'List-Unsubscribe': `<${mail.unsubscribeUrl}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }),
    },
  };
}

/**
 * A server takes a mail after it has read its end: whatever breaks before proves that it has not. Only what it says of the recipient or of the
 * mail itself is for good; a password that it refuses is the operator's to mend.
 */
function mailError(error: unknown, handedOver: boolean): MailError {
  const { responseCode, command } = error as { responseCode?: unknown; command?: unknown };
  const status = typeof responseCode === 'number' ? responseCode : null;
  const forGood = status !== null && status >= 500 && (command === 'RCPT TO' || command === 'DATA');
  const outcome = forGood ? 'refused' : status === null && handedOver ? 'unknown' : 'later';
  return new MailError(outcome, status, { cause: error });
}
