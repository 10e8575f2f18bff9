import type { Call, Handled, Reply, Service } from '../shared/service.ts';
import type { EmulatedTask } from '../shared/tasks.ts';
import { failureOf, said } from './words.ts';

/** Veo's own addresses, from before all families had one: they still answer, in other words. */
const path = '/api/v1/veo/generate';
const own = new WeakSet<EmulatedTask>();

export function isVeo(task: EmulatedTask): boolean {
  return own.has(task);
}

export function generateVeo(call: Call, service: Service): Handled {
  const { model, callBackUrl, prompt, ...rest } = (call.json ?? {}) as Record<string, unknown>;
  if (typeof prompt !== 'string' || prompt === '') return said(422, 'The prompt is missing');
  const callbackUrl = typeof callBackUrl === 'string' ? callBackUrl : null;
  const before = service.tasks.size;
  const answer = service.submit({
    path,
    model: typeof model === 'string' ? model : 'veo3_fast',
    input: { prompt, ...rest },
    callbackUrl,
  });
  const started = service.tasks.size > before ? [...service.tasks.values()].at(-1) : undefined;
  if (started !== undefined) own.add(started);
  return answer;
}

const flags = { queued: 0, running: 0, succeeded: 1, failed: 3, cancelled: 3 } as const;

export function veoRecord(call: Call, service: Service): Reply {
  const task = service.tasks.get(call.url.searchParams.get('taskId') ?? '');
  if (task === undefined || !isVeo(task)) return said(422, 'Record does not exist');
  const phase = service.phase(task);
  const failed = phase === 'failed' ? failureOf(task) : null;
  return said(200, 'success', {
    taskId: task.id,
    paramJson: JSON.stringify(task.input),
    completeTime: phase === 'succeeded' || phase === 'failed' ? task.endsAtMs : null,
    response: phase === 'succeeded' ? { taskId: task.id, ...resultOf(task, service) } : null,
    successFlag: flags[phase],
    errorCode: failed === null ? null : Number(failed.failCode),
    errorMessage: failed?.failMsg ?? null,
    createTime: task.acceptedAtMs,
    fallbackFlag: false,
  });
}

export function veoCallback(task: EmulatedTask, taskId: string, service: Service): unknown {
  const done = service.phase(task) === 'succeeded';
  return {
    code: done ? 200 : Number(failureOf(task).failCode),
    msg: done ? 'Veo3.1 video generated successfully.' : failureOf(task).failMsg,
    data: {
      taskId,
      promptJson: JSON.stringify(task.input),
      info: done ? resultOf(task, service) : null,
      fallbackFlag: false,
    },
  };
}

function resultOf(task: EmulatedTask, service: Service): Record<string, unknown> {
  return { resultUrls: [`${service.url}/files/${task.id}.mp4`], originUrls: null, resolution: '720p' };
}
