import { raiseAlert } from '../alerts/commands.ts';
import type { Db } from '../platform/database.ts';
import type { PaymentDeps } from './deps.ts';
import { PaymentError } from './errors.ts';
import { referenceOf } from './event-rules.ts';
import type { EventFacts, StripeGateway } from './stripe/port.ts';

/**
 * Proves who sent this, keeps it, and does nothing else: a worker acts on it. An event that is known is kept once.
 * @throws PaymentError `payments_off`, `signature_invalid`
 * @returns whether it was new
 */
export async function receiveEvent(
  deps: PaymentDeps,
  body: string,
  signature: string | undefined,
): Promise<boolean> {
  const { stripe } = deps;
  if (stripe === null)
    throw new PaymentError('payments_off', 'Nothing is sold here: no key of Stripe is set.');
  const event = await verify(deps, stripe, body, signature ?? '');
  return keepEvent(deps, stripe, event, { body, told: true });
}

async function verify(
  deps: PaymentDeps,
  stripe: StripeGateway,
  body: string,
  signature: string,
): Promise<EventFacts> {
  let problem: unknown = new Error('no webhook secret is set');
  for (const secret of deps.settings.webhookSecrets) {
    try {
      return await stripe.verify(body, signature, secret);
    } catch (error) {
      problem = error;
    }
  }
  deps.log.warn({ err: problem }, 'a webhook was refused: its signature is not ours, or too old');
  if (isNews(deps)) await tellOfForgery(deps);
  throw new PaymentError('signature_invalid', 'The signature is not valid for this body.');
}

const told = new WeakMap<PaymentDeps, number>();
const telling_ms = 60_000;

/** Anybody can send rubbish, as often as they like: the database hears of it once a minute. */
function isNews(deps: PaymentDeps): boolean {
  const now = performance.now();
  const last = told.get(deps);
  if (last !== undefined && now - last < telling_ms) return false;
  told.set(deps, now);
  return true;
}

async function tellOfForgery(deps: PaymentDeps): Promise<void> {
  await raiseAlert(deps, {
    key: 'payments/signature',
    severity: 'warning',
    title: 'Webhooks with a wrong signature',
    detail: `Somebody sends events to /webhooks/stripe that Stripe has not signed with STRIPE_WEBHOOK_SECRET. If payments arrive late, the secret is wrong; nothing was granted.`,
  }).catch((error: unknown) => deps.log.error({ err: error }, 'the alert could not be raised'));
}

/** Keeps a proven event, with what is to be done about it. `told`: it came by webhook, and wasn't fetched because it never did. */
export async function keepEvent(
  deps: PaymentDeps,
  stripe: StripeGateway,
  event: EventFacts,
  how: { readonly body: string; readonly told: boolean },
): Promise<boolean> {
  const foreign = strangeness(event, stripe);
  const reference = referenceOf(event);
  const left = foreign ?? (reference === null ? 'nothing to do for this kind of event' : null);
  const fresh = await insertEvent(deps.db, event, { ...how, objectId: reference?.id ?? null, left });
  if (fresh && foreign !== null) {
    await raiseAlert(deps, {
      key: `payments/foreign/${event.livemode ? 'live' : 'test'}/${event.account ?? 'own'}`,
      severity: 'warning',
      title: 'Events of another account or mode arrive',
      detail: `${event.type} ${event.id}: ${foreign}. It was kept and nothing was done. Correct the endpoint at Stripe, or STRIPE_WEBHOOK_SECRET.`,
    });
  }
  return fresh;
}

/** Why an event can't be about what this key sells; null where it can. */
function strangeness(event: EventFacts, stripe: StripeGateway): string | null {
  if (event.account !== null) return `it is about the account ${event.account}`;
  if (event.livemode === stripe.livemode) return null;
  return event.livemode ? 'it is live, and the key is for test mode' : 'it is a test, and the key is live';
}

async function insertEvent(
  db: Db,
  event: EventFacts,
  how: {
    readonly body: string;
    readonly told: boolean;
    readonly objectId: string | null;
    readonly left: string | null;
  },
): Promise<boolean> {
  const { rows } = await db.query<{ fresh: boolean }>({
    name: 'payments.insert_event',
    text: `insert into holdfast.stripe_event as e
             (id, type, livemode, account, api_version, object_id, body, said_at, state, result, due_at, handled_at, told_at)
           select $1, $2, $3, $4, $5, $6, $7, $8, case when $9::text is null then 'received' else 'ignored' end, $9,
                  case when $9::text is null then t.now end, case when $9::text is null then null else t.now end, case when $10 then t.now end
             from (select holdfast.clock() as now) t
           on conflict (id) do update set told_at = excluded.told_at where e.told_at is null and excluded.told_at is not null
           returning xmax = 0 as fresh`,
    values: [
      event.id,
      event.type,
      event.livemode,
      event.account,
      event.apiVersion,
      how.objectId,
      how.body,
      event.createdAt,
      how.left,
      how.told,
    ],
  });
  return rows[0]?.fresh ?? false;
}
