import { callbackAddress } from '../http/callback-address.ts';
import { fetchOutput } from '../http/fetch-output.ts';
import { withFiles } from '../http/input-files.ts';
import { fieldsOf, numberOf, textOf } from '../http/json.ts';
import { paidPost } from '../http/paid-post.ts';
import { question } from '../http/question.ts';
import { refusedBeforehand } from '../http/refused-beforehand.ts';
import { ProviderError } from '../port.ts';
import type { Attempt, Provider, SubmitResult } from '../port.ts';
import { addressOf, errorOf, getJson, headersOf, id, upload } from './api.ts';
import type { FalOptions } from './api.ts';
import { classify, refusals } from './errors.ts';
import { createPrices, listedPrices } from './prices.ts';
import { recognize, reconcile } from './reconcile.ts';
import { statusOf } from './status.ts';
import { createWebhookVerifier } from './webhook.ts';

/** fal's queue. A model is named as fal names it (`fal-ai/flux/dev`); its callbacks are signed, and its lists can be searched. */
export function createFalProvider(options: FalOptions): Provider {
  const prices = createPrices(options);
  const { adminKey } = options;

  async function submit(attempt: Attempt, signal: AbortSignal): Promise<SubmitResult> {
    let body: string;
    try {
      body = JSON.stringify(await withFiles(attempt, (file) => upload(options, file, attempt.token, signal)));
    } catch (error) {
      return refusedBeforehand(error, classify);
    }
    const hook = callbackAddress(attempt, options);
    const query = hook === null ? '' : `?${new URLSearchParams({ fal_webhook: hook }).toString()}`;
    const result = await paidPost({
      url: `${options.queueBaseUrl}/${attempt.model}${query}`,
      headers: { ...headersOf(options), 'content-type': 'application/json' },
      body,
      signal,
    });
    if (result.kind === 'not_sent') return { kind: 'rejected', error: result.error };
    if (result.kind === 'no_answer') return { kind: 'unknown', error: result.error };
    const { answer } = result;
    const fields = fieldsOf(answer.json);
    const taskId = textOf(fields['request_id']);
    if (answer.status >= 200 && answer.status < 300 && taskId !== null) {
      return { kind: 'accepted', taskId, urls: urlsOf(fields), raw: answer.json };
    }
    const kind = refusals.has(answer.status) ? 'rejected' : 'unknown';
    return { kind, error: errorOf(options, answer) };
  }

  return {
    id,
    capabilities: {
      idempotentSubmit: false,
      cancel: true,
      webhooks: true,
      balance: adminKey !== null,
      list: options.listIsComplete,
      paid: true,
      concurrencyPerMachine: null,
      unknownSeconds: { least: 7_200, most: 7_200 },
    },
    submit,
    classify,
    status: (task, signal) => statusOf(options, prices, task, signal),
    listedPrices: (models, signal) => listedPrices(options, models, signal),
    verifyWebhook: createWebhookVerifier(options),
    reconcile: (attempt, signal) => reconcile(options, attempt, signal),
    recognize: (attempt, taskId, signal) => recognize(options, attempt, taskId, signal),
    fetchOutput: (output, signal) => fetchOutput(id, output, options, signal),

    /** fal only takes note of the wish: it has been cancelled once it says so itself, and may be made and billed until then. */
    async cancel(task, signal) {
      const url = addressOf(options, task, 'cancel');
      const answer = await question(id, { method: 'PUT', url, headers: headersOf(options), signal });
      if (answer.status === 400 || answer.status === 404) return 'too_late';
      if (answer.status !== 202 && answer.status !== 200)
        throw new ProviderError(id, errorOf(options, answer));
      const { state } = await statusOf(options, prices, task, signal);
      return state === 'cancelled' ? 'cancelled' : 'too_late';
    },

    ...(adminKey === null
      ? {}
      : {
          async balance(signal: AbortSignal) {
            const url = `${options.apiBaseUrl}/v1/account/billing?expand=credits`;
            const credits = fieldsOf(fieldsOf(await getJson(options, url, signal, adminKey))['credits']);
            const units = numberOf(credits['current_balance']);
            if (units === null) {
              throw new ProviderError(id, { code: 'unreadable_answer', message: 'the balance is no number' });
            }
            return { units, usd: credits['currency'] === 'USD' ? units : null };
          },
        }),
  };
}

function urlsOf(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  const urls: Record<string, string> = {};
  for (const what of ['status', 'response', 'cancel'] as const) {
    const url = textOf(fields[`${what}_url`]);
    if (url !== null) urls[what] = url;
  }
  return urls;
}
