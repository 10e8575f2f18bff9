import { callbackAddress } from '../http/callback-address.ts';
import { fetchOutput } from '../http/fetch-output.ts';
import { withFiles } from '../http/input-files.ts';
import { fieldsOf, textOf } from '../http/json.ts';
import { paidPost } from '../http/paid-post.ts';
import { question } from '../http/question.ts';
import { refusedBeforehand } from '../http/refused-beforehand.ts';
import { ProviderError } from '../port.ts';
import type { Attempt, Provider, SubmitResult, TaskRef, TaskStatus } from '../port.ts';
import { headersOf, id, readModelName, upload } from './api.ts';
import type { ReplicateOptions } from './api.ts';
import { classify, errorOf, refusals } from './errors.ts';
import { statusOfPrediction } from './prediction.ts';
import { recognize, reconcile } from './reconcile.ts';
import { createWebhookVerifier } from './webhook.ts';

/**
 * Replicate's predictions. A model is `owner/name`, `owner/name:version`, a version, or `deployments/owner/name`. Its list of
 * predictions is whole, so that a lost submit can be found, or proven never to have started.
 */
export function createReplicateProvider(options: ReplicateOptions): Provider {
  async function submit(attempt: Attempt, signal: AbortSignal): Promise<SubmitResult> {
    const { path, version } = placeOf(attempt.model);
    let body: string;
    try {
      const input = await withFiles(attempt, (file) => upload(options, file, attempt.token, signal));
      const hook = callbackAddress(attempt, options);
      const callback = hook === null ? {} : { webhook: hook, webhook_events_filter: ['completed'] };
      body = JSON.stringify({ version, input, ...callback });
    } catch (error) {
      return refusedBeforehand(error, classify);
    }
    const result = await paidPost({
      url: `${options.baseUrl}${path}`,
      headers: { ...headersOf(options), 'content-type': 'application/json' },
      body,
      signal,
    });
    if (result.kind === 'not_sent') return { kind: 'rejected', error: result.error };
    if (result.kind === 'no_answer') return { kind: 'unknown', error: result.error };
    const { answer } = result;
    const taskId = textOf(fieldsOf(answer.json)['id']);
    if (answer.status >= 200 && answer.status < 300 && taskId !== null) {
      return { kind: 'accepted', taskId, raw: answer.json };
    }
    return { kind: refusals.has(answer.status) ? 'rejected' : 'unknown', error: errorOf(answer) };
  }

  const addressOf = (task: Pick<TaskRef, 'taskId'>): string =>
    `${options.baseUrl}/v1/predictions/${encodeURIComponent(task.taskId)}`;

  /** Null where Replicate has none of that name. */
  async function predictionOf(task: Pick<TaskRef, 'taskId'>, signal: AbortSignal): Promise<unknown> {
    const url = addressOf(task);
    const answer = await question(id, { method: 'GET', url, headers: headersOf(options), signal });
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw new ProviderError(id, errorOf(answer));
    return answer.json;
  }

  async function status(task: TaskRef, signal: AbortSignal): Promise<TaskStatus> {
    const prediction = await predictionOf(task, signal);
    return prediction === null ? { state: 'gone' } : understood(prediction);
  }

  return {
    id,
    capabilities: {
      idempotentSubmit: false,
      cancel: true,
      webhooks: true,
      balance: false,
      list: true,
      paid: true,
      concurrencyPerMachine: null,
      unknownSeconds: { least: 900, most: 900 },
    },
    submit,
    status,
    classify,
    verifyWebhook: createWebhookVerifier(options),
    reconcile: (attempt, signal) => reconcile(options, attempt, signal),
    async recognize(attempt, taskId, signal) {
      const prediction = await predictionOf({ taskId }, signal);
      return prediction === null ? 'unknown_task' : recognize(attempt, prediction);
    },
    fetchOutput: (output, signal) => fetchOutput(id, output, options, signal),

    async cancel(task, signal) {
      const url = `${addressOf(task)}/cancel`;
      const answer = await question(id, { method: 'POST', url, headers: headersOf(options), signal });
      if (answer.status === 404 || answer.status === 422) return 'too_late';
      if (answer.status >= 300) throw new ProviderError(id, errorOf(answer));
      return fieldsOf(answer.json)['status'] === 'canceled' ? 'cancelled' : 'too_late';
    },
  };
}

function placeOf(model: string): { path: string; version: string | undefined } {
  const name = readModelName(model);
  switch (name.kind) {
    case 'model':
      return { path: `/v1/models/${name.name}/predictions`, version: undefined };
    case 'version':
      return { path: '/v1/predictions', version: name.version };
    case 'deployment':
      return { path: `/v1/deployments/${name.name}/predictions`, version: undefined };
    default:
      throw new Error(`unknown kind of model ${JSON.stringify(name satisfies never)}`);
  }
}

function understood(body: unknown): TaskStatus {
  const status = statusOfPrediction(body);
  if (status !== null) return status;
  const message = 'a prediction that makes no sense';
  throw new ProviderError(id, { code: 'unreadable_answer', message, raw: body });
}
