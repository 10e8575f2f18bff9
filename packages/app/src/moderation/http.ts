import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Logger } from '../platform/logger.ts';
import { ModeratorUnreachableError } from './port.ts';
import type { Content, Moderator, Verdict } from './port.ts';

export interface HttpModeratorOptions {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  readonly timeoutMs: number;
  /** Where it doesn't answer, or not as it should: let it pass, or wait for it. */
  readonly whenUnreachable: 'allow' | 'wait';
  readonly log: Logger;
}

const answer = z.object({ allowed: z.boolean(), reason: z.string().max(2_000).nullish() });
const longest_answer = 64_000;

/**
 * Asks a service: `POST {text, image?: {content_type, data}}` (data in base64), answered by `{allowed, reason?}`. Any answer but that with a
 * status of 200 is none.
 */
export function createHttpModerator(options: HttpModeratorOptions): Moderator {
  const { url, token, timeoutMs, whenUnreachable, log } = options;
  return {
    id: 'http',
    asked: 'submit',
    async judge(content, signal) {
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
        return verdictOf(await post({ url, token, body: await bodyOf(content), signal: limit }));
      } catch (error) {
        if (signal.aborted) throw error;
        log.warn({ err: error, next: whenUnreachable }, 'a moderator gave no answer');
        if (whenUnreachable === 'allow') return { allowed: true };
        throw new ModeratorUnreachableError('the moderation service gave no answer', { cause: error });
      }
    },
  };
}

function verdictOf(text: string): Verdict {
  const { allowed, reason } = answer.parse(JSON.parse(text));
  return allowed ? { allowed: true } : { allowed: false, reason: reason ?? 'no reason given' };
}

async function bodyOf({ text, image }: Content): Promise<string> {
  if (image === null) return JSON.stringify({ text });
  const data = (await readFile(image.path)).toString('base64');
  return JSON.stringify({ text, image: { content_type: image.contentType, data } });
}

async function post(request: {
  url: string;
  token: string | undefined;
  body: string;
  signal: AbortSignal;
}): Promise<string> {
  const response = await fetch(request.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
    },
    body: request.body,
    signal: request.signal,
    redirect: 'error',
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`the moderation service answered ${response.status}`);
  if (text.length > longest_answer) throw new Error('the moderation service answered too much');
  return text;
}
