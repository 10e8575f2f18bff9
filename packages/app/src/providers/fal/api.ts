import type { Clock } from '../../platform/clock.ts';
import type { HttpAnswer } from '../http/connection.ts';
import type { InputFile } from '../http/input-files.ts';
import { fieldsOf, textOf } from '../http/json.ts';
import { markerOf } from '../http/match-input.ts';
import { question } from '../http/question.ts';
import { ProviderError } from '../port.ts';
import type { RawProviderError, TaskRef } from '../port.ts';
import * as errors from './errors.ts';

export interface FalOptions {
  readonly apiKey: string;
  /** A key of scope ADMIN, which alone may see the balance; null where the operator gave none. */
  readonly adminKey: string | null;
  /** `https://queue.fal.run` */
  readonly queueBaseUrl: string;
  /** `https://rest.fal.ai` */
  readonly restBaseUrl: string;
  /** `https://api.fal.ai` */
  readonly apiBaseUrl: string;
  /** `https://rest.fal.ai/.well-known/jwks.json` */
  readonly jwksUrl: string;
  /** The operator has seen that fal's list of requests shows unfinished ones too: only then does absence prove anything. */
  readonly listIsComplete: boolean;
  /** For emulators and tests alone: results may lie on this machine, or on a private network. */
  readonly allowPrivateAddresses: boolean;
  readonly clock: Clock;
}

export const id = 'fal';

export function headersOf(options: FalOptions): Record<string, string> {
  return { authorization: `Key ${options.apiKey}`, accept: 'application/json', 'user-agent': 'Holdfast/0.1' };
}

/** Whether a file was handed over by us, through fal's own store. */
export function isOurFile(options: FalOptions, url: string): boolean {
  if (!URL.canParse(url)) return false;
  return url.startsWith(`${options.restBaseUrl}/`) || new URL(url).hostname.endsWith('.fal.media');
}

export function errorOf(options: FalOptions, answer: HttpAnswer): RawProviderError {
  return errors.errorOf(answer, (url) => isOurFile(options, url));
}

/** @throws ProviderError where it is not answered with 200 */
export async function getJson(
  options: FalOptions,
  url: string,
  signal: AbortSignal,
  key?: string,
): Promise<unknown> {
  const headers = { ...headersOf(options), ...(key === undefined ? {} : { authorization: `Key ${key}` }) };
  const answer = await question(id, { method: 'GET', url, headers, signal });
  if (answer.status !== 200 || answer.json === undefined)
    throw new ProviderError(id, errorOf(options, answer));
  return answer.json;
}

/**
 * Where to ask about a task. fal gives addresses, and they are used only where they lead to fal's queue, since the key goes along; else they are made
 * as fal makes them: of the owner and the app alone, whatever stands behind them in the model's name.
 */
export function addressOf(
  options: FalOptions,
  task: TaskRef,
  what: 'status' | 'response' | 'cancel',
): string {
  const given = task.urls?.[what];
  if (given !== undefined && given.startsWith(`${options.queueBaseUrl}/`)) return given;
  const app = task.model.split('/').slice(0, 2).join('/');
  const request = `${options.queueBaseUrl}/${app}/requests/${encodeURIComponent(task.taskId)}`;
  return what === 'response' ? request : `${request}/${what}`;
}

/** Hands a file to fal's store. @returns its address, with the attempt's marker on it */
export async function upload(
  options: FalOptions,
  file: InputFile,
  token: string,
  signal: AbortSignal,
): Promise<string> {
  const begun = await question(id, {
    method: 'POST',
    url: `${options.restBaseUrl}/storage/upload/initiate?storage_type=fal-cdn-v3`,
    headers: { ...headersOf(options), 'content-type': 'application/json' },
    body: JSON.stringify({ content_type: file.contentType, file_name: file.name }),
    signal,
  });
  const fields = fieldsOf(begun.json);
  const [to, at] = [textOf(fields['upload_url']), textOf(fields['file_url'])];
  if (begun.status !== 200 || to === null || at === null)
    throw new ProviderError(id, errorOf(options, begun));
  const put = await question(id, {
    method: 'PUT',
    url: to,
    headers: { 'content-type': file.contentType },
    body: file.content,
    signal,
    publicOnly: !options.allowPrivateAddresses,
  });
  if (put.status >= 300) throw new ProviderError(id, errorOf(options, put));
  const url = new URL(at);
  url.searchParams.set('attempt', markerOf(token));
  return url.href;
}
