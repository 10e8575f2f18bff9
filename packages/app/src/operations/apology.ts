import { grantCredits } from '../credits/commands.ts';
import type { CreditDeps } from '../credits/deps.ts';
import { apologyMail } from '../delivery/mail/apology-mail.ts';
import { MailError } from '../delivery/mail/port.ts';
import type { Mail, Mailer } from '../delivery/mail/port.ts';
import type { Database } from '../platform/database.ts';
import { InvalidInputError } from '../platform/errors.ts';
import type { Locale } from '../platform/locale.ts';
import { checkReason, inLog } from './operator-log.ts';
import type { ByHand } from './operator-log.ts';

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

const page_size = 500;

/** A page of them at a time, in the order of their ids, however many there are. */
async function* affectedPeople(db: Database, affected: Affected): AsyncGenerator<Row> {
  for (let after = ''; ;) {
    const { rows } = await db.query<Row>(
      `select p.id, p.name, case when i.email_verified then i.email end as email, p.locale, count(*)::integer as failed,
              coalesce((select n.wanted from holdfast.notification_preference n
                         where n.person_id = p.id and n.channel = 'mail' and n.topic = 'news'), true) as wants
         from holdfast.generation g
         join holdfast.person p on p.id = g.person_id
         left join auth.identity i on i.id = p.id
        where g.state = 'failed' and g.error_class not in ('USER_INPUT', 'USER_POLICY', 'CANCELLED')
          and g.finished_at >= $1 and g.finished_at < $2 and ($3::text is null or g.model_id = $3)
          and g.person_id > $5
        group by p.id, i.email, i.email_verified
        order by p.id limit $4`,
      [affected.from, affected.to, affected.model ?? null, page_size, after],
    );
    yield* rows;
    if (rows.length < page_size) return;
    after = rows.at(-1)?.id ?? '';
  }
}

function mailTo(
  deps: ApologyDeps,
  row: Row & { email: string },
  credits: bigint,
  reason: string,
): Promise<Mail> {
  return apologyMail(row.locale ?? 'en', {
    to: row.email,
    name: row.name,
    credits,
    reason,
    url: `${deps.publicUrl}/create`,
    unsubscribeUrl: deps.unsubscribeUrl(row.id),
  });
}

/** Who would get it, and what they would read. Writes nothing. */
export async function previewApology(
  deps: ApologyDeps,
  apology: { affected: Affected; credits: bigint; reason: string },
): Promise<ApologyPreview> {
  const people: ApologyPreview['people'][number][] = [];
  let mail: Mail | null = null;
  for await (const row of affectedPeople(deps.db, apology.affected)) {
    const { id, email, failed, wants } = row;
    people.push({ id, email, failed, mailed: email !== null && wants });
    if (mail === null && email !== null && wants) {
      mail = await mailTo(deps, { ...row, email }, apology.credits, apology.reason);
    }
  }
  return { credits: apology.credits, people, mail };
}

export interface ApologyDone {
  readonly granted: number;
  readonly mailed: number;
  /** Whose mail was not taken: run again, it is sent again. */
  readonly unmailed: readonly string[];
}

interface Apology {
  readonly id: string;
  readonly affected: Affected;
  readonly credits: bigint;
  readonly reason: string;
}

/**
 * Grants the bonus to everyone affected and tells them by mail, once per person: run again after it broke off, it goes on. Who wants no such
 * mail, or has no address, gets the credits alone. Noted in the operators' log.
 * @throws InvalidInputError `apology_differs` where this id stands for another bonus or another reason
 */
export async function apologise(
  deps: ApologyDeps,
  operator: ByHand['operator'],
  apology: Apology,
): Promise<ApologyDone> {
  const by = { operator, reason: apology.reason };
  checkReason(by.reason);
  await openApology(deps.db, apology);
  const { from, to, model = null } = apology.affected;
  const asked = { credits: apology.credits.toString(), from, to, model };
  return inLog(
    deps.db,
    by,
    { action: 'apologise', subject: `apology/${apology.id}`, asked },
    {
      standing: () => standing(deps.db, apology.id),
      doing: () => giveAll(deps, apology),
      told: ({ granted, mailed }) => ({ outcome: granted + mailed > 0 ? 'done' : 'nothing_to_do' }),
    },
  );
}

async function giveAll(deps: ApologyDeps, apology: Apology): Promise<ApologyDone> {
  let granted = 0;
  let mailed = 0;
  const unmailed: string[] = [];
  for await (const row of affectedPeople(deps.db, apology.affected)) {
    if (await grantOnce(deps, apology, row.id)) granted += 1;
    const outcome = await mailOnce(deps, apology, row);
    if (outcome === 'sent') mailed += 1;
    if (outcome === 'not_taken') unmailed.push(row.id);
  }
  return { granted, mailed, unmailed };
}

async function standing(db: Database, id: string): Promise<unknown> {
  const { rows } = await db.query(
    'select count(granted_at)::integer as granted, count(mailed_at)::integer as mailed from holdfast.apology_person where apology_id = $1',
    [id],
  );
  return rows[0];
}

async function openApology(db: Database, { id, credits, reason }: Apology): Promise<void> {
  await db.query(
    'insert into holdfast.apology (id, credits, reason) values ($1, $2, $3) on conflict (id) do nothing',
    [id, credits, reason],
  );
  const { rows } = await db.query<{ credits: bigint; reason: string }>(
    'select credits, reason from holdfast.apology where id = $1',
    [id],
  );
  const [known] = rows;
  if (known?.credits === credits && known.reason === reason) return;
  throw new InvalidInputError(
    'apology_differs',
    `"${id}" stands for ${known?.credits ?? 0n} credits and the reason "${known?.reason ?? ''}": use a new name for a new one.`,
  );
}

/** The ledger's own key keeps it at once; a row beside it keeps it for whoever has become another person since. */
async function grantOnce(deps: ApologyDeps, apology: Apology, personId: string): Promise<boolean> {
  const known = await deps.db.query(
    'select from holdfast.apology_person where apology_id = $1 and person_id = $2',
    [apology.id, personId],
  );
  if (known.rows.length > 0) return false;
  const { replayed } = await grantCredits(deps.credits, {
    personId,
    key: `apology/${apology.id}`,
    amount: apology.credits,
    source: 'apology',
    reason: apology.reason,
  });
  await deps.db.query(
    `insert into holdfast.apology_person (apology_id, person_id, granted_at) values ($1, $2, holdfast.clock())
     on conflict do nothing`,
    [apology.id, personId],
  );
  return !replayed;
}

async function mailOnce(
  deps: ApologyDeps,
  { id, credits, reason }: Apology,
  row: Row,
): Promise<'sent' | 'not_wanted' | 'not_taken'> {
  const { email, wants } = row;
  if (email === null || !wants) return 'not_wanted';
  const mail = await mailTo(deps, { ...row, email }, credits, reason);
  // Noted before it is sent: a mail too few is better than one too many.
  const { rowCount } = await deps.db.query(
    `update holdfast.apology_person set mailed_at = holdfast.clock()
      where apology_id = $1 and person_id = $2 and mailed_at is null`,
    [id, row.id],
  );
  if (rowCount !== 1) return 'not_wanted';
  try {
    await deps.mailer.send(mail);
    return 'sent';
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    if (error.outcome === 'unknown') return 'sent';
    await deps.db.query(
      'update holdfast.apology_person set mailed_at = null where apology_id = $1 and person_id = $2',
      [id, row.id],
    );
    return 'not_taken';
  }
}
