import { clearAlert, raiseAlert } from '../alerts/commands.ts';
import { newId } from '../platform/ids.ts';
import { selling } from './buy.ts';
import { compareBooks } from './compare-books.ts';
import type { Finding } from './compare-books.ts';
import type { PaymentDeps } from './deps.ts';
import { lookInto } from './look-into.ts';
import { customerOf } from './customer-queries.ts';
import { referenceOf } from './event-rules.ts';
import { keepEvent } from './receive-event.ts';
import { handleDueEvents } from './handle-events.ts';
import type { StripeGateway } from './stripe/port.ts';

export interface ReconcileOptions {
  /** Nobody: everybody. */
  readonly personId?: string;
  /** Finds and changes nothing. */
  readonly dryRun: boolean;
  /** How far back. */
  readonly days: number;
  readonly reason: 'hourly' | 'operator' | 'person' | 'test';
}

export interface Reconciliation {
  readonly id: string;
  readonly dryRun: boolean;
  readonly findings: readonly (Finding & { readonly repaired: boolean; readonly problem: string | null })[];
  readonly repaired: number;
  /** Events that matter and never arrived; each was fetched and handled, unless the run was dry. */
  readonly undelivered: number;
}

/**
 * Compares Stripe's books with ours, three ways: events that were not taken; what was paid and what was granted, both ways; subscriptions and tiers.
 * Every difference is repaired through the one door, each by itself, so that a broken one holds up no other.
 */
export async function reconcile(deps: PaymentDeps, options: ReconcileOptions): Promise<Reconciliation> {
  const stripe = selling(deps);
  const id = newId('rec');
  await deps.db.query(
    'insert into holdfast.payment_reconciliation (id, person_id, dry_run, reason) values ($1, $2, $3, $4)',
    [id, options.personId ?? null, options.dryRun, options.reason],
  );
  const since = new Date(Date.now() - options.days * 86_400_000);
  const customer =
    options.personId === undefined ? null : await customerOf(deps.db, options.personId, stripe.livemode);
  const nothing = options.personId !== undefined && customer === null;
  const findings = nothing
    ? []
    : await compareBooks(
        deps,
        stripe,
        since,
        options.personId === undefined || customer === null ? null : { personId: options.personId, customer },
      );
  const done: Reconciliation['findings'][number][] = [];
  for (const finding of findings)
    done.push({ ...finding, ...(await repair(deps, stripe, finding, options.dryRun)) });
  // Last, so that what they tell of is listed as what it was.
  const undelivered =
    options.personId === undefined ? await takeUndelivered(deps, stripe, since, options.dryRun) : 0;
  const repaired = done.filter((each) => each.repaired).length;
  await deps.db.query(
    'update holdfast.payment_reconciliation set findings = $2, found = $3, repaired = $4, ended_at = holdfast.clock() where id = $1',
    [
      id,
      JSON.stringify(done, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
      done.length,
      repaired,
    ],
  );
  await tell(deps, options, done);
  return { id, dryRun: options.dryRun, findings: done, repaired, undelivered };
}

async function repair(
  deps: PaymentDeps,
  stripe: StripeGateway,
  finding: Finding,
  dryRun: boolean,
): Promise<{ repaired: boolean; problem: string | null }> {
  if (finding.look === null) return { repaired: false, problem: 'an operator must decide' };
  if (dryRun) return { repaired: false, problem: null };
  try {
    const looked = await lookInto(deps, stripe, finding.look);
    return looked === 'settled' ? { repaired: true, problem: null } : { repaired: false, problem: looked };
  } catch (error) {
    deps.log.warn({ err: error, finding: finding.id }, 'a difference could not be repaired');
    return { repaired: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** @returns how many there were that say something and are not known here */
async function takeUndelivered(
  deps: PaymentDeps,
  stripe: StripeGateway,
  since: Date,
  dryRun: boolean,
): Promise<number> {
  let missed = 0;
  for await (const { body } of stripe.undelivered(since)) {
    const event = stripe.reread(body);
    const fresh = dryRun
      ? !(await isKept(deps, event.id))
      : await keepEvent(deps, stripe, event, { body, told: false });
    if (fresh && referenceOf(event) !== null) missed += 1;
  }
  if (dryRun) return missed;
  if (missed > 0) deps.log.warn({ events: missed }, 'events that were never delivered were fetched');
  await handleDueEvents(deps);
  return missed;
}

async function isKept(deps: PaymentDeps, id: string): Promise<boolean> {
  const { rowCount } = await deps.db.query('select from holdfast.stripe_event where id = $1', [id]);
  return rowCount === 1;
}

async function tell(
  deps: PaymentDeps,
  options: ReconcileOptions,
  found: Reconciliation['findings'],
): Promise<void> {
  if (options.personId !== undefined || options.dryRun) return;
  const open = found.filter((each) => !each.repaired);
  const key = 'payments/reconciliation';
  if (open.length === 0) {
    await clearAlert(deps, key);
    return;
  }
  await raiseAlert(deps, {
    key,
    severity: 'critical',
    title: 'Payments and credits differ',
    detail: open
      .slice(0, 20)
      .map((each) => `${each.kind} ${each.id}: ${each.problem ?? ''}`)
      .join('\n'),
    link: `${deps.settings.publicUrl}/operator/payments`,
  });
}

/** The hourly comparison, by whichever worker comes first. */
export async function reconcileHourly(deps: PaymentDeps): Promise<void> {
  if (deps.stripe === null) return;
  const { rowCount } = await deps.db.query(
    `insert into holdfast.payment_reconciliation (id, dry_run, reason)
     select $1, false, 'hourly claim'
      where pg_try_advisory_xact_lock(hashtext('holdfast.reconcile'))
        and not exists (select from holdfast.payment_reconciliation where reason = 'hourly claim' and started_at > holdfast.clock() - interval '1 hour')`,
    [newId('rec')],
  );
  if (rowCount !== 1) return;
  // Made, and the process died before it had a checkout: nobody can pay it any more. Should a checkout exist after all, paying it still counts.
  await deps.db.query(
    `update holdfast.payment_order set state = 'expired', closed_at = holdfast.clock()
      where state = 'pending' and object_id is null and created_at < holdfast.clock() - interval '25 hours'`,
  );
  await reconcile(deps, { dryRun: false, days: 30, reason: 'hourly' });
}
