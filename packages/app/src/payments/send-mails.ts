import { findPerson } from '../accounts/queries.ts';
import type { PaymentDeps } from './deps.ts';
import { retrySeconds } from './rules.ts';

interface DueMail {
  readonly key: string;
  readonly personId: string;
  readonly template: string;
  readonly facts: Record<string, unknown>;
  readonly attempts: number;
}

const most_attempts = 12;

/** Sends what is due. Who has no address gets none; what can't be sent is tried again for half a day. Credits never wait for a mail. */
export async function sendDueMails(deps: PaymentDeps): Promise<void> {
  const { rows } = await deps.db.query<DueMail>(
    `update holdfast.payment_mail m set due_at = holdfast.clock() + interval '2 minutes', attempts = m.attempts + 1
      where m.key in (select key from holdfast.payment_mail where due_at <= holdfast.clock() order by due_at limit 20 for update skip locked)
     returning m.key, m.person_id as "personId", m.template, m.facts, m.attempts`,
  );
  for (const mail of rows) await sendOne(deps, mail);
}

async function sendOne(deps: PaymentDeps, mail: DueMail): Promise<void> {
  try {
    const person = await findPerson(deps.db, { id: mail.personId });
    const to = person?.email ?? null;
    if (to !== null) {
      // What mails are drawn with is as large as half of a worker: loaded by whoever has one to send.
      const { renderMail } = await import('./mails/render.ts');
      const rendered = await renderMail(mail.template, {
        name: person?.name ?? '',
        publicUrl: deps.settings.publicUrl,
        facts: mail.facts,
      });
      await deps.mailer.send({ to, ...rendered });
    }
    await deps.db.query(
      'update holdfast.payment_mail set due_at = null, sent_at = case when $2 then holdfast.clock() end where key = $1',
      [mail.key, to !== null],
    );
  } catch (error) {
    deps.log.warn({ err: error, mail: mail.key, attempts: mail.attempts }, 'a mail could not be sent yet');
    await deps.db.query(
      `update holdfast.payment_mail set due_at = case when attempts < $2 then holdfast.clock() + make_interval(secs => $3) end where key = $1`,
      [mail.key, most_attempts, retrySeconds(mail.attempts)],
    );
  }
}
