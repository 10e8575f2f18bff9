import { priceOfVersion } from '../../credits/prices.ts';
import { quoteCredits } from '../../credits/rules.ts';
import type { Price } from '../../credits/rules.ts';
import { assertUpload } from '../../delivery/uploads.ts';
import { NotFoundError } from '../../platform/errors.ts';
import { models } from '../catalogue/catalogue.ts';
import type { Model } from '../catalogue/catalogue.ts';
import type { GenerationDeps } from '../deps.ts';
import { checkInput, unitsOf } from '../catalogue/input-rules.ts';
import type { CheckedInput } from '../catalogue/input-rules.ts';
import type { GenerationInput } from '../catalogue/model.ts';

/** What would be made, and the most it can cost: the same for a quote, a cost calculation and the real thing. */
export interface Plan {
  readonly model: Model;
  readonly price: Price;
  readonly input: CheckedInput;
  readonly units: number;
  readonly credits: bigint;
  /** Until when this price was promised; null where it is today's. */
  readonly quoteExpiresAt: Date | null;
}

/** Plans at today's price. @throws InvalidInputError, NotFoundError `model` or `upload` */
export async function planNow(
  deps: GenerationDeps,
  request: { personId: string; model: string; input: GenerationInput },
): Promise<Plan> {
  const model = (await models(deps.db)).get(request.model);
  if (!model?.offered || model.price === null) throw new NotFoundError('model');
  const input = checkInput(model, request.input);
  await assertUpload(deps.db, request.personId, input.image);
  const units = unitsOf(model, model.price.unit, input);
  return {
    model,
    price: model.price,
    input,
    units,
    credits: quoteCredits(model.price, units),
    quoteExpiresAt: null,
  };
}

/** Plans what an earlier quote promised, also where it has expired since: that is for the caller to judge. @throws NotFoundError `quote` */
export async function planQuoted(deps: GenerationDeps, personId: string, quoteId: string): Promise<Plan> {
  const { rows } = await deps.db.query<{
    model_id: string;
    price_version: string;
    input: CheckedInput;
    units: number;
    credits: bigint;
    expires_at: Date;
  }>({
    name: 'find_quote',
    text: `select model_id, price_version, input, units, credits, expires_at
             from holdfast.quote where id = $1 and person_id = $2`,
    values: [quoteId, personId],
  });
  const quote = rows[0];
  const model = quote && (await models(deps.db)).get(quote.model_id);
  if (!quote || !model) throw new NotFoundError('quote');
  const price =
    model.price?.version === quote.price_version
      ? model.price
      : await priceOfVersion(deps.db, quote.price_version);
  if (price === null) throw new NotFoundError('quote');
  return {
    model,
    price,
    input: quote.input,
    units: quote.units,
    credits: quote.credits,
    quoteExpiresAt: quote.expires_at,
  };
}
