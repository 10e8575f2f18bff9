import { grantCredits } from '../credits/commands.ts';
import type { CreditDeps } from '../credits/deps.ts';
import { apologyMail } from '../delivery/mail/apology-mail.ts';
import type { Mail, Mailer } from '../delivery/mail/port.ts';
import type { Database } from '../platform/database.ts';
import { InvalidInputError } from '../platform/errors.ts';
import type { Locale } from '../platform/locale.ts';

export interface ApologyDeps {
  readonly db: Database;
  readonly credits: CreditDeps;
  readonly mailer: Mailer;
  readonly publicUrl: string;
  readonly unsubscribeUrl: (personId: string) => string;
}

/** Whose generations failed within this time, through no doing of their own. */
export interface Affected {
  readonly from: Date;
  readonly to: Date;
  /** Of this model alone. */
  readonly model?: string;
}

export interface ApologyPreview {
  readonly people: readonly { id: string; email: string | null; failed: number; mailed: boolean }[];
  readonly credits: bigint;
  /** The mail as the first of them gets it. */
  readonly mail: Mail | null;
}

interface Row {
  id: string;
  name: string;
  email: string | null;
  locale: Locale | null;
  failed: number;
  wants: boolean;
}

const most_people = 10_000;

async function affectedPeople(db: Database, affected: Affected): Promise<Row[]> {
  const { rows } = await db.query<Row>(
    `select p.id, p.name, case when i.email_verified then i.email end as email, p.locale, count(*)::integer as failed,
            coalesce((select n.wanted from holdfast.notification_preference n
                       where n.person_id = p.id and n.channel = 'mail' and n.topic = 'news'), true) as wants
       from holdfast.generation g
       join holdfast.person p on p.id = g.person_id
       left join auth.identity i on i.id = p.id
      where g.state = 'failed' and g.error_class not in ('USER_INPUT', 'USER_POLICY', 'CANCELLED')
        and g.finished_at >= $1 and g.finished_at < $2 and ($3::text is null or g.model_id = $3)
      group by p.id, i.email, i.email_verified
      order by p.id limit $4`,
    [affected.from, affected.to, affected.model ?? null, most_people],
  );
  return rows;
}

function mailTo(deps: ApologyDeps, row: Row & { email: string }, credits: bigint, reason: string): Mail {
  return apologyMail(row.locale ?? 'en', {
    to: row.email,
    name: row.name,
    credits,
    reason,
    url: deps.publicUrl,
    unsubscribeUrl: deps.unsubscribeUrl(row.id),
  });
}

/** Who would get it, and what they would read. Writes nothing. */
export async function previewApology(
  deps: ApologyDeps,
  apology: { affected: Affected; credits: bigint; reason: string },
): Promise<ApologyPreview> {
  const rows = await affectedPeople(deps.db, apology.affected);
  const first = rows.find((row): row is Row & { email: string } => row.email !== null && row.wants);
  return {
    credits: apology.credits,
    people: rows.map(({ id, email, failed, wants }) => ({
      id,
      email,
      failed,
      mailed: email !== null && wants,
    })),
    mail: first === undefined ? null : mailTo(deps, first, apology.credits, apology.reason),
  };
}

/**
 * Grants the bonus to everyone affected and tells them by mail, once per person: run again after it broke off, it goes on. Who wants no such
 * mail, or has no address, gets the credits alone.
 * @throws InvalidInputError `apology_differs` where this id stands for another bonus
 */
export async function apologise(
  deps: ApologyDeps,
  apology: { id: string; affected: Affected; credits: bigint; reason: string },
): Promise<{ granted: number; mailed: number }> {
  const { id, credits, reason } = apology;
  await deps.db.query(
    'insert into holdfast.apology (id, credits, reason) values ($1, $2, $3) on conflict (id) do nothing',
    [id, credits, reason],
  );
  const known = await deps.db.query<{ credits: bigint }>(
    'select credits from holdfast.apology where id = $1',
    [id],
  );
  if (known.rows[0]?.credits !== credits) {
    throw new InvalidInputError(
      'apology_differs',
      `"${id}" stands for another bonus: use a new name for a new one.`,
    );
  }
  let granted = 0;
  let mailed = 0;
  for (const row of await affectedPeople(deps.db, apology.affected)) {
    const grant = await grantCredits(deps.credits, {
      personId: row.id,
      key: `apology/${id}`,
      amount: credits,
      source: 'apology',
      reason,
    });
    if (!grant.replayed) granted += 1;
    await deps.db.query(
      `insert into holdfast.apology_person (apology_id, person_id, granted_at) values ($1, $2, holdfast.clock())
       on conflict do nothing`,
      [id, row.id],
    );
    if (row.email === null || !row.wants) continue;
    // Noted before it is sent: a mail too few is better than one too many.
    const { rowCount } = await deps.db.query(
      `update holdfast.apology_person set mailed_at = holdfast.clock()
        where apology_id = $1 and person_id = $2 and mailed_at is null`,
      [id, row.id],
    );
    if (rowCount !== 1) continue;
    await deps.mailer.send(mailTo(deps, { ...row, email: row.email }, credits, reason));
    mailed += 1;
  }
  return { granted, mailed };
}
