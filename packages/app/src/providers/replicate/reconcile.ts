import { fieldsOf, listOf, textOf } from '../http/json.ts';
import { findByInput, recognizeInput } from '../http/match-input.ts';
import type { ListedTask } from '../http/match-input.ts';
import type { Attempt, Recognition, TaskRef } from '../port.ts';
import { getJson, readModelName } from './api.ts';
import type { ModelName, ReplicateOptions } from './api.ts';

/** Both clocks may be wrong by a little. */
const before_ms = 60_000;
const after_ms = 5 * 60_000;
/** Until then, what was sent may still be on its way into the list. */
const settled_after_ms = 3 * 60_000;
const max_pages = 30;

/**
 * Looks through Replicate's list of that time, which is whole: what is not in it was never started. An hour after its end a prediction
 * no longer tells its input, and then nothing can be excluded.
 */
export async function reconcile(
  options: ReplicateOptions,
  attempt: Attempt & {
    readonly submittedAt: Date;
    readonly taken?: readonly string[];
    readonly submittedUntil?: Date;
  },
  signal: AbortSignal,
): Promise<{ found: TaskRef } | 'absent' | 'cannot_tell'> {
  const { submittedAt, model } = attempt;
  const lastAt = (attempt.submittedUntil ?? submittedAt).getTime();
  const name = readModelName(model);
  const { tasks, whole } = await list();
  const match = findByInput(attempt, tasks, false);
  if (typeof match === 'object') {
    return { found: { taskId: match.taskId, attemptToken: attempt.token, model } };
  }
  const settled = options.clock.now().getTime() - lastAt > settled_after_ms;
  return match === 'none' && whole && settled ? 'absent' : 'cannot_tell';

  async function list(): Promise<{ tasks: ListedTask[]; whole: boolean }> {
    const tasks: ListedTask[] = [];
    const query = new URLSearchParams({
      created_after: new Date(submittedAt.getTime() - before_ms).toISOString(),
      created_before: new Date(lastAt + after_ms).toISOString(),
    }).toString();
    let url: string | null = `${options.baseUrl}/v1/predictions?${query}`;
    for (let page = 0; page < max_pages; page += 1) {
      const body: Readonly<Record<string, unknown>> = fieldsOf(await getJson(options, url, signal));
      for (const item of listOf(body['results']).map(fieldsOf)) {
        const taskId = textOf(item['id']);
        if (taskId === null || attempt.taken?.includes(taskId) === true || !isOf(item, name)) continue;
        tasks.push({ taskId, input: inputOf(item) });
      }
      url = textOf(body['next']);
      if (url === null) return { tasks, whole: true };
      // The token goes along: only to where it belongs.
      if (!url.startsWith(`${options.baseUrl}/`)) return { tasks, whole: false };
    }
    return { tasks, whole: false };
  }
}

/** By what it was asked for, as long as that is kept. */
export function recognize(attempt: Attempt, prediction: unknown): Recognition {
  const fields = fieldsOf(prediction);
  if (!isOf(fields, readModelName(attempt.model))) return 'of_another';
  return recognizeInput(attempt, inputOf(fields), false);
}

function inputOf(item: Readonly<Record<string, unknown>>): unknown {
  const told = item['data_removed'] !== true && typeof item['input'] === 'object';
  return told ? (item['input'] ?? undefined) : undefined;
}

/** Whether a listed prediction may be of that model: one that doesn't say may be. */
function isOf(item: Readonly<Record<string, unknown>>, name: ModelName): boolean {
  switch (name.kind) {
    case 'model':
      return [null, name.name].includes(textOf(item['model']));
    case 'version':
      return [null, name.version].includes(textOf(item['version']));
    case 'deployment':
      return [null, name.name].includes(textOf(item['deployment']));
    default:
      throw new Error(`unknown kind of model ${JSON.stringify(name satisfies never)}`);
  }
}
