import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { callBack } from '../shared/callbacks.ts';
import { problemOfFiles } from '../shared/inputs.ts';
import { startService } from '../shared/service.ts';
import type { Call, Handled, Personality, Reply, Service, ServiceOptions } from '../shared/service.ts';
import type { EmulatedTask } from '../shared/tasks.ts';
import { billed_units, errorHeaders, resultOf } from './results.ts';

export interface FalEmulatorOptions extends ServiceOptions {
  /** The only key that is let in; any, where none is given. */
  readonly apiKey?: string;
  /** Whether the list of requests shows those that have not ended yet. */
  readonly listsUnfinished?: boolean;
}

/** fal's queue, store, lists and signed callbacks, with a key set of its own. */
export function startFalEmulator(options: FalEmulatorOptions = {}): Promise<Service> {
  return startService(createPersonality(options), options);
}

const said = (status: number, body: unknown): Reply => ({ status, body });

function createPersonality(options: FalEmulatorOptions): Personality {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const { x } = publicKey.export({ format: 'jwk' });
  return {
    name: 'fal',
    limit: { count: 1_000, windowMs: 10_000 },
    newTaskId: () => randomUUID(),
    /** What one of its servers failed at is never billed; what a model refused is. */
    refunds: (task, phase) => {
      if (phase === 'cancelled') return true;
      return phase === 'failed' && resultOf(task, phase, '').status >= 499;
    },
    accepted(task, service) {
      const at = `${service.url}/${appOf(task.model)}/requests/${task.id}`;
      return said(200, {
        request_id: task.id,
        response_url: at,
        status_url: `${at}/status`,
        cancel_url: `${at}/cancel`,
        queue_position: 0,
        status: 'IN_QUEUE',
        gateway_request_id: task.id,
      });
    },
    broken: () => said(500, { detail: 'Internal Server Error' }),
    throttled: () => said(429, { detail: 'Too many requests', error_type: 'concurrent_requests_limit' }),
    noBalance: () =>
      said(403, {
        detail: 'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.',
      }),

    handle(call, service): Handled {
      const { pathname } = call.url;
      if (pathname.startsWith('/files/')) return { asset: pathname.endsWith('.png') ? 'png' : 'mp4' };
      if (pathname.startsWith('/store/')) {
        if (service.knobs.upload === 'drop') return 'drop';
        if (service.knobs.upload === 'broken') return said(500, { detail: 'The file could not be kept' });
        if (service.knobs.upload !== 'gone') service.uploads.add(pathname.replace('/store/', '/files/'));
        return said(200, '');
      }
      if (pathname === '/.well-known/jwks.json') {
        return said(200, { keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'one', x }] });
      }
      const [kind, key] = (call.headers.authorization ?? '').split(' ');
      if (kind !== 'Key' || (options.apiKey !== undefined && key !== options.apiKey)) {
        return said(401, { detail: 'Cannot access application. Authentication is required.' });
      }
      if (pathname.startsWith('/v1/')) return platform(call, service, options);
      if (pathname === '/storage/upload/initiate') {
        const name = `${randomBytes(6).toString('hex')}.png`;
        return said(200, {
          upload_url: `${service.url}/store/${name}`,
          file_url: `${service.url}/files/${name}`,
        });
      }
      return queue(call, service);
    },

    async changed(task, phase, service) {
      if (phase === 'running') return;
      await callBack(task, service, {
        tries: 31,
        waitMs: (tried) => Math.min(1_000 * 2 ** tried, 300_000),
        timeoutMs: 15_000,
        permanentRefusals: true,
        make: (about, { aboutTask, forged }) => {
          const body = JSON.stringify(callbackBody(about, aboutTask, service));
          return {
            url: about.callbackUrl ?? '',
            body,
            headers: signed(body, aboutTask, forged ? stranger : privateKey),
          };
        },
      });
    },
  };
}

/** What follows the owner and the app in a model's name is no part of a request's address. */
function appOf(model: string): string {
  return model.split('/').slice(0, 2).join('/');
}

function queue(call: Call, service: Service): Handled {
  const parts = call.url.pathname.slice(1).split('/');
  if (parts[2] !== 'requests') {
    if (call.method !== 'POST' || parts.length < 2) return said(404, { detail: 'Application not found' });
    const callbackUrl = call.url.searchParams.get('fal_webhook');
    const problem = problemOfFiles(call.json, service);
    if (problem?.kind === 'not_an_address') {
      const detail = [
        { loc: ['body', problem.field], msg: 'not a file', type: 'url_parsing', input: problem.value },
      ];
      return said(422, { detail });
    }
    // What can't be fetched shows when it is made.
    const ends =
      problem === null
        ? {}
        : { ends: { code: 'file_download_error', message: 'Failed to download the file.', status: 422 } };
    const asked = { path: call.url.pathname, model: parts.join('/'), input: call.json, callbackUrl };
    return service.submit({ ...asked, ...ends });
  }
  const task = service.tasks.get(parts[3] ?? '');
  if (task === undefined || appOf(task.model) !== parts.slice(0, 2).join('/')) {
    return said(404, { status: 'NOT_FOUND' });
  }
  switch (`${call.method} ${parts[4] ?? ''}`) {
    case 'GET status':
      return statusOf(task, service);
    case 'PUT cancel':
      return cancel(task, service);
    case 'GET ':
      return result(task, service);
    default:
      return said(405, { detail: 'Method Not Allowed' });
  }
}

