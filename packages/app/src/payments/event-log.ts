import type { Db } from '../platform/database.ts';
import { NotFoundError } from '../platform/errors.ts';

export type EventState = 'received' | 'done' | 'ignored' | 'parked' | 'unmatched';

export interface KeptEvent {
  readonly id: string;
  readonly type: string;
  readonly state: EventState;
  readonly result: string | null;
  readonly object: string | null;
  readonly attempts: number;
  readonly livemode: boolean;
  readonly received_at: Date;
}

const columns = 'id, type, state, result, object_id as object, attempts, livemode, received_at';

/** What Stripe has said, newest first. `waiting`: what is not done and not left alone. */
export async function listEvents(
  db: Db,
  filter: { state?: EventState | 'waiting'; before?: string; limit: number },
): Promise<KeptEvent[]> {
  const states =
    filter.state === 'waiting' ? ['received', 'parked', 'unmatched'] : filter.state ? [filter.state] : null;
  const { rows } = await db.query<KeptEvent>(
    `select ${columns} from holdfast.stripe_event
      where ($1::text[] is null or state = any($1))
        and ($2::text is null or (received_at, id) < (select received_at, id from holdfast.stripe_event where id = $2))
      order by received_at desc, id desc limit $3`,
    [states, filter.before ?? null, filter.limit],
  );
  return rows;
}

/** One event with its body, as it came. @throws NotFoundError */
export async function readEvent(db: Db, id: string): Promise<KeptEvent & { readonly body: string }> {
  const { rows } = await db.query<KeptEvent & { body: string }>(
    `select ${columns}, body from holdfast.stripe_event where id = $1`,
    [id],
  );
  if (!rows[0]) throw new NotFoundError('event');
  return rows[0];
}
