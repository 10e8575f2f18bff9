import { GrammyError, HttpError } from 'grammy';

/** What an answer of Telegram's, or the lack of one, means. */
export type TelegramProblem =
  /** Blocked, deactivated, or a chat that is no more: until they are back. */
  | { readonly kind: 'gone'; readonly reason: string; readonly detail: string }
  /** The request is wrong as it is: another way may be taken, never the same. */
  | { readonly kind: 'wrong'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'moved'; readonly to: bigint; readonly detail: string }
  | { readonly kind: 'wait'; readonly seconds: number; readonly detail: string }
  /** It was taken, although it is no longer there. */
  | { readonly kind: 'taken'; readonly detail: string }
  /** The operator's: a wrong token, or two who ask for updates. */
  | { readonly kind: 'ours'; readonly reason: string; readonly detail: string }
  /** Nothing has left this machine. */
  | { readonly kind: 'unsent'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'uncertain'; readonly reason: string; readonly detail: string };

const gone: readonly [RegExp, string][] = [
  [/bot was blocked by the user/i, 'blocked'],
  [/user is deactivated/i, 'deactivated'],
  [/chat not found/i, 'chat_not_found'],
  [/bot can't initiate conversation/i, 'never_started'],
  [/bot was kicked|bot is not a member/i, 'kicked'],
];

/** By its words before its number: the server rewrites numbers of some refusals, never their words. */
export function problemOf(error: unknown): TelegramProblem {
  if (error instanceof GrammyError) return ofAnswer(error);
  if (error instanceof HttpError) return ofConnection(error);
  return { kind: 'uncertain', reason: 'unknown', detail: String(error) };
}

function ofAnswer(error: GrammyError): TelegramProblem {
  const { description, error_code: code, parameters } = error;
  const detail = `${code} ${description}`;
  const person = gone.find(([words]) => words.test(description));
  if (person) return { kind: 'gone', reason: person[1], detail };
  if (parameters.migrate_to_chat_id !== undefined) {
    return { kind: 'moved', to: BigInt(parameters.migrate_to_chat_id), detail };
  }
  if (parameters.retry_after !== undefined || code === 429) {
    return { kind: 'wait', seconds: parameters.retry_after ?? 5, detail };
  }
  if (/immediately deleted/i.test(description)) return { kind: 'taken', detail };
  if (code === 401 || code === 409) {
    return { kind: 'ours', reason: code === 401 ? 'unauthorized' : 'conflict', detail };
  }
  if (code >= 500) return { kind: 'uncertain', reason: 'server', detail };
  return { kind: 'wrong', reason: reasonOf(description), detail };
}

/** `Bad Request: wrong file_id …` as `wrong_file_id`: short, and the same for the same refusal. */
function reasonOf(description: string): string {
  const words = description.replace(/^[A-Za-z ]+: /, '').toLowerCase();
  return words.replaceAll(/[^a-z0-9]+/g, '_').slice(0, 60) || 'refused';
}

/** These come before a connection is there; anything else proves nothing. */
const unsent =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|connect ETIMEDOUT|getaddrinfo)\b/;

function ofConnection(error: HttpError): TelegramProblem {
  const inner = error.error;
  const words = inner instanceof Error ? `${inner.name}: ${inner.message}` : String(inner);
  // An address carries the token.
  const detail = words.replaceAll(/\/bot[^/\s]+\//g, '/bot…/');
  return unsent.test(words)
    ? { kind: 'unsent', reason: 'not_connected', detail }
    : { kind: 'uncertain', reason: 'no_answer', detail };
}
