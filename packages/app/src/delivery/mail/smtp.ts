import { createTransport } from 'nodemailer';
import type { Logger } from '../../platform/logger.ts';
import type { Mailer } from './port.ts';

/** @param options.url `smtp://user:password@host:port` or `smtps://…` */
export function createSmtpMailer(options: { url: string; from: string; log: Logger }): Mailer {
  const transport = createTransport(
    { url: options.url, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 },
    { from: options.from },
  );
  return {
    async send(mail) {
      const sent = await transport.sendMail({
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
      });
      options.log.info({ mail: sent.messageId, subject: mail.subject }, 'mail sent');
    },
    close: async () => transport.close(),
  };
}
