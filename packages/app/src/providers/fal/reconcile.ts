import { fieldsOf, listOf, textOf, unwrapped } from '../http/json.ts';
import { findByInput, recognizeInput } from '../http/match-input.ts';
import type { ListedTask } from '../http/match-input.ts';
import { ProviderError } from '../port.ts';
import type { Attempt, Recognition, TaskRef } from '../port.ts';
import { getJson } from './api.ts';
import type { FalOptions } from './api.ts';

const window_ms = 5 * 60_000;
/** Until then, what was sent may still be on its way into the list. */
const settled_after_ms = 5 * 60_000;
const max_pages = 20;

/** Looks through fal's list of the requests of that model and time. Absence counts only where the operator knows the list to be whole. */
export async function reconcile(
  options: FalOptions,
  attempt: Attempt & {
    readonly submittedAt: Date;
    readonly taken?: readonly string[];
    readonly submittedUntil?: Date;
  },
  signal: AbortSignal,
): Promise<{ found: TaskRef } | 'absent' | 'cannot_tell'> {
  const { submittedAt, model } = attempt;
  const lastAt = (attempt.submittedUntil ?? submittedAt).getTime();
  const { tasks, whole } = await list();
  const match = findByInput(attempt, tasks, true);
  if (typeof match === 'object') {
    return { found: { taskId: match.taskId, attemptToken: attempt.token, model } };
  }
  const settled = options.clock.now().getTime() - lastAt > settled_after_ms;
  return match === 'none' && whole && settled && options.listIsComplete ? 'absent' : 'cannot_tell';

  async function list(): Promise<{ tasks: ListedTask[]; whole: boolean }> {
    const tasks: ListedTask[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < max_pages; page += 1) {
      const query = new URLSearchParams({
        endpoint_id: model,
        start: new Date(submittedAt.getTime() - window_ms).toISOString(),
        end: new Date(lastAt + window_ms).toISOString(),
        expand: 'payloads',
        limit: '100',
        ...(cursor === null ? {} : { cursor }),
      }).toString();
      const body: Readonly<Record<string, unknown>> = fieldsOf(
        await getJson(options, `${options.apiBaseUrl}/v1/models/requests/by-endpoint?${query}`, signal),
      );
      for (const item of listOf(body['items']).map(fieldsOf)) {
        const taskId = textOf(item['request_id']);
        const input = unwrapped(item['json_input'] ?? undefined);
        if (taskId !== null && attempt.taken?.includes(taskId) !== true) tasks.push({ taskId, input });
      }
      cursor = textOf(body['next_cursor']);
      if (cursor === null) return { tasks, whole: true };
    }
    return { tasks, whole: false };
  }
}

/** A callback is fal's own word that a request is over; whose it was, its list tells by what was asked for, where it shows it. */
export async function recognize(
  options: FalOptions,
  attempt: Attempt,
  taskId: string,
  signal: AbortSignal,
): Promise<Recognition> {
  const query = new URLSearchParams({
    endpoint_id: attempt.model,
    request_id: taskId,
    expand: 'payloads',
    limit: '1',
  }).toString();
  let body: unknown;
  try {
    body = await getJson(options, `${options.apiBaseUrl}/v1/models/requests/by-endpoint?${query}`, signal);
  } catch (error) {
    // A key that may not see lists can't tell; everything else may be different in a moment.
    if (error instanceof ProviderError && [401, 403, 404].includes(error.error.httpStatus ?? 0))
      return 'cannot_tell';
    throw error;
  }
  const item = listOf(fieldsOf(body)['items'])
    .map(fieldsOf)
    .find((each) => each['request_id'] === taskId);
  if (item === undefined) return 'cannot_tell';
  return recognizeInput(attempt, unwrapped(item['json_input'] ?? undefined), true);
}
