import { fieldsOf, listOf, numberOf, textOf } from '../http/json.ts';
import { question } from '../http/question.ts';
import { ProviderError } from '../port.ts';
import type { ListedPrice } from '../port.ts';
import { errorOf, id, readEnvelope } from './api.ts';
import type { KieOptions } from './api.ts';

const page_size = 100;
const most_pages = 30;

/**
 * KIE's public list, read whole. It describes models in words of its own; which of them a line is about is told by the address of its page alone, and
 * of some it isn't told at all.
 */
export async function listedPrices(
  options: KieOptions,
  models: readonly string[],
  signal: AbortSignal,
): Promise<readonly ListedPrice[]> {
  const wanted = new Set(models);
  const found: ListedPrice[] = [];
  for (let page = 1; page <= most_pages; page += 1) {
    const records = listOf(fieldsOf(await pageOf(options, page, signal))['records']).map(fieldsOf);
    for (const record of records) {
      const model = modelAt(textOf(record['anchor']));
      const usd = Number(textOf(record['usdPrice']) ?? numberOf(record['usdPrice']) ?? Number.NaN);
      if (model === null || !wanted.has(model) || !Number.isFinite(usd)) continue;
      const label = textOf(record['modelDescription']) ?? model;
      found.push({ model, label, usd, unit: (textOf(record['creditUnit']) ?? '').trim() });
    }
    if (records.length < page_size) break;
  }
  return found;
}

async function pageOf(options: KieOptions, page: number, signal: AbortSignal): Promise<unknown> {
  // It needs no key, and so gets none.
  const answer = await question(id, {
    method: 'POST',
    url: `${options.baseUrl}/client/v1/model-pricing/page`,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'user-agent': 'Holdfast/0.1',
    },
    body: JSON.stringify({ pageNum: page, pageSize: page_size, modelDescription: '' }),
    signal,
  });
  const { code, data } = readEnvelope(answer);
  if (answer.status !== 200 || code !== 200) throw new ProviderError(id, errorOf(answer));
  return data;
}

function modelAt(page: string | null): string | null {
  if (page === null || !URL.canParse(page)) return null;
  return new URL(page).searchParams.get('model');
}
