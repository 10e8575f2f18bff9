import { ProviderError } from '../../../src/providers/port.ts';
import type {
  Capabilities,
  Provider,
  ProviderOutput,
  RawProviderError,
  SubmitResult,
  TaskRef,
  TaskStatus,
} from '../../../src/providers/port.ts';

export interface ScriptedProviderOptions {
  readonly url: string;
  readonly id?: string;
  readonly capabilities?: Partial<Capabilities>;
}

/** Speaks the port to a scripted service, by HTTP, so that it reaches it from any process. By default as a paid provider would be. */
export function createScriptedProvider(options: ScriptedProviderOptions): Provider {
  const id = options.id ?? 'scripted';
  const capabilities: Capabilities = {
    idempotentSubmit: false,
    cancel: true,
    webhooks: false,
    balance: false,
    list: false,
    paid: true,
    concurrencyPerMachine: null,
    ...options.capabilities,
  };

  async function ask(path: string, signal: AbortSignal, method = 'GET'): Promise<Answer> {
    try {
      const response = await fetch(`${options.url}${path}`, { method, signal });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    } catch (error) {
      throw new ProviderError(id, { code: 'unreachable', message: String(error) }, { cause: error });
    }
  }

  return {
    id,
    capabilities,

    async submit(attempt, signal): Promise<SubmitResult> {
      const { token, model, input } = attempt;
      try {
        const response = await fetch(`${options.url}/tasks`, {
          method: 'POST',
          signal,
          body: JSON.stringify({ token, model, input }),
        });
        const body = (await response.json()) as Record<string, unknown>;
        if (response.status === 200) return { kind: 'accepted', taskId: String(body['id']) };
        const error = raw(response.status, body);
        return { kind: response.status >= 500 ? 'unknown' : 'rejected', error };
      } catch (error) {
        return { kind: 'unknown', error: { code: 'no_answer', message: String(error) } };
      }
    },

    async status(task: TaskRef, signal): Promise<TaskStatus> {
      const { status, body } = await ask(`/tasks/${task.taskId}`, signal);
      if (status === 404) return { state: 'gone' };
      switch (body['state']) {
        case 'running':
          return { state: 'running', progress: Number(body['progress']) };
        case 'cancelled':
          return { state: 'cancelled' };
        case 'failed':
          return { state: 'failed', error: raw(status, body), actualCostUsd: null };
        case 'succeeded': {
          if (Array.isArray(body['pictures'])) {
            const outputs = body['pictures'].map(
              (url) => ({ kind: 'image', url: String(url), posterUrl: null }) as const,
            );
            return { state: 'succeeded', outputs, actualCostUsd: 0.01 };
          }
          const output: ProviderOutput = {
            kind: 'video',
            url: String(body['file']),
            posterUrl: typeof body['poster'] === 'string' ? body['poster'] : null,
          };
          return { state: 'succeeded', outputs: [output], actualCostUsd: 0.01 };
        }
        default:
          throw new ProviderError(id, raw(status, body));
      }
    },

    async fetchOutput(output, signal) {
      const response = await fetch(output.url, { signal }).catch((error: unknown) => {
        throw new ProviderError(id, { code: 'unreachable', message: String(error) }, { cause: error });
      });
      if (!response.ok || response.body === null) {
        throw new ProviderError(id, {
          code: 'no_file',
          message: 'the file is missing',
          httpStatus: response.status,
        });
      }
      return response.body;
    },

    async cancel(task, signal) {
      const { body } = await ask(`/tasks/${task.taskId}/cancel`, signal, 'POST');
      return body['result'] === 'cancelled' ? 'cancelled' : 'too_late';
    },

    async reconcile(attempt, signal) {
      const { body } = await ask(`/by-token/${attempt.token}`, signal);
      if (typeof body['id'] !== 'string') return capabilities.list ? 'absent' : 'cannot_tell';
      return { found: { taskId: body['id'], attemptToken: attempt.token, model: attempt.model } };
    },

    classify(error) {
      switch (error.code) {
        case 'policy':
          return 'USER_POLICY';
        case 'busy':
          return 'TRANSIENT';
        case 'no_balance':
          return 'OPERATOR_BALANCE';
        case 'broken':
          return 'SYSTEM';
        default:
          return 'UNKNOWN';
      }
    },
  };
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

function raw(status: number, body: Record<string, unknown>): RawProviderError {
  return {
    code: typeof body['code'] === 'string' ? body['code'] : 'unknown',
    message: typeof body['message'] === 'string' ? body['message'] : 'no message',
    httpStatus: status,
    raw: body,
  };
}
