import type { Db } from '../platform/database.ts';
import { NotFoundError } from '../platform/errors.ts';
import type { Channel } from './rules.ts';

export interface AttemptView {
  readonly number: number;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly http_status: number | null;
}

export interface DeliveryView {
  readonly id: string;
  readonly generation: string;
  readonly event: 'succeeded' | 'failed' | 'cancelled' | 'refunded' | 'resent';
  readonly channel: Channel;
  /** The endpoint that is told; null on other channels. */
  readonly webhook: string | null;
  readonly state: 'pending' | 'sending' | 'delivered' | 'refused' | 'uncertain';
  readonly attempts: readonly AttemptView[];
  readonly reason: string | null;
  readonly next_at: Date | null;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

interface Row extends Omit<DeliveryView, 'attempts'> {
  tries: (Omit<AttemptView, 'started_at' | 'ended_at'> & { started_at: string; ended_at: string | null })[];
}

const shown = `
  select d.id, d.generation_id as generation, d.event, d.channel, case d.channel when 'webhook' then d.target end as webhook,
         d.state, d.reason,
         case when d.state = 'pending' then d.due_at end as next_at, d.created_at, d.finished_at,
         coalesce((select json_agg(json_build_object(
             'number', a.number, 'started_at', a.started_at, 'ended_at', a.ended_at, 'outcome', a.outcome,
             'reason', a.reason, 'http_status', a.http_status) order by a.number desc)
           from (select * from holdfast.delivery_attempt t where t.delivery_id = d.id order by t.number desc limit 50) as a), '[]') as tries
    from holdfast.delivery d`;

const toView = ({ tries, ...row }: Row): DeliveryView => ({
  ...row,
  attempts: tries.map((each) =>
    Object.assign(each, {
      started_at: new Date(each.started_at),
      ended_at: each.ended_at === null ? null : new Date(each.ended_at),
    }),
  ),
});

/** How one generation was handed over, channel by channel; at most 100. Empty for another person's. */
export async function deliveriesOf(db: Db, personId: string, generationId: string): Promise<DeliveryView[]> {
  const { rows } = await db.query<Row>(
    `${shown} where d.person_id = $1 and d.generation_id = $2 order by d.id limit 100`,
    [personId, generationId],
  );
  return rows.map(toView);
}

/** What an endpoint was or is to be told, newest first, a page at a time. The cursor is the last id of the page before. @throws NotFoundError `webhook` */
export async function deliveriesTo(
  db: Db,
  asked: { personId: string; endpointId: string; before: string | null; limit: number },
): Promise<{ items: DeliveryView[]; next: string | null }> {
  const endpoint = await db.query('select from holdfast.webhook_endpoint where id = $1 and person_id = $2', [
    asked.endpointId,
    asked.personId,
  ]);
  if (endpoint.rows.length === 0) throw new NotFoundError('webhook');
  const { rows } = await db.query<Row>(
    `${shown} where d.person_id = $1 and d.channel = 'webhook' and d.target = $2 and ($3::text is null or d.id < $3)
      order by d.id desc limit $4`,
    [asked.personId, asked.endpointId, asked.before, asked.limit + 1],
  );
  const items = rows.slice(0, asked.limit).map(toView);
  return { items, next: rows.length > asked.limit ? (items.at(-1)?.id ?? null) : null };
}

/** Sends one to a webhook anew, under the same id, for another day; what is under way stays so. @throws NotFoundError `delivery` */
export async function replayDelivery(db: Db, personId: string, id: string): Promise<void> {
  const { rowCount } = await db.query(
    `update holdfast.delivery
        set state = case when due_at is null then 'pending' else state end, due_at = holdfast.clock(),
            finished_at = null, reason = null, detail = null, created_at = holdfast.clock()
      where id = $1 and person_id = $2 and channel = 'webhook' and claimed_until is null`,
    [id, personId],
  );
  if (rowCount === 1) return;
  const { rows } = await db.query(
    `select from holdfast.delivery where id = $1 and person_id = $2 and channel = 'webhook'`,
    [id, personId],
  );
  if (rows.length === 0) throw new NotFoundError('delivery');
}
