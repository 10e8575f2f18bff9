import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { administer } from './administer.ts';
import { refusalOf, takeFault, usualKnobs } from './knobs.ts';
import type { Fault, TelegramKnobs } from './knobs.ts';
import { createLimiter } from './limiter.ts';
import { methods } from './methods/table.ts';
import { readParameters } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import { personOf } from './people.ts';
import type { Person } from './people.ts';
import { addUser, createState, migrate, tell } from './state.ts';
import type { Telegram, TelegramCall } from './telegram.ts';
import { untilSeen } from './until-seen.ts';
import { bad } from './types.ts';
import type { Answer, EmulatedUser } from './types.ts';
import { createUpdates } from './updates.ts';

export interface TelegramEmulator extends Telegram {
  /** Somebody new, or somebody known by their number. */
  person(who?: number | Partial<Pick<EmulatedUser, 'first_name' | 'username' | 'language_code'>>): Person;
  /**
   * Waits for what is looked for to be there: looks now, and whenever something changes or a call has been answered.
   * @throws NotSeen with `what` in it after `patienceMs` (20 s where unset)
   */
  until<T>(what: string, look: () => T | null | undefined | false, patienceMs?: number): Promise<T>;
  close(): Promise<void>;
}

export interface TelegramEmulatorOptions {
  readonly port?: number;
  readonly knobs?: Partial<TelegramKnobs>;
  /** The only token that is let in; any, where none is given. */
  readonly token?: string;
  /** What faults by chance are drawn from. Default `Math.random`. */
  readonly random?: () => number;
}

const largest_body_bytes = 64 * 1_048_576;

/** The Bot API on loopback, with chats that people can be seen and played in. Everything lives in memory. */
export async function startTelegramEmulator(
  options: TelegramEmulatorOptions = {},
): Promise<TelegramEmulator> {
  const state = createState();
  const random = options.random ?? Math.random;
  const knobs: TelegramKnobs = { ...structuredClone(usualKnobs), ...options.knobs };
  const updates = createUpdates(state, knobs);
  const limited = createLimiter(knobs);
  let nextUser = 2001;
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (!response.destroyed) console.error(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const telegram: Telegram = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    knobs,
    updates,
    checkouts: new Map(),
    calls: [],
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', telegram.url);
    const body = await buffer(request);
    const api = /^\/bot([^/]+)\/(?:test\/)?([A-Za-z]+)$/.exec(url.pathname);
    if (api) return callApi(api[1] ?? '', api[2] ?? '', url, request, body, response);
    const file = /^\/file\/bot([^/]+)\/(\w+)\/([\w-]+)$/.exec(url.pathname);
    if (file) return sendFile(file[1] ?? '', file[3] ?? '', response);
    await administer(telegram, { request, url, body }, response);
  }

  async function callApi(
    token: string,
    name: string,
    url: URL,
    request: IncomingMessage,
    body: Buffer<ArrayBuffer>,
    response: ServerResponse,
  ): Promise<void> {
    if (!isToken(token)) return send(response, bad(401, 'Unauthorized'));
    const method = methods[name.toLowerCase()];
    if (method === undefined) return send(response, bad(404, 'Not Found: method not found'));
    if (body.length > largest_body_bytes) return send(response, bad(413, 'Request Entity Too Large'));
    let parameters: Parameters;
    try {
      parameters = await readParameters(url, request.headers, body);
    } catch {
      return send(response, bad(400, 'Bad Request: the request is not readable'));
    }
    const asked = parameters.number('chat_id') ?? null;
    const fault = name.toLowerCase() === 'getupdates' ? null : takeFault(knobs, name, asked, random);
    const call: TelegramCall = {
      method: name,
      chat: asked,
      at: Date.now(),
      fault,
      carriedOut: false,
      refusal: null,
    };
    telegram.calls.push(call);
    const answer = await carryOut(call, () => method(telegram, parameters));
    if (answer !== null && !answer.ok) call.refusal = answer.description;
    if (answer !== null) send(response, answer);
    else if (typeof fault === 'string' && fault.startsWith('reset')) response.destroy();
    tell(state);
  }

  /** Null where there is no answer. */
  async function carryOut(
    call: TelegramCall,
    method: () => Answer | Promise<Answer>,
  ): Promise<Answer | null> {
    const { fault, chat } = call;
    if (fault === 'timeout_before' || fault === 'reset_before') return null;
    const refusal = fault === null ? null : refuse(fault, chat);
    if (refusal) return refusal;
    const flood = /^send(?!ChatAction)/i.test(call.method) && chat !== null ? limited(chat) : null;
    if (flood) return flood;
    const answer = await method();
    call.carriedOut = answer.ok;
    if (fault === 'timeout_after' || fault === 'reset_after') return null;
    return fault === 'sent_but_gone'
      ? bad(500, "Internal Server Error: sent message was immediately deleted and can't be returned")
      : answer;
  }

  function refuse(fault: Fault, chat: number | null): Answer | null {
    const user = state.users.get(chat ?? 0);
    if (user && fault === 'blocked') user.blocked = true;
    if (user && fault === 'deactivated') user.deactivated = true;
    return refusalOf(fault, knobs, fault === 'migrated' ? migrate(state, chat ?? 0) : 0);
  }

  function isToken(token: string): boolean {
    return options.token === undefined ? /^\d+:[\w-]+$/.test(token) : token === options.token;
  }

  function sendFile(token: string, id: string, response: ServerResponse): void {
    const file = isToken(token) ? state.files.get(id) : undefined;
    if (file === undefined || file.bytes > knobs.maxDownloadBytes) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(file.content);
  }

  return {
    ...telegram,
    person(who = {}) {
      if (typeof who === 'number') return personOf(telegram, who);
      const id = nextUser;
      nextUser += 1;
      const asked = { first_name: 'Ada', username: `ada${id}`, language_code: 'en', ...who };
      return personOf(telegram, addUser(state, { id, ...asked }).id);
    },
    until: (what, look, patienceMs) => untilSeen(telegram, what, look, patienceMs),
    close() {
      updates.close();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function send(response: ServerResponse, answer: Answer): void {
  const status = answer.ok ? 200 : answer.error_code;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}