function statusOf(task: EmulatedTask, service: Service): Reply {
  const phase = service.phase(task);
  const response_url = `${service.url}/${appOf(task.model)}/requests/${task.id}`;
  if (phase === 'queued') return said(202, { status: 'IN_QUEUE', queue_position: 0, response_url });
  if (phase === 'running') return said(202, { status: 'IN_PROGRESS', logs: [], response_url });
  const metrics = { inference_time: (task.endsAtMs - task.startsAtMs) / 1000 };
  const told = resultOf(task, phase, service.url);
  const error = told.status === 200 ? {} : { error: `Invalid status code: ${told.status}` };
  return said(200, { status: 'COMPLETED', logs: [], metrics, response_url, ...error });
}

function result(task: EmulatedTask, service: Service): Reply {
  const phase = service.phase(task);
  if (phase === 'queued' || phase === 'running') return said(400, { detail: 'Request is still in progress' });
  if (service.now() >= task.endsAtMs + service.knobs.resultTtlMs)
    return said(404, { detail: 'Request not found' });
  const told = resultOf(task, phase, service.url);
  return {
    ...said(told.status, told.body),
    headers: {
      'x-fal-request-id': task.id,
      ...(told.status < 500 && phase !== 'cancelled' ? { 'x-fal-billable-units': String(billed_units) } : {}),
      ...errorHeaders(told),
    },
  };
}

function cancel(task: EmulatedTask, service: Service): Reply {
  const phase = service.phase(task);
  if (phase === 'queued' || phase === 'running') {
    service.stop(task);
    return said(202, { status: 'CANCELLATION_REQUESTED' });
  }
  return said(400, { status: 'ALREADY_COMPLETED' });
}

function platform(call: Call, service: Service, options: FalEmulatorOptions): Reply {
  const { pathname, searchParams } = call.url;
  const model = searchParams.get('endpoint_id') ?? '';
  switch (pathname) {
    case '/v1/account/billing':
      return said(200, {
        username: 'emulated',
        credits: { current_balance: service.knobs.balanceUsd, currency: 'USD' },
      });
    case '/v1/models/pricing': {
      const unit_price = (options.priceUsd ?? 0.1) / billed_units;
      return said(200, { prices: [{ endpoint_id: model, unit_price, unit: 'seconds', currency: 'USD' }] });
    }
    case '/v1/models/requests/by-endpoint':
      return list(model, call, service, options);
    default:
      return said(404, { error: { type: 'not_found', message: 'no such page' } });
  }
}

function list(model: string, call: Call, service: Service, options: FalEmulatorOptions): Reply {
  const { searchParams } = call.url;
  const [start, end] = [
    Date.parse(searchParams.get('start') ?? ''),
    Date.parse(searchParams.get('end') ?? ''),
  ];
  const limit = Number(searchParams.get('limit') ?? '50');
  const from = Number(searchParams.get('cursor') ?? '0');
  const over = (task: EmulatedTask): boolean => !['queued', 'running'].includes(service.phase(task));
  const fitting = [...service.tasks.values()].filter(
    (task) =>
      task.model === model &&
      task.acceptedAtMs >= start &&
      task.acceptedAtMs <= end &&
      (options.listsUnfinished === true || over(task)),
  );
  const items = fitting.slice(from, from + limit).map((task) => ({
    request_id: task.id,
    endpoint_id: task.model,
    sent_at: new Date(task.acceptedAtMs).toISOString(),
    status_code: over(task) ? resultOf(task, service.phase(task), service.url).status : null,
    json_input: searchParams.get('expand') === 'payloads' ? task.input : undefined,
  }));
  const more = from + limit < fitting.length;
  return said(200, { items, has_more: more, next_cursor: more ? String(from + limit) : null });
}

function callbackBody(task: EmulatedTask, request_id: string, service: Service): unknown {
  const { status, body } = resultOf(task, service.phase(task), service.url);
  const about = { request_id, gateway_request_id: request_id, payload: body };
  return status === 200
    ? { ...about, status: 'OK' }
    : { ...about, status: 'ERROR', error: `Invalid status code: ${status}` };
}

function signed(body: string, requestId: string, key: KeyObject): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const digest = createHash('sha256').update(body).digest('hex');
  const message = [requestId, 'user-1', timestamp, digest].join('\n');
  return {
    'x-fal-webhook-request-id': requestId,
    'x-fal-webhook-user-id': 'user-1',
    'x-fal-webhook-timestamp': timestamp,
    'x-fal-webhook-signature': sign(null, Buffer.from(message), key).toString('hex'),
  };
}
