import type { HttpAnswer } from '../http/connection.ts';
import { fieldsOf, listOf, textOf } from '../http/json.ts';
import { question } from '../http/question.ts';
import { ProviderError } from '../port.ts';
import type { ProviderOutput, TaskRef, TaskStatus } from '../port.ts';
import { addressOf, errorOf, headersOf, id } from './api.ts';
import type { FalOptions } from './api.ts';
import type { Prices } from './prices.ts';

/** `COMPLETED` only means that it is over: what became of it is told by the result's own address. */
export async function statusOf(
  options: FalOptions,
  prices: Prices,
  task: TaskRef,
  signal: AbortSignal,
): Promise<TaskStatus> {
  const asked = await get(addressOf(options, task, 'status'));
  if (asked.status === 404) return { state: 'gone' };
  if (asked.status !== 200 && asked.status !== 202) throw new ProviderError(id, errorOf(options, asked));
  const standing = fieldsOf(asked.json);
  switch (standing['status']) {
    case 'IN_QUEUE':
      return { state: 'queued', progress: null };
    case 'IN_PROGRESS':
      return { state: 'running', progress: null };
    case 'COMPLETED': {
      const failed = textOf(standing['error']) !== null || textOf(standing['error_type']) !== null;
      const result = await get(addressOf(options, task, 'response'));
      // It failed, and the words for it are no longer kept: that says nothing of the model's name or of our account.
      if (failed && result.status === 404) return forgottenFailure(standing);
      return ending(result, failed);
    }
    default:
      throw new ProviderError(id, {
        code: 'unreadable_answer',
        message: 'a status that makes no sense',
        raw: asked.json ?? asked.text.slice(0, 500),
      });
  }

  function get(url: string): Promise<HttpAnswer> {
    return question(id, { method: 'GET', url, headers: headersOf(options), signal });
  }

  async function ending(result: HttpAnswer, failed: boolean): Promise<TaskStatus> {
    if (result.status === 200) return success(result);
    const error = errorOf(options, result);
    if (error.code === 'client_cancelled' || result.status === 499) return { state: 'cancelled' };
    if (error.message.includes('still in progress')) return { state: 'running', progress: null };
    if (result.status === 404 && !failed) return { state: 'gone' };
    // The answer may be the model's, or of whoever stands before it: only what speaks of the request is its failure.
    const ofTheModel = failed || result.status === 422 || !error.code.startsWith('http_');
    if (!ofTheModel || [401, 403, 429].includes(result.status)) throw new ProviderError(id, error);
    return { state: 'failed', error, actualCostUsd: result.status >= 500 ? 0 : await cost(result) };
  }

  async function success(result: HttpAnswer): Promise<TaskStatus> {
    const { outputs, hidden } = outputsOf(result.json);
    const actualCostUsd = await cost(result);
    if (outputs.length > 0) return { state: 'succeeded', outputs, actualCostUsd };
    if (!hidden) {
      throw new ProviderError(id, {
        code: 'unreadable_answer',
        message: 'a result without files',
        raw: result.json,
      });
    }
    const message = 'every picture was blacked out: its content was found unsafe';
    return { state: 'failed', error: { code: 'nsfw_content', message }, actualCostUsd };
  }

  async function cost(result: HttpAnswer): Promise<number | null> {
    const units = Number(result.headers['x-fal-billable-units'] ?? Number.NaN);
    if (!Number.isFinite(units)) return null;
    const price = await prices.of(task.model, signal);
    return price === null ? null : units * price;
  }
}

function forgottenFailure(standing: Readonly<Record<string, unknown>>): TaskStatus {
  const code = textOf(standing['error_type']) ?? 'result_expired';
  const message = textOf(standing['error']) ?? 'it failed, and why is no longer kept';
  return { state: 'failed', error: { code, message }, actualCostUsd: null };
}

/** A blacked-out picture is delivered as a success, with a note beside it. */
function outputsOf(body: unknown): { outputs: ProviderOutput[]; hidden: boolean } {
  const fields = fieldsOf(body);
  const unsafe = listOf(fields['has_nsfw_concepts']);
  const read = (file: unknown, kind: ProviderOutput['kind']): ProviderOutput[] => {
    const url = textOf(fieldsOf(file)['url']);
    return url === null ? [] : [{ kind, url, posterUrl: null }];
  };
  const pictures = fields['image'] === undefined ? listOf(fields['images']) : [fields['image']];
  const films = fields['video'] === undefined ? listOf(fields['videos']) : [fields['video']];
  return {
    outputs: [
      ...films.flatMap((file) => read(file, 'video')),
      ...pictures.filter((_, index) => unsafe[index] !== true).flatMap((file) => read(file, 'image')),
    ],
    hidden: unsafe.includes(true),
  };
}
