import { bad } from './types.ts';
import type { Answer } from './types.ts';

/** What goes wrong with one call. The first four concern the connection, and say whether the call was carried out. */
export type Fault =
  /** Carried out; the answer never comes. */
  | 'timeout_after'
  /** Not carried out; no answer comes. */
  | 'timeout_before'
  /** Carried out; the connection is cut instead of an answer. */
  | 'reset_after'
  | 'reset_before'
  /** Carried out; `500`, as when the message was removed at once. */
  | 'sent_but_gone'
  | 'blocked'
  | 'deactivated'
  | 'chat_not_found'
  | 'cannot_initiate'
  | 'migrated'
  | 'restart'
  | 'bad_gateway'
  | 'flood'
  | 'too_big'
  | 'url_failed'
  | 'wrong_file_id'
  | 'unauthorized'
  /** Not carried out; any other words. */
  | { readonly code: number; readonly description: string };

/** A fault waits for the next call of its method (any call where it names none), in its chat (any where it names none). */
export interface PlannedFault {
  readonly method?: string;
  readonly chat?: number;
  readonly fault: Fault;
  /** For how many calls; one where unset. */
  times?: number;
}

/** Bad weather: which calls go wrong, and how, by chance. */
export interface RandomFaults {
  /** Out of all calls, from 0 to 1. */
  readonly share: number;
  /** `{timeout_after: 3, flood: 1}` is a time-out three times out of four. */
  readonly weights: Readonly<Partial<Record<Fault & string, number>>>;
  /** Only these, as the Bot API writes them; unset: any but getUpdates. */
  readonly methods?: readonly string[];
}

export interface TelegramKnobs {
  /** Planned ones come before those by chance. */
  faults: PlannedFault[];
  random: RandomFaults | null;
  /** Seconds in `retry_after`. */
  retryAfterSeconds: number;
  /** Messages that all chats together take in a second; 0 is no limit. */
  messagesPerSecond: number;
  /** Messages that one chat takes in a second; 0 is no limit. */
  chatMessagesPerSecond: number;
  /** How long a bot has to answer a pre-checkout query. */
  preCheckoutMs: number;
  /** How long until an update that a webhook did not take is sent again. */
  webhookRetryMs: number;
  /** Sends each update so often. */
  updateCopies: number;
  maxUploadBytes: number;
  maxDownloadBytes: number;
}

export const usualKnobs: TelegramKnobs = {
  faults: [],
  random: null,
  retryAfterSeconds: 1,
  messagesPerSecond: 30,
  chatMessagesPerSecond: 0,
  preCheckoutMs: 10_000,
  webhookRetryMs: 300,
  updateCopies: 1,
  maxUploadBytes: 50 * 1_048_576,
  maxDownloadBytes: 20 * 1_048_576,
};

/** The fault that this call meets, if any; a planned one is used up. @param random as `Math.random` */
export function takeFault(
  knobs: TelegramKnobs,
  method: string,
  chat: number | null,
  random: () => number,
): Fault | null {
  return takePlanned(knobs, method, chat) ?? drawFault(knobs.random, method, random);
}

function drawFault(faults: RandomFaults | null, method: string, random: () => number): Fault | null {
  if (faults === null || faults.methods?.includes(method) === false || random() >= faults.share) return null;
  const weights = Object.entries(faults.weights) as [Fault & string, number][];
  let left = random() * weights.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [fault, weight] of weights) {
    left -= weight;
    if (left < 0) return fault;
  }
  return null;
}

function takePlanned(knobs: TelegramKnobs, method: string, chat: number | null): Fault | null {
  const index = knobs.faults.findIndex(
    (planned) =>
      (planned.method === undefined || planned.method === method) &&
      (planned.chat === undefined || planned.chat === chat),
  );
  const planned = knobs.faults[index];
  if (planned === undefined) return null;
  const left = (planned.times ?? 1) - 1;
  if (left > 0) planned.times = left;
  else knobs.faults.splice(index, 1);
  return planned.fault;
}

/** In Telegram's own words; null for the faults of the connection. */
export function refusalOf(fault: Fault, knobs: TelegramKnobs, migrateTo: number): Answer | null {
  if (typeof fault === 'object') return bad(fault.code, fault.description);
  switch (fault) {
    case 'timeout_after':
    case 'timeout_before':
    case 'reset_after':
    case 'reset_before':
    case 'sent_but_gone':
      return null;
    case 'blocked':
      return bad(403, 'Forbidden: bot was blocked by the user');
    case 'deactivated':
      return bad(403, 'Forbidden: user is deactivated');
    case 'chat_not_found':
      return bad(400, 'Bad Request: chat not found');
    case 'cannot_initiate':
      return bad(403, "Forbidden: bot can't initiate conversation with a user");
    case 'migrated':
      return bad(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
        migrate_to_chat_id: migrateTo,
      });
    case 'restart':
      return bad(500, 'Internal Server Error: restart');
    case 'bad_gateway':
      return bad(502, 'Bad Gateway');
    case 'flood':
      return bad(429, `Too Many Requests: retry after ${knobs.retryAfterSeconds}`, {
        retry_after: knobs.retryAfterSeconds,
      });
    case 'too_big':
      return bad(413, 'Request Entity Too Large');
    case 'url_failed':
      return bad(400, 'Bad Request: failed to get HTTP URL content');
    case 'wrong_file_id':
      return bad(400, 'Bad Request: wrong file_id or the file is temporarily unavailable');
    case 'unauthorized':
      return bad(401, 'Unauthorized');
    default:
      throw new Error(`unknown fault ${String(fault satisfies never)}`);
  }
}
