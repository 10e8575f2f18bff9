import { clearAlert, raiseAlert } from '../alerts/commands.ts';
import { listAlerts } from '../alerts/queries.ts';
import type { PaymentDeps } from './deps.ts';

const key = 'payments/webhook_silent';
/** A webhook that comes later than this after its payment is late, and not merely slow. */
const patience_minutes = 15;
const look_back_days = 7;

/** How long it must have been quiet before something that only ever begins is over. */
const quiet_days = [
  { key: /^payments\/(signature|foreign\/)/, days: 1 },
  { key: /^payments\/fraud\//, days: 30 },
];

/** Nothing says that rubbish has stopped coming, or that an operator has looked at a warning: the all-clear comes after a while of quiet. */
export async function clearQuietAlerts(deps: PaymentDeps): Promise<void> {
  const { rows } = await deps.db.query<{ now: Date }>('select holdfast.clock() as now');
  const now = rows[0]?.now.getTime() ?? 0;
  for (const alert of await listAlerts(deps.db, 1_000)) {
    const rule = quiet_days.find(({ key: pattern }) => pattern.test(alert.key));
    if (!rule || alert.cleared_at !== null) continue;
    if (now - alert.last_raised_at.getTime() > rule.days * 86_400_000) await clearAlert(deps, alert.key);
  }
}

/**
 * Whether Stripe still tells of what happens. Payments that were found by asking (the return page, the comparison of books) and events that had to
 * be fetched, with no webhook since, mean that the endpoint is gone, off, or has another secret. Nothing is lost by it but time.
 */
export async function watchWebhooks(deps: PaymentDeps): Promise<void> {
  const { stripe, settings } = deps;
  if (stripe === null) return;
  const { rows } = await deps.db.query<{ missed: bigint; since: Date | null }>(
    `with told as (
       select coalesce(max(told_at), '-infinity') as last from holdfast.stripe_event where told_at is not null and livemode = $1 and account is null),
     found as (
       select g.granted_at as at from holdfast.payment_grant g
        where g.livemode = $1 and g.object_id ~ '^(cs|in|pi)_'
          and not exists (select from holdfast.stripe_event e where e.object_id = g.object_id and e.told_at is not null)
       union all
       select e.received_at from holdfast.stripe_event e where e.livemode = $1 and e.told_at is null and e.account is null)
     select count(*) as missed, min(at) as since from found, told
      where at > told.last and at < holdfast.clock() - make_interval(mins => $2) and at > holdfast.clock() - make_interval(days => $3)`,
    [stripe.livemode, patience_minutes, look_back_days],
  );
  const [found] = rows;
  if (!found || found.missed === 0n || found.since === null) {
    await clearAlert(deps, key);
    return;
  }
  const cause =
    settings.webhookSecrets.length === 0
      ? 'STRIPE_WEBHOOK_SECRET is not set, so every webhook is refused.'
      : `See at Stripe whether the endpoint ${settings.publicUrl}/webhooks/stripe is there and on, and whether STRIPE_WEBHOOK_SECRET is its secret.`;
  await raiseAlert(deps, {
    key,
    severity: 'critical',
    title: 'Stripe’s webhooks do not arrive',
    detail: `${found.missed} payments or events since ${found.since.toISOString()} were found by asking Stripe, and no webhook has come since then. ${cause} Payments are still found by the return page and the hourly comparison, only later.`,
    link: `${settings.publicUrl}/operator/payments`,
  });
}
