import { createHash } from 'node:crypto';
import { transport_classes } from '../http/classify.ts';
import { fetchOutput } from '../http/fetch-output.ts';
import { withFiles } from '../http/input-files.ts';
import { kindOfFile } from '../http/kind-of-file.ts';
import { paidPost } from '../http/paid-post.ts';
import { refusedBeforehand } from '../http/refused-beforehand.ts';
import type { Attempt, ErrorClass, Provider, RawProviderError, SubmitResult, TaskStatus } from '../port.ts';

export const externalProviderId = 'external';

/** What a renderer said when it had ended. */
export interface Completion {
  readonly status: 'succeeded' | 'failed';
  readonly outputDurationSeconds: number | null;
  readonly outputUrl: string | null;
  readonly error: string | null;
}

/** Where completions are kept. */
export interface CompletionInbox {
  /** Null while nothing was said; `unknown_task` where no attempt has this token. */
  find(attemptToken: string): Promise<Completion | null | 'unknown_task'>;
}

export interface ExternalOptions {
  readonly completions: CompletionInbox;
  /** Where tasks are handed over. Null: they are not; whoever renders knows of them by another way. */
  readonly renderUrl: string | null;
  /** Goes along with each, so that the renderer knows who asks. */
  readonly key: string;
  /** Where it calls when a task has ended. */
  readonly callbackUrl: string;
  readonly allowPrivateAddresses: boolean;
}

/** The name by which a task is told to its renderer; the token stays a secret of its own. */
export function taskIdOf(attemptToken: string): string {
  return `ext_${createHash('sha256').update(attemptToken).digest('hex').slice(0, 32)}`;
}

/** Answers by which a renderer says that it has not taken a task. */
const refusals: Readonly<Record<number, ErrorClass>> = {
  400: 'SYSTEM',
  401: 'OPERATOR_AUTH',
  403: 'OPERATOR_AUTH',
  404: 'OPERATOR_CONFIG',
  405: 'OPERATOR_CONFIG',
  413: 'USER_INPUT',
  422: 'USER_INPUT',
  429: 'TRANSIENT',
};

/**
 * A renderer of the operator's own, elsewhere. A task is handed over by one POST, and the renderer calls when it has ended; between the two
 * nobody is asked. What it says is believed, since it shows a key and the task's own token; a file that it names is looked at like anybody's.
 */
export function createExternalProvider(options: ExternalOptions): Provider {
  async function submit(attempt: Attempt, signal: AbortSignal): Promise<SubmitResult> {
    const taskId = taskIdOf(attempt.token);
    if (options.renderUrl === null) return { kind: 'accepted', taskId };
    let body: string;
    try {
      const input = await withFiles(attempt, async ({ contentType, content }) => {
        return `data:${contentType};base64,${content.toString('base64')}`;
      });
      const callback = { callback_url: options.callbackUrl, callback_token: attempt.token };
      body = JSON.stringify({ task_id: taskId, model: attempt.model, input, ...callback });
    } catch (error) {
      return refusedBeforehand(error, classify);
    }
    const headers = { 'content-type': 'application/json', 'x-api-key': options.key };
    const result = await paidPost({ url: options.renderUrl, headers, body, signal });
    if (result.kind === 'not_sent') return { kind: 'rejected', error: result.error };
    if (result.kind === 'no_answer') return { kind: 'unknown', error: result.error };
    const { status, text } = result.answer;
    if (status >= 200 && status < 300) return { kind: 'accepted', taskId };
    const error = { code: `http_${status}`, message: text.slice(0, 500), httpStatus: status };
    return { kind: status in refusals ? 'rejected' : 'unknown', error };
  }

  return {
    id: externalProviderId,
    capabilities: {
      idempotentSubmit: false,
      cancel: false,
      // Its calls come in by a door of their own.
      webhooks: false,
      balance: false,
      list: false,
      paid: false,
      concurrencyPerMachine: null,
    },
    submit,
    classify,

    async status(task): Promise<TaskStatus> {
      const said = await options.completions.find(task.attemptToken);
      if (said === 'unknown_task') return { state: 'gone' };
      if (said === null) return { state: 'running', progress: null };
      if (said.status === 'failed') {
        const error = { code: 'render_failed', message: said.error ?? 'its renderer says that it failed' };
        return { state: 'failed', error, actualCostUsd: null };
      }
      if (said.outputUrl === null) {
        const declaredSeconds = said.outputDurationSeconds ?? 0;
        return { state: 'succeeded', outputs: [], declaredSeconds, actualCostUsd: null };
      }
      const output = { kind: kindOfFile(said.outputUrl), url: said.outputUrl, posterUrl: null };
      return { state: 'succeeded', outputs: [output], actualCostUsd: null };
    },

    fetchOutput: (output, signal) => fetchOutput(externalProviderId, output, options, signal),

    /** That it has ended proves that it was handed over. */
    async reconcile(attempt) {
      const { token, model } = attempt;
      const said = await options.completions.find(token);
      if (said === null || said === 'unknown_task') return 'cannot_tell';
      return { found: { taskId: taskIdOf(token), attemptToken: token, model } };
    },
  };
}

function classify(error: RawProviderError): ErrorClass {
  const status = Number(/^http_(\d+)$/.exec(error.code)?.[1] ?? Number.NaN);
  if (error.code === 'render_failed') return 'SYSTEM';
  return refusals[status] ?? transport_classes[error.code] ?? 'UNKNOWN';
}
