import { createHmac, randomBytes } from 'node:crypto';
import { callBack } from '../shared/callbacks.ts';
import { problemOfFiles } from '../shared/inputs.ts';
import { startService } from '../shared/service.ts';
import type { Call, Handled, Personality, Reply, Service, ServiceOptions } from '../shared/service.ts';
import { makesPictures, piecesOf } from '../shared/tasks.ts';
import type { EmulatedTask } from '../shared/tasks.ts';

export interface ReplicateEmulatorOptions extends ServiceOptions {
  /** The only token that is let in; any, where none is given. */
  readonly apiToken?: string;
}

/** Replicate's predictions, files, list and signed callbacks, with a secret of its own. */
export function startReplicateEmulator(options: ReplicateEmulatorOptions = {}): Promise<Service> {
  return startService(createPersonality(options), options);
}

const said = (status: number, body: unknown): Reply => ({ status, body });
const problem = (status: number, title: string, detail: string): Reply =>
  said(status, { title, detail, status });
const page_size = 100;

function createPersonality(options: ReplicateEmulatorOptions): Personality {
  const secret = randomBytes(24);
  /** Which events each task's caller wants. */
  const wanted = new Map<string, readonly string[]>();
  return {
    name: 'replicate',
    limit: { count: 600, windowMs: 60_000 },
    newTaskId: () => randomBytes(13).toString('hex'),
    /** What ran is billed, whatever came of it. */
    refunds: (task, phase) => phase === 'cancelled' || (phase === 'failed' && isAborted(task)),
    accepted: (task, service) => said(201, predictionOf(task, service)),
    broken: () => said(500, { detail: 'Internal server error' }),
    throttled: () => said(429, { detail: 'Request was throttled. Your rate limit resets in ~30s.' }),
    noBalance: () =>
      problem(402, 'Insufficient credit', 'You have insufficient credit to run this model. Go to billing.'),

    handle(call, service): Handled {
      const { pathname } = call.url;
      if (pathname.startsWith('/files/')) return { asset: pathname.endsWith('.png') ? 'png' : 'mp4' };
      const [kind, token] = (call.headers.authorization ?? '').split(' ');
      if (kind !== 'Bearer' || (options.apiToken !== undefined && token !== options.apiToken)) {
        return problem(401, 'Unauthenticated', 'You did not pass a valid authentication token');
      }
      if (pathname === '/v1/webhooks/default/secret') {
        return said(200, { key: `whsec_${secret.toString('base64')}` });
      }
      if (pathname === '/v1/files' && call.method === 'POST') return upload(service);
      const asked = askedModel(call);
      if (asked !== null) return create(call, asked, service, wanted);
      return predictions(call, service);
    },

    async changed(task, phase, service) {
      const event = phase === 'running' ? 'start' : 'completed';
      if (!(wanted.get(task.id) ?? []).includes(event)) return;
      await callBack(task, service, {
        // What is not the end is told once.
        tries: event === 'start' ? 1 : 6,
        waitMs: (tried) => 1_000 * 2 ** tried,
        timeoutMs: 15_000,
        permanentRefusals: true,
        make: (about, { aboutTask, forged }) => {
          const body = JSON.stringify({ ...predictionOf(about, service), id: aboutTask });
          const [eventId, timestamp] = [`${aboutTask}-${event}`, String(Math.floor(Date.now() / 1000))];
          const signature = createHmac('sha256', forged ? 'a stranger' : secret)
            .update(`${eventId}.${timestamp}.${body}`)
            .digest('base64');
          return {
            url: about.callbackUrl ?? '',
            body,
            headers: {
              'webhook-id': eventId,
              'webhook-timestamp': timestamp,
              'webhook-signature': `v1,${signature}`,
            },
          };
        },
      });
    },
  };
}

/** The model of a request that makes a prediction, as the adapter's caller names it. */
function askedModel(call: Call): string | null {
  if (call.method !== 'POST') return null;
  const { pathname } = call.url;
  if (pathname === '/v1/predictions') {
    const { version } = (call.json ?? {}) as { version?: unknown };
    return typeof version === 'string' ? version : '';
  }
  const [, kind, name] = /^\/v1\/(models|deployments)\/([^/]+\/[^/]+)\/predictions$/.exec(pathname) ?? [];
  if (name === undefined) return null;
  return kind === 'models' ? name : `deployments/${name}`;
}

