import { clearAlert, raiseAlert } from '../alerts/commands.ts';
import type { Db } from '../platform/database.ts';
import { NotFoundError } from '../platform/errors.ts';
import type { PaymentDeps } from './deps.ts';
import { UnresolvedError } from './errors.ts';
import { referenceOf } from './event-rules.ts';
import { lookInto } from './look-into.ts';
import { retrySeconds } from './rules.ts';
import type { Looked } from './subscribers.ts';
import type { StripeGateway } from './stripe/port.ts';

interface Claimed {
  readonly id: string;
  readonly type: string;
  readonly body: string;
  readonly attempts: number;
  readonly objectId: string | null;
  readonly ageSeconds: number;
}

const claim_seconds = 120;
const abreast = 4;
const most_per_call = 200;
const unmatched_after_seconds = 3 * 24 * 3_600;
const alert_after_attempts = 5;

/** Handles what has come and is due; returns how many. Any number of workers may do it at once. */
export async function handleDueEvents(deps: PaymentDeps, signal?: AbortSignal): Promise<number> {
  const { stripe } = deps;
  if (stripe === null) return 0;
  for (let handled = 0; ;) {
    const claimed = await claimDue(deps.db, abreast);
    await Promise.all(claimed.map((event) => handle(deps, stripe, event)));
    handled += claimed.length;
    if (claimed.length < abreast || handled >= most_per_call || signal?.aborted === true) return handled;
  }
}

/** Once more from the stored body, whatever became of it before. @throws NotFoundError */
export async function replayEvent(
  deps: PaymentDeps,
  id: string,
): Promise<{ state: string; result: string | null }> {
  const { rowCount } = await deps.db.query(
    `update holdfast.stripe_event set state = 'received', result = null, due_at = holdfast.clock(), claimed_until = null, handled_at = null
      where id = $1 and account is null and livemode = $2`,
    [id, deps.stripe?.livemode ?? false],
  );
  if (rowCount !== 1 || deps.stripe === null) throw new NotFoundError('event');
  const [claimed] = await claimDue(deps.db, 1, id);
  if (claimed) await handle(deps, deps.stripe, claimed);
  const { rows } = await deps.db.query<{ state: string; result: string | null }>(
    'select state, result from holdfast.stripe_event where id = $1',
    [id],
  );
  return rows[0] ?? { state: 'received', result: null };
}

async function claimDue(db: Db, most: number, only: string | null = null): Promise<Claimed[]> {
  const { rows } = await db.query<Claimed>({
    name: 'payments.claim_events',
    text: `update holdfast.stripe_event e
              set claimed_until = holdfast.clock() + make_interval(secs => $2), due_at = holdfast.clock() + make_interval(secs => $2), attempts = e.attempts + 1
            where e.id in (select id from holdfast.stripe_event
                            where due_at <= holdfast.clock() and ($3::text is null or id = $3)
                            order by due_at limit $1 for update skip locked)
           returning e.id, e.type, e.body, e.attempts, e.object_id as "objectId",
                     extract(epoch from holdfast.clock() - e.received_at)::float8 as "ageSeconds"`,
    values: [most, claim_seconds, only],
  });
  return rows;
}

async function handle(deps: PaymentDeps, stripe: StripeGateway, event: Claimed): Promise<void> {
  try {
    const reference = referenceOf(stripe.reread(event.body));
    const looked: Looked = reference === null ? 'not_ours' : await lookInto(deps, stripe, reference);
    await finish(deps.db, event.id, looked === 'not_ours' ? 'ignored' : 'done', words[looked]);
    if (event.attempts > 1) await allClear(deps, event);
  } catch (error) {
    await postpone(deps, event, error);
  }
}

/** Whatever was told of it while it could not be handled. */
async function allClear(deps: PaymentDeps, { id, objectId }: Claimed): Promise<void> {
  await clearAlert(deps, `payments/event/${id}`);
  if (objectId === null) return;
  await clearAlert(deps, `payments/unmatched/${objectId}`);
  await clearAlert(deps, `payments/whose/${objectId}`);
}

const words: Readonly<Record<Looked, string>> = {
  settled: 'everything is as it should be',
  waiting: 'not paid yet',
  not_ours: 'nothing that is sold here',
};

async function finish(
  db: Db,
  id: string,
  state: 'done' | 'ignored' | 'unmatched',
  result: string,
): Promise<void> {
  await db.query(
    `update holdfast.stripe_event set state = $2, result = $3, due_at = null, claimed_until = null, handled_at = holdfast.clock() where id = $1`,
    [id, state, result],
  );
}

/** It is looked at again, later each time. What can't be resolved for three days needs a person; what breaks is tried for as long as it takes. */
async function postpone(deps: PaymentDeps, event: Claimed, error: unknown): Promise<void> {
  const unresolved = error instanceof UnresolvedError;
  const problem = error instanceof Error ? error.message : String(error);
  deps.log.warn(
    { err: error, event: event.id, type: event.type, attempts: event.attempts },
    'an event could not be handled yet',
  );
  if (unresolved && event.ageSeconds > unmatched_after_seconds) {
    await finish(deps.db, event.id, 'unmatched', problem);
  } else {
    await deps.db.query(
      `update holdfast.stripe_event
          set state = $2, result = $3, claimed_until = null, due_at = holdfast.clock() + make_interval(secs => $4) where id = $1`,
      [event.id, unresolved ? 'parked' : 'received', problem.slice(0, 1_000), retrySeconds(event.attempts)],
    );
  }
  if (event.attempts < alert_after_attempts) return;
  await raiseAlert(deps, {
    key:
      unresolved && event.objectId !== null
        ? `payments/unmatched/${event.objectId}`
        : `payments/event/${event.id}`,
    severity: 'critical',
    title: unresolved ? 'A payment belongs to nobody we know' : 'An event of Stripe can not be handled',
    detail: `${event.type} ${event.id} was tried ${event.attempts} times: ${problem.slice(0, 500)}. It is kept and can be replayed.`,
    link: `${deps.settings.publicUrl}/operator/payments?event=${event.id}`,
  });
}
