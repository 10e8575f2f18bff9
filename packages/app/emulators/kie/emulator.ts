import { createHmac, randomBytes } from 'node:crypto';
import { callBack } from '../shared/callbacks.ts';
import { failureOf, said } from './words.ts';
import { generateVeo, isVeo, veoCallback, veoRecord } from './veo.ts';
import { problemOfFiles } from '../shared/inputs.ts';
import { startService } from '../shared/service.ts';
import type { Call, Handled, Personality, Reply, Service, ServiceOptions } from '../shared/service.ts';
import type { EmulatedTask, Phase } from '../shared/tasks.ts';
import { makesPictures } from '../shared/tasks.ts';

export interface KieEmulatorOptions extends ServiceOptions {
  /** The only key that is let in; any, where none is given. */
  readonly apiKey?: string;
  /** Signs the callbacks, where given. */
  readonly webhookKey?: string;
}

const usd_per_credit = 0.005;

/** Two of KIE's lines, and one whose page doesn't tell the model. */
const price_list = {
  total: 3,
  pages: 1,
  records: [
    {
      modelDescription: 'Z-Image, text-to-image',
      interfaceType: 'image',
      provider: 'Alibaba',
      creditPrice: '0.8',
      creditUnit: ' per image',
      usdPrice: '0.004',
      anchor: 'https://kie.ai/z-image?model=z-image',
    },
    {
      modelDescription: 'Kling 3.0, video, without audio-1080P',
      interfaceType: 'video',
      provider: 'Kling',
      creditPrice: '20.0',
      creditUnit: ' per second',
      usdPrice: '0.1',
      anchor: 'https://kie.ai/kling-3-0?model=kling-3.0%2Fvideo',
    },
    {
      modelDescription: 'Google veo 3.1, Fast-720P',
      interfaceType: 'video',
      provider: 'Google',
      creditPrice: '60.0',
      creditUnit: ' per video',
      usdPrice: '0.3',
      anchor: 'https://kie.ai/veo-3-1',
    },
  ],
};

/** KIE.ai's task API, its uploads, its balance and its callbacks. */
export function startKieEmulator(options: KieEmulatorOptions = {}): Promise<Service> {
  return startService(createPersonality(options), options);
}

function createPersonality(options: KieEmulatorOptions): Personality {
  return {
    name: 'kie',
    limit: { count: 20, windowMs: 10_000 },
    newTaskId: () => randomBytes(16).toString('hex'),
    /** Failed tasks are not charged. */
    refunds: (_task, phase) => phase === 'failed',
    accepted: (task) => said(200, 'success', { taskId: task.id, recordId: task.id }),
    broken: () => said(500, 'Server exception, please try again later or contact customer service'),
    throttled: () => said(429, 'Your call frequency is too high. Please try again later.'),
    noBalance: () => said(402, 'The current credits are insufficient. Please top up.'),

    handle(call, service): Handled {
      const { pathname } = call.url;
      if (pathname.startsWith('/files/')) return fileAt(call.url, service);
      if (pathname === '/client/v1/model-pricing/page') return said(200, 'success', price_list);
      const wall = problemAtTheDoor(call, options.apiKey);
      if (wall !== null) return wall;
      switch (`${call.method} ${pathname}`) {
        case 'POST /api/v1/jobs/createTask':
          return createTask(call, service);
        case 'GET /api/v1/jobs/recordInfo':
          return recordInfo(call, service);
        case 'POST /api/v1/veo/generate':
          return generateVeo(call, service);
        case 'GET /api/v1/veo/record-info':
          return veoRecord(call, service);
        case 'GET /api/v1/chat/credit':
          return said(200, 'success', service.knobs.balanceUsd / usd_per_credit);
        case 'POST /api/v1/common/download-url':
          return downloadUrl(call, service);
        case 'POST /api/file-stream-upload':
        case 'POST /api/file-base64-upload':
        case 'POST /api/file-url-upload':
          return uploaded(call, service);
        default:
          return said(422, 'url is wrong');
      }
    },

    async changed(task, phase, service) {
      if (phase === 'running') return;
      await callBack(task, service, {
        tries: 3,
        waitMs: () => 1_000,
        timeoutMs: 15_000,
        permanentRefusals: false,
        make: (about, { aboutTask, forged }) => {
          const timestamp = String(Math.floor(Date.now() / 1000));
          const key = forged ? 'a stranger' : (options.webhookKey ?? null);
          const headers: Record<string, string> =
            key === null
              ? {}
              : {
                  'x-webhook-timestamp': timestamp,
                  'x-webhook-signature': createHmac('sha256', key)
                    .update(`${aboutTask}.${timestamp}`)
                    .digest('base64'),
                };
          return {
            url: about.callbackUrl ?? '',
            headers,
            body: JSON.stringify(
              isVeo(about) ? veoCallback(about, aboutTask, service) : callbackBody(about, aboutTask, service),
            ),
          };
        },
      });
    },
  };
}

function problemAtTheDoor(call: Call, apiKey: string | undefined): Reply | null {
  if ((call.headers['user-agent'] ?? '') === '') return { status: 403, body: 'error code: 1010' };
  const [kind, key] = (call.headers.authorization ?? '').split(' ');
  if (kind !== 'Bearer' || key === undefined || (apiKey !== undefined && key !== apiKey)) {
    return said(401, 'You do not have access permissions', null, 401);
  }
  return null;
}

