import { fieldsOf, listOf, numberOf, textOf } from '../http/json.ts';
import { ProviderError } from '../port.ts';
import type { ListedPrice } from '../port.ts';
import { getJson } from './api.ts';
import type { FalOptions } from './api.ts';

/** What one billable unit of a model costs, in dollars; null where fal won't say. Remembered for an hour. */
export interface Prices {
  of(model: string, signal: AbortSignal): Promise<number | null>;
}

const remembered_ms = 3_600_000;
const max_remembered = 1_000;

export function createPrices(options: FalOptions): Prices {
  const known = new Map<string, { price: number | null; atMs: number }>();
  return {
    async of(model, signal) {
      const now = options.clock.now().getTime();
      const before = known.get(model);
      if (before !== undefined && now - before.atMs < remembered_ms) return before.price;
      const price = await ask(model, signal);
      if (known.size >= max_remembered) known.clear();
      known.set(model, { price, atMs: now });
      return price;
    },
  };

  async function ask(model: string, signal: AbortSignal): Promise<number | null> {
    const query = new URLSearchParams({ endpoint_id: model }).toString();
    try {
      const body = fieldsOf(
        await getJson(options, `${options.apiBaseUrl}/v1/models/pricing?${query}`, signal),
      );
      const entry = listOf(body['prices'])
        .map(fieldsOf)
        .find((each) => each['endpoint_id'] === model);
      return entry?.['currency'] === 'USD' ? numberOf(entry['unit_price']) : null;
    } catch (error) {
      // What was made is not held back because nobody can say what it cost.
      if (error instanceof ProviderError) return null;
      throw error;
    }
  }
}

/** What fal lists for each of these: one price, by its own unit. */
export async function listedPrices(
  options: FalOptions,
  models: readonly string[],
  signal: AbortSignal,
): Promise<readonly ListedPrice[]> {
  const found: ListedPrice[] = [];
  for (const model of models) {
    const query = new URLSearchParams({ endpoint_id: model }).toString();
    const body = await getJson(options, `${options.apiBaseUrl}/v1/models/pricing?${query}`, signal);
    for (const entry of listOf(fieldsOf(body)['prices']).map(fieldsOf)) {
      const usd = entry['currency'] === 'USD' ? numberOf(entry['unit_price']) : null;
      if (entry['endpoint_id'] !== model || usd === null) continue;
      found.push({ model, label: model, usd, unit: textOf(entry['unit']) ?? '' });
    }
  }
  return found;
}
