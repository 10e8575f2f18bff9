import type { Db } from '../platform/database.ts';
import { PaymentError } from './errors.ts';
import type { Offer, PricedOffer } from './rules.ts';

interface OfferRow {
  id: string;
  product_id: string;
  kind: 'pack' | 'plan';
  name: string;
  description: string;
  tier: string | null;
  max_running: number | null;
  credits: bigint;
  bonus_credits: bigint;
  lot_months: number | null;
  rollover_months: number | null;
  prices: Record<string, string>;
}

const columns = `o.id, p.id as product_id, p.kind, p.name, p.description, p.tier,
  (select t.max_running from holdfast.tier t where t.id = p.tier) as max_running, o.credits, o.bonus_credits, o.lot_months, o.rollover_months,
  (select coalesce(jsonb_object_agg(c.currency, c.amount::text), '{}') from holdfast.offer_price c where c.offer_id = o.id) as prices`;

function toOffer(row: OfferRow): Offer {
  return {
    id: row.id,
    productId: row.product_id,
    kind: row.kind,
    name: row.name,
    description: row.description,
    tier: row.tier,
    maxRunning: row.max_running,
    credits: row.credits,
    bonusCredits: row.bonus_credits,
    lotMonths: row.lot_months,
    rolloverMonths: row.rollover_months,
    prices: Object.fromEntries(
      Object.entries(row.prices).map(([currency, amount]) => [currency, BigInt(amount)]),
    ),
  };
}

/** What is on sale now, in the order of showing. */
export async function currentOffers(db: Db): Promise<Offer[]> {
  const { rows } = await db.query<OfferRow>(
    `select ${columns} from holdfast.product p
       join lateral (select * from holdfast.offer f where f.product_id = p.id and f.effective_at <= holdfast.clock()
                      order by f.effective_at desc, f.version desc limit 1) o on true
      where p.offered order by p.kind, p.position, p.id`,
  );
  return rows.map(toOffer);
}

/** What a product gives and costs now. @throws PaymentError `product_unknown` */
export async function currentOffer(db: Db, productId: string, kind: 'pack' | 'plan'): Promise<Offer> {
  const found = (await currentOffers(db)).find(
    (offer) => offer.productId === productId && offer.kind === kind,
  );
  if (found) return found;
  throw new PaymentError('product_unknown', `There is no ${kind} "${productId}" on sale.`, {
    [kind]: productId,
  });
}

export async function offerById(db: Db, id: string): Promise<Offer | null> {
  const { rows } = await db.query<OfferRow>(
    `select ${columns} from holdfast.offer o join holdfast.product p on p.id = o.product_id where o.id = $1`,
    [id],
  );
  return rows[0] ? toOffer(rows[0]) : null;
}

/** Offers by Stripe's price ids, however old: a session that was opened under an earlier offer gets that one. */
export async function offersByPrice(
  db: Db,
  prices: readonly string[],
  livemode: boolean,
): Promise<Map<string, PricedOffer>> {
  const { rows } = await db.query<OfferRow & { price_id: string; currency: string }>(
    `select ${columns}, s.price_id, s.currency
       from holdfast.stripe_price s join holdfast.offer o on o.id = s.offer_id join holdfast.product p on p.id = o.product_id
      where s.price_id = any($1) and s.livemode = $2`,
    [prices, livemode],
  );
  return new Map(
    rows.map((row) => {
      const offer = toOffer(row);
      const priced = {
        ...offer,
        priceId: row.price_id,
        currency: row.currency,
        unitAmount: offer.prices[row.currency] ?? 0n,
      };
      return [row.price_id, priced];
    }),
  );
}

export async function priceIdOf(
  db: Db,
  offerId: string,
  currency: string,
  livemode: boolean,
): Promise<string | null> {
  const { rows } = await db.query<{ price_id: string }>(
    `select price_id from holdfast.stripe_price where offer_id = $1 and currency = $2 and livemode = $3
      order by created_at desc limit 1`,
    [offerId, currency, livemode],
  );
  return rows[0]?.price_id ?? null;
}

export async function keepPriceId(
  db: Db,
  price: { priceId: string; offerId: string; currency: string; livemode: boolean },
): Promise<void> {
  await db.query(
    'insert into holdfast.stripe_price (price_id, offer_id, currency, livemode) values ($1, $2, $3, $4) on conflict do nothing',
    [price.priceId, price.offerId, price.currency, price.livemode],
  );
}
