import { randomBytes } from 'node:crypto';
import type { Database, Db } from '../../platform/database.ts';
import { InvalidInputError, NotFoundError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';

export interface EndpointView {
  readonly id: string;
  readonly url: string;
  readonly disabled: boolean;
  readonly disabled_reason: string | null;
  readonly created_at: Date;
}

/** What calling it takes. The newest secret first. */
export interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly disabled: boolean;
  readonly secrets: readonly string[];
}

const most_endpoints = 10;
/** For so long after a rotation the secret before it signs as well. */
const overlap_hours = 24;

const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

interface Row {
  id: string;
  url: string;
  disabled_at: Date | null;
  disabled_reason: string | null;
  created_at: Date;
}

const toView = (row: Row): EndpointView => ({
  id: row.id,
  url: row.url,
  disabled: row.disabled_at !== null,
  disabled_reason: row.disabled_reason,
  created_at: row.created_at,
});

/**
 * Adds an endpoint. Its secret is shown in this answer and at a rotation, and never again.
 * @throws InvalidInputError `webhook_url_invalid`, `too_many_webhooks`
 */
export async function addEndpoint(
  db: Database,
  wanted: { personId: string; url: string; allowPrivate: boolean },
): Promise<EndpointView & { secret: string }> {
  const url = URL.canParse(wanted.url) ? new URL(wanted.url) : null;
  const protocols = wanted.allowPrivate ? ['https:', 'http:'] : ['https:'];
  if (url === null || !protocols.includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new InvalidInputError(
      'webhook_url_invalid',
      'A webhook is called at an address that starts with https://.',
      {
        field: 'url',
      },
    );
  }
  const secret = newSecret();
  const { rows } = await db.query<Row>(
    `insert into holdfast.webhook_endpoint (id, person_id, url, secret)
     select $1, $2, $3, $4
      where (select count(*) from holdfast.webhook_endpoint where person_id = $2 and removed_at is null) < $5
     returning *`,
    [newId('whk'), wanted.personId, url.href, secret, most_endpoints],
  );
  const row = rows[0];
  if (!row) {
    throw new InvalidInputError(
      'too_many_webhooks',
      `There are ${most_endpoints} webhooks already, which is the most: remove one first.`,
      { limit: most_endpoints },
    );
  }
  return { ...toView(row), secret };
}

/** Newest first; at most as many as there can be. */
export async function listEndpoints(db: Db, personId: string): Promise<EndpointView[]> {
  const { rows } = await db.query<Row>(
    'select * from holdfast.webhook_endpoint where person_id = $1 and removed_at is null order by id desc',
    [personId],
  );
  return rows.map(toView);
}

/** A new secret; the one before signs along for a day. @throws NotFoundError `webhook` */
export async function rotateSecret(db: Db, personId: string, id: string): Promise<{ secret: string }> {
  const secret = newSecret();
  const { rowCount } = await db.query(
    `update holdfast.webhook_endpoint
        set earlier_secret = secret, earlier_secret_until = holdfast.clock() + make_interval(hours => $4),
            secret = $3, disabled_at = null, disabled_reason = null
      where id = $1 and person_id = $2 and removed_at is null`,
    [id, personId, secret, overlap_hours],
  );
  if (rowCount !== 1) throw new NotFoundError('webhook');
  return { secret };
}

/** What waits for it is given up at its next turn. @throws NotFoundError `webhook` */
export async function removeEndpoint(db: Db, personId: string, id: string): Promise<void> {
  const { rowCount } = await db.query(
    `update holdfast.webhook_endpoint set removed_at = holdfast.clock()
      where id = $1 and person_id = $2 and removed_at is null`,
    [id, personId],
  );
  if (rowCount !== 1) throw new NotFoundError('webhook');
}

export async function findEndpoint(db: Db, id: string): Promise<Endpoint | null> {
  const { rows } = await db.query<{ id: string; url: string; disabled: boolean; secrets: string[] }>(
    `select id, url, disabled_at is not null as disabled,
            array_remove(array[secret, case when earlier_secret_until > holdfast.clock() then earlier_secret end], null) as secrets
       from holdfast.webhook_endpoint where id = $1 and removed_at is null`,
    [id],
  );
  return rows[0] ?? null;
}

export async function disableEndpoint(db: Db, id: string, reason: string): Promise<void> {
  await db.query(
    `update holdfast.webhook_endpoint set disabled_at = holdfast.clock(), disabled_reason = $2
      where id = $1 and disabled_at is null`,
    [id, reason],
  );
}
