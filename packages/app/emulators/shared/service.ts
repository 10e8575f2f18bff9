import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { openBook } from './book.ts';
import type { Book } from './book.ts';
import { readKnobs, readOutcome, readSubmitFault, usual } from './knobs.ts';
import type { Knobs, Outcome, SubmitFault } from './knobs.ts';
import { makeMedia } from './media.ts';
import { answerAsset } from './assets.ts';
import { phaseOf, plan } from './tasks.ts';
import type { EmulatedTask, Phase } from './tasks.ts';

export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handled = Reply | 'drop' | 'hang' | { readonly asset: 'mp4' | 'png' };

/** What a vendor's protocol adds to what all of them have. */
export interface Personality {
  readonly name: string;
  /** How it answers a submit that it accepts, one that breaks after being accepted, and the two refusals of its own. */
  accepted(task: EmulatedTask, service: Service): Reply;
  broken(): Reply;
  throttled(): Reply;
  noBalance(): Reply;
  handle(call: Call, service: Service): Handled | Promise<Handled>;
  /** A task has started or ended: whom to tell. */
  changed(task: EmulatedTask, phase: Phase, service: Service): Promise<void>;
  /** Whether what a task was billed is given back when it ends so. */
  refunds(task: EmulatedTask, phase: Phase): boolean;
  newTaskId(): string;
  /** Submits that are taken within so long. */
  readonly limit: { readonly count: number; readonly windowMs: number };
}

export interface Submit {
  readonly path: string;
  readonly model: string;
  readonly input: unknown;
  readonly callbackUrl: string | null;
  /** How it ends, where its input decides that already. */
  readonly ends?: Outcome;
}

export interface Service {
  readonly url: string;
  readonly knobs: Knobs;
  readonly book: Book;
  readonly tasks: Map<string, EmulatedTask>;
  /** When questions about tasks, lists and balances came in lately, in milliseconds. */
  readonly questions: readonly number[];
  /** Paths of the files that were handed over. */
  readonly uploads: Set<string>;
  /** By its own clock, in milliseconds. */
  now(): number;
  phase(task: EmulatedTask): Phase;
  submit(asked: Submit): Handled;
  stop(task: EmulatedTask): void;
  /** Work that goes on beside the answers; ended with the service. */
  later(ms: number, work: () => Promise<void>): void;
  readonly closing: AbortSignal;
  complain(sentence: string): void;
  close(): Promise<void>;
}

export interface ServiceOptions {
  /** 0, or none: any free one. */
  readonly port?: number;
  readonly knobs?: Partial<Knobs>;
  /** A file for the book. */
  readonly bookFile?: string | null;
  /** What each accepted task costs, in virtual dollars. */
  readonly priceUsd?: number;
  /** Who hears of what went wrong beside the answers, such as a callback that nobody took. Default: the error stream. */
  readonly complain?: (sentence: string) => void;
}

const most_questions = 100_000;

