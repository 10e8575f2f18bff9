import type { ChargePolicy } from '../credits/rules.ts';
import {
  exportCatalogue,
  importCatalogue,
  setModelCost,
  setModelOffered,
  setModelPrice,
} from '../generations/catalogue/operate-catalogue.ts';
import type { CatalogueChange } from '../generations/catalogue/operate-catalogue.ts';
import { NotFoundError } from '../platform/errors.ts';
import type { OperationsDeps } from './deps.ts';
import { inLog } from './operator-log.ts';
import type { ByHand, OperatorActionName } from './operator-log.ts';

/** What an operator decides about models and prices: each is in the log with how things stood before and after. */

/** @throws NotFoundError `model` */
export function setPriceByHand(
  deps: OperationsDeps,
  by: ByHand,
  change: { model: string; creditsPerUnit: bigint; policy?: ChargePolicy },
): Promise<{ version: string; changed: boolean }> {
  return edit(deps, by, { action: 'set_price', model: change.model, part: ['price'] }, () =>
    setModelPrice(deps.db, change),
  );
}

/** @throws NotFoundError `model` */
export function setCostByHand(
  deps: OperationsDeps,
  by: ByHand,
  change: { model: string; usd: number; source: string },
): Promise<void> {
  const part = ['provider_price_usd', 'provider_price_source', 'provider_price_read_on'];
  return edit(deps, by, { action: 'set_cost', model: change.model, part }, () =>
    setModelCost(deps.db, change),
  );
}

/** @throws NotFoundError `model` */
export function offerByHand(
  deps: OperationsDeps,
  by: ByHand,
  model: string,
  offered: boolean,
): Promise<void> {
  const action = offered ? 'offer_model' : 'withdraw_model';
  return edit(deps, by, { action, model, part: ['offered'] }, () => setModelOffered(deps.db, model, offered));
}

/** A dry run is in no log: it does nothing. @throws InvalidInputError `catalogue_invalid` */
export async function importByHand(
  deps: OperationsDeps,
  by: ByHand,
  content: unknown,
  options: { dryRun: boolean },
): Promise<CatalogueChange[]> {
  const planned = await importCatalogue(deps.db, content, { dryRun: true });
  const changes = planned.filter(({ kind }) => kind !== 'unchanged');
  if (options.dryRun || changes.length === 0) return planned;
  return inLog(
    deps.db,
    by,
    { action: 'import_models', subject: 'catalogue', asked: { models: changes.map(({ model }) => model) } },
    {
      standing: async () =>
        Object.fromEntries(
          await Promise.all(
            changes.map(async ({ model, fields }) => [model, await standing(deps, model, fields)]),
          ),
        ) as object,
      doing: () => importCatalogue(deps.db, content, { dryRun: false }),
    },
  );
}

function edit<T>(
  deps: OperationsDeps,
  by: ByHand,
  what: { action: OperatorActionName; model: string; part: readonly string[] },
  doing: () => Promise<T>,
): Promise<T> {
  return inLog(
    deps.db,
    by,
    { action: what.action, subject: what.model },
    {
      async standing() {
        const now = await standing(deps, what.model, what.part);
        if (now === null) throw new NotFoundError('model');
        return now;
      },
      doing,
    },
  );
}

/** Those parts of a model; all of them where none is named, and null where it isn't there. */
async function standing(deps: OperationsDeps, id: string, parts: readonly string[]): Promise<object | null> {
  const { models } = await exportCatalogue(deps.db);
  const model = models.find((each) => each.id === id);
  if (model === undefined) return null;
  const wanted = Object.entries(model).filter(([name]) => parts.length === 0 || parts.includes(name));
  return Object.fromEntries(wanted);
}
