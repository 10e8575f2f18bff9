import { readAvailable } from '../credits/purchases.ts';
import { readAmounts } from '../credits/queries.ts';
import { inTransaction } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import { ensureCustomer, selling } from './buy.ts';
import { currentOffer } from './catalogue.ts';
import type { PaymentDeps } from './deps.ts';
import { PaymentError } from './errors.ts';
import { customerOf } from './customer-queries.ts';
import { retrySeconds } from './rules.ts';
import { failTopUp, settleTopUp } from './settle-top-up.ts';
import type { TopUp } from './top-up-queries.ts';
import type { StripeGateway } from './stripe/port.ts';

export interface AutoTopUp {
  readonly enabled: boolean;
  /** Charged when less than this is available. */
  readonly threshold: bigint;
  readonly pack: string;
  readonly currency: string;
  /** The most in a calendar month of UTC, in the minor unit. */
  readonly monthlyCap: bigint;
  /** Why it stopped by itself; null while it goes on. */
  readonly pausedReason: string | null;
  readonly spentThisMonth: bigint;
}

export async function readAutoTopUp(deps: PaymentDeps, personId: string): Promise<AutoTopUp | null> {
  const { rows } = await deps.db.query<AutoTopUp>(
    `select a.enabled, a.threshold, a.product_id as pack, a.currency, a.monthly_cap as "monthlyCap", a.paused_reason as "pausedReason",
            (select coalesce(sum(t.amount), 0)::bigint from holdfast.top_up t where t.person_id = a.person_id and t.state <> 'failed'
                and t.created_at >= date_trunc('month', holdfast.clock(), 'UTC')) as "spentThisMonth"
       from holdfast.auto_top_up a where a.person_id = $1`,
    [personId],
  );
  return rows[0] ?? null;
}

/** Not where tax is worked out by a checkout's page: nobody fills one in for a charge that is made by itself. */
export function topUpsOffered(deps: Pick<PaymentDeps, 'stripe' | 'settings'>): boolean {
  return deps.stripe !== null && !deps.settings.automaticTax;
}

/** What a person wants from now on. Turning it on again after a pause is their word that the card works. */
export async function setAutoTopUp(
  deps: PaymentDeps,
  personId: string,
  wish: Pick<AutoTopUp, 'enabled' | 'threshold' | 'pack' | 'currency' | 'monthlyCap'>,
): Promise<AutoTopUp> {
  const stripe = selling(deps);
  if (wish.enabled && !topUpsOffered(deps))
    throw new PaymentError('top_up_unavailable', 'Automatic top-up is not offered here.');
  const offer = await currentOffer(deps.db, wish.pack, 'pack');
  const price = offer.prices[wish.currency];
  if (price === undefined)
    throw new PaymentError('currency_unavailable', `${offer.name} has no price in ${wish.currency}.`);
  if (wish.monthlyCap < price) {
    throw new PaymentError(
      'cap_too_small',
      'The monthly cap is less than the pack costs: nothing could ever be bought.',
    );
  }
  const customer = await customerOf(deps.db, personId, stripe.livemode);
  if (wish.enabled && (customer === null || (await stripe.savedCard(customer)) === null)) {
    throw new PaymentError(
      'card_required',
      'There is no saved card yet: buy a pack once, and tick that the card may be kept.',
    );
  }
  await deps.db.query(
    `insert into holdfast.auto_top_up (person_id, enabled, threshold, product_id, currency, monthly_cap, enabled_at)
     values ($1, $2, $3, $4, $5, $6, case when $2 then holdfast.clock() end)
     on conflict (person_id) do update
        set enabled = excluded.enabled, threshold = excluded.threshold, product_id = excluded.product_id, currency = excluded.currency,
            monthly_cap = excluded.monthly_cap, enabled_at = coalesce(excluded.enabled_at, holdfast.auto_top_up.enabled_at), paused_reason = null, updated_at = holdfast.clock()`,
    [personId, wish.enabled, wish.threshold, wish.pack, wish.currency, wish.monthlyCap],
  );
  deps.log.info(
    { person: personId, enabled: wish.enabled, cap: wish.monthlyCap.toString() },
    'automatic top-up was set',
  );
  const now = await readAutoTopUp(deps, personId);
  if (now === null) throw new Error('automatic top-up was just set');
  return now;
}

const most_people = 200;

/** Starts charges for whoever has too little, and drives those that are under way to their end. A worker does it every few seconds. */
export async function runTopUps(deps: PaymentDeps): Promise<void> {
  const { stripe } = deps;
  if (stripe === null) return;
  const { rows } = await deps.db.query<{ person_id: string; threshold: bigint }>(
    `select a.person_id, a.threshold from holdfast.auto_top_up a
      where a.enabled and a.paused_reason is null and $2
        and not exists (select from holdfast.top_up t where t.person_id = a.person_id and t.state = 'charging')
      order by a.person_id limit $1`,
    [most_people, topUpsOffered(deps)],
  );
  for (const row of rows) {
    const { available } = await readAmounts(deps.credits, row.person_id);
    if (available < row.threshold) await beginTopUp(deps, stripe, row.person_id);
  }
  for (const topUp of await claimCharging(deps)) await drive(deps, stripe, topUp);
}

