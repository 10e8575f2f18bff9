import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** How the service answers a submit. */
export type SubmitFault =
  | 'accept'
  /** Starts it, then cuts the connection: the caller can't know. */
  | 'accept_then_drop'
  | 'accept_then_500'
  | 'drop_before_accept'
  | 'reject_busy'
  | 'reject_policy'
  | 'reject_no_balance'
  /** Starts it and answers only when told to. */
  | 'accept_and_hang';

export type TaskOutcome = 'succeed' | 'fail_system' | 'fail_policy' | 'forget' | 'never_end';

/** What the next submits and tasks do; the last of a list stands for all that follow. */
export interface Script {
  submits: SubmitFault[];
  outcomes: TaskOutcome[];
  /** Questions about a task that are answered "running" before it ends. */
  polls: number;
  file: Buffer;
  poster: Buffer | null;
  /** What a task makes, where that is several pictures: null is one that is missing. */
  pictures: (Buffer | null)[] | null;
  /** Times that fetching a file fails before it works. */
  fetchFailures: number;
  cancel: 'cancelled' | 'too_late';
  /** The same token submitted twice is the same task. */
  idempotent: boolean;
  /** Inputs with this word are refused, whatever comes next. */
  refuseWord: string | null;
}

export interface ScriptedTask {
  readonly id: string;
  readonly token: string;
  readonly model: string;
  readonly input: unknown;
  readonly outcome: TaskOutcome;
  polls: number;
  cancelled: boolean;
}

/** A service that makes nothing but keeps its own books: what a provider would bill. */
export interface ScriptedService {
  readonly url: string;
  readonly script: Script;
  /** Every task it started, in order. */
  readonly tasks: ScriptedTask[];
  /** Every submit that reached it, by token. */
  readonly submits: Map<string, number>;
  /** Lets all hanging answers go. */
  release(): void;
  close(): Promise<void>;
}

export async function startScriptedService(
  wanted: Partial<Script> & { file: Buffer },
): Promise<ScriptedService> {
  const script: Script = {
    submits: ['accept'],
    outcomes: ['succeed'],
    polls: 0,
    poster: null,
    pictures: null,
    fetchFailures: 0,
    cancel: 'cancelled',
    idempotent: false,
    refuseWord: null,
    ...wanted,
  };
  const service = {
    script,
    tasks: [] as ScriptedTask[],
    submits: new Map<string, number>(),
  };
  let hanging: (() => void)[] = [];
  let started = 0;

  const next = <T>(list: T[]): T => {
    const [first] = list;
    if (first === undefined) throw new Error('an empty script');
    if (list.length > 1) list.shift();
    return first;
  };

  function start(body: SubmitBody): ScriptedTask {
    const known = service.tasks.find((each) => each.token === body.token);
    if (known !== undefined && service.script.idempotent) return known;
    const task: ScriptedTask = {
      id: `task-${(started += 1)}`,
      token: body.token,
      model: body.model,
      input: body.input,
      outcome: next(service.script.outcomes),
      polls: 0,
      cancelled: false,
    };
    service.tasks.push(task);
    return task;
  }

  async function submit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await json(request)) as SubmitBody;
    service.submits.set(body.token, (service.submits.get(body.token) ?? 0) + 1);
    const { refuseWord } = service.script;
    const refused = refuseWord !== null && JSON.stringify(body.input).includes(refuseWord);
    const fault = refused ? 'reject_policy' : next(service.script.submits);
    switch (fault) {
      case 'accept':
        return answer(response, 200, { id: start(body).id });
      case 'accept_then_drop':
        start(body);
        response.destroy();
        return;
      case 'accept_then_500':
        start(body);
        return answer(response, 500, { code: 'internal', message: 'something broke' });
      case 'drop_before_accept':
        response.destroy();
        return;
      case 'reject_busy':
        return answer(response, 429, { code: 'busy', message: 'slow down' });
      case 'reject_policy':
        return answer(response, 422, { code: 'policy', message: 'flagged' });
      case 'reject_no_balance':
        return answer(response, 402, { code: 'no_balance', message: 'top up' });
      case 'accept_and_hang': {
        const task = start(body);
        hanging.push(() => answer(response, 200, { id: task.id }));
        return;
      }
      default:
        throw new Error(`unknown fault ${String(fault satisfies never)}`);
    }
  }

  function status(task: ScriptedTask | undefined, response: ServerResponse): void {
    if (task === undefined || task.outcome === 'forget') return answer(response, 404, { code: 'no_task' });
    if (task.cancelled) return answer(response, 200, { state: 'cancelled' });
    task.polls += 1;
    if (task.polls <= service.script.polls || task.outcome === 'never_end') {
      const progress = Math.min(1, task.polls / (service.script.polls + 1));
      return answer(response, 200, { state: 'running', progress });
    }
    if (task.outcome === 'succeed' && service.script.pictures !== null) {
      const pictures = service.script.pictures.map((_, index) => `${url}/picture/${index}`);
      return answer(response, 200, { state: 'succeeded', pictures });
    }
    if (task.outcome === 'succeed') {
      const poster = service.script.poster === null ? null : `${url}/poster`;
      return answer(response, 200, { state: 'succeeded', file: `${url}/file`, poster });
    }
    const code = task.outcome === 'fail_policy' ? 'policy' : 'broken';
    answer(response, 200, { state: 'failed', code, message: `it ended as ${code}` });
  }

  function file(response: ServerResponse, content: Buffer | null): void {
    if (service.script.fetchFailures > 0) {
      service.script.fetchFailures -= 1;
      response.writeHead(200, { 'content-length': String(content?.length ?? 0) });
      response.write(content?.subarray(0, 100) ?? '');
      response.destroy();
      return;
    }
    response.writeHead(content === null ? 404 : 200);
    response.end(content ?? undefined);
  }

  const server = createServer((request, response) => {
    const [, what, id, verb] = (request.url ?? '').split('/');
    const task = service.tasks.find((each) => each.id === id);
    if (request.method === 'POST' && what === 'tasks' && verb === undefined) {
      submit(request, response).catch(() => response.destroy());
    } else if (what === 'tasks' && verb === 'cancel') {
      if (task && service.script.cancel === 'cancelled') task.cancelled = true;
      answer(response, 200, { result: service.script.cancel });
    } else if (what === 'tasks') status(task, response);
    else if (what === 'by-token') {
      const found = service.tasks.find((each) => each.token === id);
      answer(response, 200, { id: found?.id ?? null });
    } else if (what === 'file') file(response, service.script.file);
    else if (what === 'picture') file(response, service.script.pictures?.[Number(id)] ?? null);
    else if (what === 'poster') file(response, service.script.poster);
    else answer(response, 404, { code: 'no_such_path' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...service,
    url,
    release() {
      for (const go of hanging) go();
      hanging = [];
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface SubmitBody {
  token: string;
  model: string;
  input: unknown;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}
