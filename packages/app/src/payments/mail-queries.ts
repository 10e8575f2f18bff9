import type { Db } from '../platform/database.ts';

/** To be sent by a worker; once per key. */
export async function addMail(
  tx: Db,
  mail: { key: string; personId: string; template: string; facts: Record<string, unknown> },
): Promise<void> {
  await tx.query(
    'insert into holdfast.payment_mail (key, person_id, template, facts) values ($1, $2, $3, $4) on conflict do nothing',
    [mail.key, mail.personId, mail.template, JSON.stringify(mail.facts)],
  );
}
