import { newId } from '../../platform/ids.ts';
import type { Db } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Mailer } from './port.ts';

/**
 * While no SMTP server is set: mails are kept in the database for a local page, and written to the log, which is then the
 * only way in which a link in them reaches anyone.
 */
export function createLocalMailer(options: { db: Db; log: Logger }): Mailer {
  return {
    async send(mail) {
      await options.db.query(
        'insert into holdfast.local_mail (id, recipient, subject, body, link) values ($1, $2, $3, $4, $5)',
        [newId('mai'), mail.to, mail.subject, mail.text, mail.link ?? null],
      );
      options.log.info({ mail }, 'mail written to the local box: set SMTP_URL to send it');
    },
    close: async () => undefined,
  };
}

export interface LocalMail {
  readonly id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
  readonly link: string | null;
  readonly written_at: Date;
}

/** Newest first, at most 50. */
export async function listLocalMails(db: Db): Promise<LocalMail[]> {
  const { rows } = await db.query<LocalMail>(
    'select id, recipient, subject, body, link, written_at from holdfast.local_mail order by written_at desc, id desc limit 50',
  );
  return rows;
}