function create(
  call: Call,
  model: string,
  service: Service,
  wanted: Map<string, readonly string[]>,
): Handled {
  const body = (call.json ?? {}) as { input?: unknown; webhook?: unknown; webhook_events_filter?: string[] };
  if (model === '' || typeof body.input !== 'object' || body.input === null) {
    return said(422, {
      title: 'Input validation failed',
      detail: '- input: a prediction needs one\n',
      status: 422,
      invalid_fields: [{ field: 'input', description: 'is required' }],
    });
  }
  const problem = problemOfFiles(body.input, service);
  if (problem?.kind === 'not_an_address') {
    const description = `Does not match format 'uri': ${problem.value}`;
    return said(422, {
      title: 'Input validation failed',
      detail: `- input.${problem.field}: ${description}\n`,
      status: 422,
      invalid_fields: [{ field: `input.${problem.field}`, description }],
    });
  }
  const callbackUrl = typeof body.webhook === 'string' ? body.webhook : null;
  const before = service.tasks.size;
  // What can't be fetched shows when it is made.
  const message = `Failed to download the input ${problem?.field}: 404 Not Found`;
  const ends = problem === null ? {} : { ends: { code: 'prediction_failed', message } };
  const handled = service.submit({ path: call.url.pathname, model, input: body.input, callbackUrl, ...ends });
  const started = service.tasks.size > before ? [...service.tasks.keys()].at(-1) : undefined;
  if (started !== undefined) wanted.set(started, body.webhook_events_filter ?? ['start', 'completed']);
  return handled;
}

function predictions(call: Call, service: Service): Reply {
  const [, , what, id, verb] = call.url.pathname.split('/');
  if (what !== 'predictions') return said(404, { detail: 'The requested resource could not be found.' });
  if (id === undefined) return list(call, service);
  const task = service.tasks.get(id);
  if (task === undefined) return said(404, { detail: 'The requested resource could not be found.' });
  const phase = service.phase(task);
  if (verb === 'cancel' && (phase === 'queued' || phase === 'running')) service.stop(task);
  return said(200, predictionOf(task, service));
}

/** Newest first, a hundred a page, with an address for the next. */
function list(call: Call, service: Service): Reply {
  const { searchParams } = call.url;
  const after = Date.parse(searchParams.get('created_after') ?? '1970-01-01');
  const before = Date.parse(searchParams.get('created_before') ?? '9999-01-01');
  const from = Number(searchParams.get('cursor') ?? '0');
  const fitting = [...service.tasks.values()]
    .filter(({ acceptedAtMs }) => acceptedAtMs >= after && acceptedAtMs <= before)
    .toReversed();
  const next = new URL(call.url);
  next.searchParams.set('cursor', String(from + page_size));
  return said(200, {
    previous: null,
    next: from + page_size < fitting.length ? next.href : null,
    results: fitting.slice(from, from + page_size).map((task) => predictionOf(task, service)),
  });
}

const statuses = {
  queued: 'starting',
  running: 'processing',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'canceled',
} as const;

function predictionOf(task: EmulatedTask, service: Service): Record<string, unknown> {
  const phase = service.phase(task);
  const removed = service.now() >= task.endsAtMs + service.knobs.resultTtlMs;
  const aborted = phase === 'failed' && isAborted(task);
  const at = `${service.url}/v1/predictions/${task.id}`;
  const file = `${service.url}/files/${task.id}/out-0.${makesPictures(task.model) ? 'png' : 'mp4'}`;
  const files = Array.from({ length: piecesOf(task, 'num_outputs') }, () => file);
  const over = ['succeeded', 'failed', 'cancelled'].includes(phase);
  return {
    id: task.id,
    ...namesOf(task.model),
    input: removed ? {} : task.input,
    output: phase === 'succeeded' && !removed ? files : null,
    logs: '',
    error: phase === 'failed' && !removed ? wordsOf(task) : null,
    status: aborted ? 'aborted' : statuses[phase],
    created_at: new Date(task.acceptedAtMs).toISOString(),
    completed_at: over ? new Date(task.cancelledAtMs ?? task.endsAtMs).toISOString() : null,
    metrics: over ? { predict_time: 1, total_time: 2 } : {},
    data_removed: removed,
    source: 'api',
    urls: { get: at, cancel: `${at}/cancel`, web: at },
  };
}

function namesOf(model: string): Record<string, string> {
  if (model.startsWith('deployments/')) return { deployment: model.slice('deployments/'.length) };
  return model.includes('/') ? { model } : { version: model };
}

function isAborted({ outcome }: EmulatedTask): boolean {
  return typeof outcome === 'object' && outcome.code === 'aborted';
}

function wordsOf(task: EmulatedTask): string {
  switch (task.outcome) {
    case 'policy':
      return 'The input or output was flagged as sensitive. Please try again with different inputs. (E005)';
    case 'photo':
      return 'NSFW content detected. Try running it again, or try a different picture.';
    case 'system':
    case 'succeed':
    case 'stuck':
      return 'Prediction failed for an unknown reason. (E1000)';
    default:
      return task.outcome.message;
  }
}

function upload(service: Service): Handled {
  if (service.knobs.upload === 'drop') return 'drop';
  if (service.knobs.upload === 'broken') return said(500, { detail: 'Internal server error' });
  const name = `${randomBytes(8).toString('hex')}.png`;
  if (service.knobs.upload !== 'gone') service.uploads.add(`/files/uploads/${name}`);
  return said(201, {
    id: name,
    name,
    content_type: 'image/png',
    created_at: new Date().toISOString(),
    urls: { get: `${service.url}/files/uploads/${name}` },
  });
}
