import { fieldsOf, listOf, numberOf, textOf, unwrapped } from '../http/json.ts';
import { kindOfFile } from '../http/kind-of-file.ts';
import type { RawProviderError, TaskStatus } from '../port.ts';
import { isListed } from './errors.ts';

/** How a task stands, from `recordInfo`'s data. Null for what can't be understood: then nothing is known. */
export function statusOfRecord(data: unknown, usdPerCredit: number): TaskStatus | null {
  const record = fieldsOf(data);
  const credits = numberOf(record['creditsConsumed']);
  const actualCostUsd = credits === null ? null : credits * usdPerCredit;
  switch (textOf(record['state']) ?? stateOfFlag(record['successFlag'])) {
    case 'waiting':
    case 'queuing':
      return { state: 'queued', progress: null };
    case 'generating':
      return { state: 'running', progress: null };
    case 'success': {
      const outputs = addressesOf(record).map((url) => ({ kind: kindOfFile(url), url, posterUrl: null }));
      return outputs.length === 0 ? null : { state: 'succeeded', outputs, actualCostUsd };
    }
    case 'fail':
      return { state: 'failed', error: failureOf(record), actualCostUsd };
    default:
      return null;
  }
}

/** The address that KIE was asked to call: it names the attempt. Null where there was none, or it can't be read. */
export function callbackOf(data: unknown): string | null {
  return textOf(fieldsOf(unwrapped(fieldsOf(data)['param']))['callBackUrl']);
}

function stateOfFlag(flag: unknown): string | null {
  switch (flag) {
    case 0:
      return 'generating';
    case 1:
      return 'success';
    case 2:
    case 3:
      return 'fail';
    default:
      return null;
  }
}

/** Results stand in a JSON string; newer records carry them as an object as well. Either list may be a string again. */
function addressesOf(record: Readonly<Record<string, unknown>>): string[] {
  for (const place of [record['resultJson'], record['response']]) {
    const found = listOf(unwrapped(fieldsOf(unwrapped(place))['resultUrls'])).filter(
      (url) => typeof url === 'string',
    );
    if (found.length > 0) return found;
  }
  return [];
}

function failureOf(record: Readonly<Record<string, unknown>>): RawProviderError {
  const given = record['failCode'] ?? record['errorCode'];
  const code = typeof given === 'number' || typeof given === 'string' ? String(given) : '';
  return {
    code: isListed(code) ? code : 'task_failed',
    message:
      textOf(record['failMsg']) ?? textOf(record['errorMessage']) ?? 'it failed, and KIE did not say why',
    raw: { failCode: given ?? null, creditsConsumed: record['creditsConsumed'] ?? null },
  };
}