/** At most one under way per person, and never above the cap: decided under the lock of the person's own row. */
export async function beginTopUp(
  deps: PaymentDeps,
  stripe: StripeGateway,
  personId: string,
): Promise<boolean> {
  const auto = await readAutoTopUp(deps, personId);
  if (auto === null) return false;
  const offer = await currentOffer(deps.db, auto.pack, 'pack').catch((error: unknown) => {
    if (error instanceof PaymentError) return null;
    throw error;
  });
  const amount = offer?.prices[auto.currency];
  return inTransaction(deps.db, async (tx) => {
    const locked = await tx.query<{ cap: bigint; threshold: bigint }>(
      `select monthly_cap as cap, threshold from holdfast.auto_top_up
        where person_id = $1 and enabled and paused_reason is null for update`,
      [personId],
    );
    const [row] = locked.rows;
    if (!row) return false;
    // Read under the lock: what others began before is among it.
    const { rows } = await tx.query<{ spent: bigint }>(
      `select coalesce(sum(amount), 0)::bigint as spent from holdfast.top_up
        where person_id = $1 and state <> 'failed' and created_at >= date_trunc('month', holdfast.clock(), 'UTC')`,
      [personId],
    );
    if (!offer || amount === undefined || amount === 0n || (rows[0]?.spent ?? 0n) + amount > row.cap)
      return false;
    const id = newId('top');
    const { rowCount } = await tx.query(
      `insert into holdfast.top_up (id, person_id, offer_id, livemode, currency, amount)
       values ($1, $2, $3, $4, $5, $6) on conflict (person_id) where state = 'charging' do nothing`,
      [id, personId, offer.id, stripe.livemode, auto.currency, amount],
    );
    if (rowCount !== 1) return false;
    // Only now is no other charge under way: what one of them brought a moment ago is seen here, and was not before.
    if ((await readAvailable(deps.credits, tx, personId)) < row.threshold) return true;
    await tx.query('delete from holdfast.top_up where id = $1', [id]);
    return false;
  });
}

type Claimed = TopUp & { readonly attempts: number };

async function claimCharging(deps: PaymentDeps): Promise<Claimed[]> {
  const { rows } = await deps.db.query<Claimed>(
    `update holdfast.top_up t set due_at = holdfast.clock() + interval '2 minutes'
      where t.id in (select id from holdfast.top_up where due_at <= holdfast.clock() order by due_at limit 20 for update skip locked)
     returning id, person_id as "personId", offer_id as "offerId", livemode, currency, amount, state, created_at as "createdAt",
               greatest(0, extract(epoch from holdfast.clock() - created_at) / 60)::int as attempts`,
  );
  return rows.filter(({ livemode }) => livemode === deps.stripe?.livemode);
}

/** Stripe keeps a key for a day: within it the charge is asked for again, after it the books are. */
const key_hours = 20;

async function drive(deps: PaymentDeps, stripe: StripeGateway, topUp: Claimed): Promise<void> {
  try {
    const customer = await ensureCustomer(deps, stripe, topUp.personId);
    if (Date.now() - topUp.createdAt.getTime() > key_hours * 3_600_000) {
      await lookUp(deps, stripe, topUp, customer);
      return;
    }
    const charged = await stripe.chargeSavedCard({
      key: topUp.id,
      customer,
      personId: topUp.personId,
      amount: topUp.amount,
      currency: topUp.currency,
    });
    if (charged.paid && charged.intent !== null) await settleTopUp(deps, stripe, charged.intent);
    else if (charged.problem !== 'processing') {
      await failTopUp(deps, topUp, charged.intent, charged.problem ?? 'card_declined');
    }
  } catch (error) {
    deps.log.warn({ err: error, top_up: topUp.id }, 'a top-up could not be charged yet');
    await deps.db.query(
      `update holdfast.top_up set due_at = holdfast.clock() + make_interval(secs => $2) where id = $1 and state = 'charging'`,
      [topUp.id, retrySeconds(topUp.attempts)],
    );
  }
}

async function lookUp(
  deps: PaymentDeps,
  stripe: StripeGateway,
  topUp: TopUp,
  customer: string,
): Promise<void> {
  for await (const found of stripe.topUps(topUp.createdAt, customer)) {
    if (found.topUp !== topUp.id) continue;
    await settleTopUp(deps, stripe, found.intent);
    return;
  }
  await failTopUp(deps, topUp, null, 'never_charged');
}
