import type { Database } from '../../platform/database.ts';
import type { Locale } from '../../platform/locale.ts';
import { resultMail } from '../mail/result-mails.ts';
import { MailError } from '../mail/port.ts';
import type { Mail, Mailer } from '../mail/port.ts';
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

/** Tells a person by mail that what they asked for is ready, or what became of it. */
export function mailChannel(options: MailChannelOptions): DeliveryChannel {
  const { db, mailer, subjects } = options;
  const written = new WeakMap<DeliveryRow, Mail>();
  return {
    id: 'mail',
    way: () => 'mail',

    // Written before the send is noted: what fails here has proven that nothing left.
    async prepare(row) {
      const { rows } = await db.query<{ locale: Locale | null }>(
        'select locale from holdfast.person where id = $1',
        [row.person_id],
      );
      const locale = rows[0]?.locale ?? 'en';
      const topic = row.event === 'succeeded' ? 'ready' : 'failed';
      const mail = await resultMail(locale, {
        to: row.target,
        topic,
        subject: await subjects.read(row.generation_id, locale),
        unsubscribeUrl: options.unsubscribeUrl(row.person_id, topic),
      });
      written.set(row, mail);
      return null;
    },

    async send(row): Promise<Sent> {
      const mail = written.get(row);
      if (mail === undefined) throw new Error('a mail is written before it is sent');
      try {
        await mailer.send(mail);
        return { kind: 'delivered' };
      } catch (error) {
        if (error instanceof MailError) return sentOf(error);
        throw error;
      }
    },
  };
}

function sentOf({ outcome, status, message: detail }: MailError): Sent {
  switch (outcome) {
    case 'refused':
      return { kind: 'gone', reason: `smtp_${status}`, detail };
    case 'later':
      return { kind: 'again', reason: 'smtp_not_taken', detail, afterSeconds: null, counts: false };
    case 'unknown':
      return { kind: 'uncertain', reason: 'smtp_no_answer', detail };
    default:
      throw new Error(`unknown outcome ${String(outcome satisfies never)}`);
  }
}
