import { fieldsOf, listOf, textOf } from '../http/json.ts';
import { kindOfFile } from '../http/kind-of-file.ts';
import type { TaskStatus } from '../port.ts';
import { failureOf } from './errors.ts';

const max_depth = 4;
const max_outputs = 50;

/** How a prediction stands. Null for what can't be understood. Replicate doesn't tell what one has cost. */
export function statusOfPrediction(body: unknown): TaskStatus | null {
  const prediction = fieldsOf(body);
  switch (prediction['status']) {
    case 'starting':
      return { state: 'queued', progress: null };
    case 'processing':
      return { state: 'running', progress: null };
    case 'succeeded': {
      if (prediction['data_removed'] === true) return { state: 'gone' };
      const urls = addressesIn(prediction['output'], 0).slice(0, max_outputs);
      if (urls.length === 0) return null;
      const outputs = urls.map((url) => ({ kind: kindOfFile(url), url, posterUrl: null }));
      return { state: 'succeeded', outputs, actualCostUsd: null };
    }
    case 'failed':
      return { state: 'failed', error: failureOf(textOf(prediction['error'])), actualCostUsd: null };
    case 'aborted':
      return {
        state: 'failed',
        error: { code: 'aborted', message: 'its deadline passed before it started' },
        actualCostUsd: 0,
      };
    case 'canceled':
      return { state: 'cancelled' };
    default:
      return null;
  }
}

/** A model's output is an address, a list of them, or an object with some in it. */
function addressesIn(output: unknown, depth: number): string[] {
  if (typeof output === 'string') return /^https?:\/\//.test(output) ? [output] : [];
  if (depth >= max_depth) return [];
  const parts = Array.isArray(output) ? listOf(output) : Object.values(fieldsOf(output));
  return parts.flatMap((part) => addressesIn(part, depth + 1));
}