function createTask(call: Call, service: Service): Handled {
  const { model, input, callBackUrl } = (call.json ?? {}) as Record<string, unknown>;
  if (typeof model !== 'string' || typeof input !== 'object' || input === null) {
    return said(422, 'The input parameters are missing or not an object');
  }
  const { prompt } = input as { prompt?: unknown };
  if (prompt !== undefined && (typeof prompt !== 'string' || prompt === '')) {
    return said(422, 'prompt must be a text that is not empty');
  }
  const problem = problemOfFiles(input, service);
  if (problem?.kind === 'not_an_address') return said(422, `${problem.field} must be the URL of an image`);
  if (problem?.kind === 'no_such_file') return said(451, `Failed to fetch the image: ${problem.value}`);
  const callbackUrl = typeof callBackUrl === 'string' ? callBackUrl : null;
  return service.submit({ path: call.url.pathname, model, input, callbackUrl });
}

function recordInfo(call: Call, service: Service): Reply {
  const task = service.tasks.get(call.url.searchParams.get('taskId') ?? '');
  if (task === undefined) return said(422, 'Record does not exist');
  return said(200, 'success', recordOf(task, service.phase(task), service));
}

const states = {
  queued: 'waiting',
  running: 'generating',
  succeeded: 'success',
  failed: 'fail',
  cancelled: 'fail',
} as const;
const flags = { queued: 0, running: 0, succeeded: 1, failed: 3, cancelled: 3 } as const;

/** As KIE stores it: JSON within JSON, and within `param` once more. */
function recordOf(task: EmulatedTask, phase: Phase, service: Service): Record<string, unknown> {
  const over = phase === 'succeeded' || phase === 'failed';
  const resultUrls = [`${service.url}/files/${task.id}.${makesPictures(task.model) ? 'png' : 'mp4'}`];
  return {
    taskId: task.id,
    model: task.model,
    state: states[phase],
    successFlag: flags[phase],
    param: JSON.stringify({
      model: task.model,
      ...(task.callbackUrl === null ? {} : { callBackUrl: task.callbackUrl }),
      input: JSON.stringify(task.input),
    }),
    resultJson: phase === 'succeeded' ? JSON.stringify({ resultUrls }) : '',
    response: {},
    ...(phase === 'failed' ? failureOf(task) : { failCode: null, failMsg: null }),
    costTime: over ? Math.round((task.endsAtMs - task.startsAtMs) / 1000) : 0,
    createTime: task.acceptedAtMs,
    updateTime: 0,
    completeTime: over ? task.endsAtMs : 0,
    creditsConsumed: phase === 'succeeded' ? task.usd / usd_per_credit : 0,
  };
}

function callbackBody(task: EmulatedTask, taskId: string, service: Service): unknown {
  const phase = service.phase(task);
  const { creditsConsumed, ...record } = recordOf(task, phase, service);
  const done = phase === 'succeeded';
  return {
    code: done ? 200 : 501,
    msg: done ? 'Playground task completed successfully.' : 'Playground task failed.',
    data: {
      ...record,
      taskId,
      consumeCredits: creditsConsumed,
      remainedCredits: service.knobs.balanceUsd / usd_per_credit,
    },
  };
}

function downloadUrl(call: Call, service: Service): Reply {
  const { url } = (call.json ?? {}) as Record<string, unknown>;
  if (typeof url !== 'string' || !url.startsWith(`${service.url}/files/`)) return said(422, 'url is wrong');
  const renewed = new URL(url);
  renewed.searchParams.set('renewed', '1');
  return said(200, 'success', renewed.href);
}

/** A result's address is good for a while, and then has to be renewed. */
function fileAt({ pathname, searchParams }: URL, service: Service): Handled {
  const task = service.tasks.get(/^\/files\/([0-9a-f]+)\.\w+$/.exec(pathname)?.[1] ?? '');
  const expired = task !== undefined && service.now() >= task.endsAtMs + service.knobs.resultTtlMs;
  if (expired && !searchParams.has('renewed')) return { status: 403, body: 'the address has expired' };
  return { asset: pathname.endsWith('.png') ? 'png' : 'mp4' };
}

function uploaded(call: Call, service: Service): Handled {
  if (service.knobs.upload === 'drop') return 'drop';
  if (service.knobs.upload === 'broken') return said(500, 'The file could not be kept', null, 500);
  const name = /filename="([^"]+)"/.exec(call.body.toString('latin1'))?.[1] ?? 'upload.png';
  const path = `/files/uploads/${randomBytes(8).toString('hex')}-${name}`;
  if (service.knobs.upload !== 'gone') service.uploads.add(path);
  const data = {
    success: true,
    fileName: name,
    filePath: `holdfast/${name}`,
    downloadUrl: `${service.url}${path}`,
    fileSize: call.body.length,
    mimeType: 'image/png',
    uploadedAt: new Date().toISOString(),
  };
  return { status: 200, body: { success: true, code: 200, msg: 'File uploaded successfully', data } };
}