/** A vendor on loopback: its protocol, its faults on demand, and a book of what it would bill. */
export async function startService(personality: Personality, options: ServiceOptions = {}): Promise<Service> {
  const media = await makeMedia();
  const closing = new AbortController();
  const recent: number[] = [];
  const questions: number[] = [];
  let forThisOne: { submit?: SubmitFault; fail?: Outcome } = {};
  const knobs: Knobs = { ...structuredClone(usual), ...options.knobs };
  const complain = options.complain ?? ((sentence) => console.error(sentence));
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (!closing.signal.aborted) console.error(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  const service: Service = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    knobs,
    book: openBook(options.bookFile ?? null),
    tasks: new Map(),
    questions,
    uploads: new Set(),
    now: () => Date.now() + knobs.aheadMs,
    phase: (task) => phaseOf(task, service.now()),
    submit,
    stop(task) {
      task.cancelledAtMs = service.now();
      settle(task, 'cancelled');
      service.later(0, () => personality.changed(task, 'cancelled', service));
    },
    later(ms, work) {
      delay(Math.max(0, ms), undefined, { signal: closing.signal, ref: false })
        .then(work)
        .catch((error: unknown) => {
          if (!closing.signal.aborted) complain(`${personality.name}: ${String(error)}`);
        });
    },
    closing: closing.signal,
    complain,
    close() {
      closing.abort();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return service;

  function submit(asked: Submit): Handled {
    const fault = refusedByState() ?? forThisOne.submit ?? knobs.submit.shift() ?? 'accept';
    const token =
      asked.callbackUrl === null ? null : (new URL(asked.callbackUrl).pathname.split('/').at(-1) ?? null);
    const at = new Date(service.now()).toISOString();
    const note = { at, path: asked.path, model: asked.model, token };
    const refuse = (reply: Handled): Handled => {
      service.book.write({ ...note, accepted: false, taskId: null, usd: 0 });
      return reply;
    };
    if (typeof fault === 'object') return refuse({ ...fault });
    if (fault === 'throttle') return refuse(personality.throttled());
    if (fault === 'no_balance') return refuse(personality.noBalance());
    if (fault === 'drop_before_accept') return refuse('drop');
    const ends = forThisOne.fail ?? asked.ends;
    if (ends !== undefined) knobs.fail.unshift(ends);
    const usd = options.priceUsd ?? 0.1;
    const { model, input, callbackUrl } = asked;
    const task = plan({ id: personality.newTaskId(), model, input, callbackUrl, usd }, knobs);
    service.tasks.set(task.id, task);
    service.book.write({ ...note, accepted: true, taskId: task.id, usd });
    knobs.balanceUsd -= usd;
    announce(task);
    switch (fault) {
      case 'accept':
        return personality.accepted(task, service);
      case '5xx_after_accept':
        return personality.broken();
      case 'garbage_after_accept':
        return { status: 200, body: '<html>It works!</html>', headers: { 'content-type': 'text/html' } };
      case 'accept_then_drop':
        return 'drop';
      case 'hang':
        return 'hang';
      default:
        throw new Error(`unknown fault ${String(fault satisfies never)}`);
    }
  }

  function refusedByState(): 'no_balance' | 'throttle' | null {
    const now = Date.now();
    const { count, windowMs } =
      knobs.balanceUsd < knobs.lowCreditUsd ? { count: 1, windowMs: 10_000 } : personality.limit;
    while (recent[0] !== undefined && recent[0] < now - windowMs) recent.shift();
    if (knobs.limited && recent.length >= count) return 'throttle';
    recent.push(now);
    return knobs.balanceUsd < (options.priceUsd ?? 0.1) ? 'no_balance' : null;
  }

  function announce(task: EmulatedTask): void {
    const tell = (phase: Phase, at: number): void =>
      service.later(at - service.now(), async () => {
        if (task.cancelledAtMs !== null) return;
        settle(task, phase);
        await personality.changed(task, phase, service);
      });
    tell('running', task.startsAtMs);
    if (Number.isFinite(task.endsAtMs))
      tell(task.outcome === 'succeed' ? 'succeeded' : 'failed', task.endsAtMs);
  }

  function settle(task: EmulatedTask, phase: Phase): void {
    if (!personality.refunds(task, phase)) return;
    service.book.giveBack({ taskId: task.id, usd: task.usd });
    knobs.balanceUsd += task.usd;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', service.url);
    const body = await buffer(request);
    const { method = 'GET', headers } = request;
    const call: Call = { method, url, headers, body, json: parse(body.toString('utf8')) };
    if (method === 'GET' && !/^\/(_emulator|files|\.well-known)\//.test(url.pathname)) {
      questions.push(Date.now());
      if (questions.length > most_questions) questions.splice(0, most_questions / 2);
    }
    if (knobs.slowMs > 0) await delay(knobs.slowMs, undefined, { signal: closing.signal });
    const handled = url.pathname.startsWith('/_emulator/') ? administer(call) : await withFaults(call);
    if (handled === 'hang') return;
    if (handled === 'drop') {
      response.destroy();
    } else if ('asset' in handled) {
      answerAsset(response, media[handled.asset], handled.asset, knobs.asset);
    } else {
      const text = typeof handled.body === 'string' ? handled.body : JSON.stringify(handled.body);
      response.writeHead(handled.status, { 'content-type': 'application/json', ...handled.headers });
      response.end(text);
    }
  }

  /** `x-emulator-submit: hang` and `x-emulator-fail: policy` on a request are for it alone, before whatever is planned. */
  function withFaults(call: Call): Handled | Promise<Handled> {
    const submitFault = call.headers['x-emulator-submit'];
    const outcome = call.headers['x-emulator-fail'];
    try {
      forThisOne = {
        ...(typeof submitFault === 'string' ? { submit: readSubmitFault(submitFault) } : {}),
        ...(typeof outcome === 'string' ? { fail: readOutcome(outcome) } : {}),
      };
    } catch (error) {
      return nonsense(error);
    }
    try {
      return personality.handle(call, service);
    } finally {
      forThisOne = {};
    }
  }

  /** `GET` and `POST /_emulator/knobs`, `GET /_emulator/book`: for whoever runs it as a program. */
  function administer(call: Call): Reply {
    if (call.url.pathname === '/_emulator/book') {
      const { posts, refunds } = service.book;
      return {
        status: 200,
        body: {
          posts,
          refunds,
          spent_usd: service.book.spentUsd(),
          accepted_by_token: service.book.acceptedByToken(),
        },
      };
    }
    if (call.url.pathname !== '/_emulator/knobs') return { status: 404, body: { error: 'no such page' } };
    if (call.method === 'POST') {
      try {
        Object.assign(knobs, readKnobs(call.json));
      } catch (error) {
        return nonsense(error);
      }
    }
    return { status: 200, body: knobs };
  }
}

/** What whoever runs it asked wrongly, in words: never a vendor's own. */
function nonsense(error: unknown): Reply {
  return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
