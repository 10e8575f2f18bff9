import type { Database } from '../../platform/database.ts';
import type { Locale } from '../../platform/locale.ts';
import { resultMail } from '../mail/result-mails.ts';
import type { Mailer } from '../mail/port.ts';
import type { Sent } from '../rules.ts';
import type { DeliveryRow } from '../runner/rows.ts';
import type { DeliveryChannel, Subjects } from './port.ts';

export interface MailChannelOptions {
  readonly db: Database;
  readonly mailer: Mailer;
  readonly subjects: Subjects;
  /** The address that stops mails of this topic to this person at one press. */
  readonly unsubscribeUrl: (personId: string, topic: 'ready' | 'failed' | 'news') => string;
}

/** Codes with which a server proves that it did not take a mail; anything later proves nothing. */
const not_taken = /^(EENVELOPE|EAUTH|ECONNECTION|ECONNREFUSED|EDNS|ENOTFOUND|ETLS)$/;

/** Tells a person by mail that their video is ready, or what became of it. */
export function mailChannel(options: MailChannelOptions): DeliveryChannel {
  const { db, mailer, subjects } = options;
  return {
    id: 'mail',
    way: () => 'mail',
    async send(row: DeliveryRow): Promise<Sent> {
      const { rows } = await db.query<{ locale: Locale | null }>(
        'select locale from holdfast.person where id = $1',
        [row.person_id],
      );
      const locale = rows[0]?.locale ?? 'en';
      const subject = await subjects.read(row.generation_id, locale);
      const topic = row.event === 'succeeded' ? 'ready' : 'failed';
      try {
        await mailer.send(
          resultMail(locale, {
            to: row.target,
            topic,
            subject,
            unsubscribeUrl: options.unsubscribeUrl(row.person_id, topic),
          }),
        );
        return { kind: 'delivered' };
      } catch (error) {
        const code = (error as { code?: unknown }).code;
        const status = (error as { responseCode?: unknown }).responseCode;
        const detail = String(error);
        if (typeof status === 'number' && status >= 500) {
          return { kind: 'gone', reason: `smtp_${status}`, detail };
        }
        if (typeof status === 'number' || (typeof code === 'string' && not_taken.test(code))) {
          return { kind: 'again', reason: 'smtp_not_taken', detail, afterSeconds: null, counts: false };
        }
        return { kind: 'uncertain', reason: 'smtp_no_answer', detail };
      }
    },
  };
}
