import { fetchOutput } from '../http/fetch-output.ts';
import { withFiles } from '../http/input-files.ts';
import { fieldsOf, numberOf, textOf } from '../http/json.ts';
import { paidPost } from '../http/paid-post.ts';
import { refusedBeforehand } from '../http/refused-beforehand.ts';
import { ProviderError } from '../port.ts';
import type { Attempt, Provider, SubmitResult, TaskRef, TaskStatus } from '../port.ts';
import { errorOf, getData, headersOf, id, readEnvelope, renewedAddress, upload } from './api.ts';
import type { KieOptions } from './api.ts';
import { classify, refusals } from './errors.ts';
import { listedPrices } from './price-list.ts';
import { callbackOf, statusOfRecord } from './record.ts';
import { verifyWebhook } from './webhook.ts';

/**
 * KIE.ai, by its one API for all models. It can neither stop a task nor list them, and takes no key of ours for a request: what became of
 * a submit whose answer was lost is learned from a callback, or not at all.
 */
export function createKieProvider(options: KieOptions): Provider {
  async function submit(attempt: Attempt, signal: AbortSignal): Promise<SubmitResult> {
    let body: string;
    try {
      const input = await withFiles(attempt, (file) => upload(options, file, signal));
      const callBackUrl = attempt.callbackUrl ?? undefined;
      body = JSON.stringify({ model: attempt.model, callBackUrl, input });
    } catch (error) {
      return refusedBeforehand(error, classify);
    }
    const result = await paidPost({
      url: `${options.baseUrl}/api/v1/jobs/createTask`,
      headers: { ...headersOf(options), 'content-type': 'application/json' },
      body,
      signal,
    });
    if (result.kind === 'not_sent') return { kind: 'rejected', error: result.error };
    if (result.kind === 'no_answer') return { kind: 'unknown', error: result.error };
    const { answer } = result;
    const { code, data } = readEnvelope(answer);
    const taskId = textOf(fieldsOf(data)['taskId']);
    if (answer.status === 200 && code === 200 && taskId !== null) {
      return { kind: 'accepted', taskId, raw: answer.json };
    }
    const error = errorOf(answer);
    // A server that fails may have started it before it failed, whatever its words say.
    if (code === null || answer.status >= 500 || !refusals.has(code)) return { kind: 'unknown', error };
    const ours = code === 451 && Object.keys(attempt.files).length > 0;
    return { kind: 'rejected', error: ours ? { ...error, code: '451_ours' } : error };
  }

  async function recordOf(taskId: string, signal: AbortSignal): Promise<unknown> {
    try {
      const query = new URLSearchParams({ taskId }).toString();
      return await getData(options, `/api/v1/jobs/recordInfo?${query}`, signal);
    } catch (error) {
      // KIE's way of saying that there is no such record (any more); it is never about the person's input here.
      if (error instanceof ProviderError && error.error.code === '422') return null;
      throw error;
    }
  }

  async function status(task: TaskRef, signal: AbortSignal): Promise<TaskStatus> {
    const data = await recordOf(task.taskId, signal);
    if (data === null) return { state: 'gone' };
    const callback = callbackOf(data);
    if (callback !== null && !callback.includes(task.attemptToken)) {
      throw new ProviderError(id, {
        code: 'task_of_another',
        message: `task ${task.taskId} was started for another attempt`,
      });
    }
    const understood = statusOfRecord(data, options.usdPerCredit);
    if (understood !== null) return understood;
    throw new ProviderError(id, {
      code: 'unreadable_answer',
      message: 'a record that makes no sense',
      raw: data,
    });
  }

  return {
    id,
    capabilities: {
      idempotentSubmit: false,
      cancel: false,
      webhooks: true,
      balance: true,
      list: false,
      paid: true,
      concurrencyPerMachine: null,
      unknownSeconds: { least: 1_800, most: 3_600 },
    },
    submit,
    status,
    classify,
    listedPrices: (models, signal) => listedPrices(options, models, signal),
    verifyWebhook: async (call) => verifyWebhook(call, options.webhookKey),

    async fetchOutput(output, signal) {
      try {
        return await fetchOutput(id, output, options, signal);
      } catch (error) {
        if (!(error instanceof ProviderError) || ![403, 404].includes(error.error.httpStatus ?? 0))
          throw error;
        const renewed = await renewedAddress(options, output.url, signal);
        if (renewed === null) throw error;
        return fetchOutput(id, { ...output, url: renewed }, options, signal);
      }
    },

    /** The record names the address that was to be called, and that names the attempt. */
    async recognize(attempt, taskId, signal) {
      const data = await recordOf(taskId, signal);
      if (data === null) return 'unknown_task';
      const callback = callbackOf(data);
      if (callback === null) return 'cannot_tell';
      return callback.includes(attempt.token) ? 'own' : 'of_another';
    },

    async balance(signal) {
      const units = numberOf(await getData(options, '/api/v1/chat/credit', signal));
      if (units === null) {
        throw new ProviderError(id, { code: 'unreadable_answer', message: 'the balance is no number' });
      }
      return { units, usd: units * options.usdPerCredit };
    },
  };
}
