import type { Clock } from '../../platform/clock.ts';
import { formOf } from '../http/input-files.ts';
import type { InputFile } from '../http/input-files.ts';
import { fieldsOf, textOf } from '../http/json.ts';
import { markerOf } from '../http/match-input.ts';
import { question } from '../http/question.ts';
import { ProviderError } from '../port.ts';
import { errorOf } from './errors.ts';

export interface ReplicateOptions {
  readonly apiToken: string;
  /** `https://api.replicate.com` */
  readonly baseUrl: string;
  /** `whsec_...`; null to ask Replicate for it. */
  readonly webhookSecret: string | null;
  /** For emulators and tests alone: results may lie on this machine, or on a private network. */
  readonly allowPrivateAddresses: boolean;
  readonly clock: Clock;
}

export const id = 'replicate';

export function headersOf(options: ReplicateOptions): Record<string, string> {
  return {
    authorization: `Bearer ${options.apiToken}`,
    accept: 'application/json',
    'user-agent': 'Holdfast/0.1',
  };
}

/** How a model is named, and so where it is asked for and by what it is known in lists. */
export type ModelName =
  /** `owner/name`, as Replicate itself keeps it. */
  | { readonly kind: 'model'; readonly name: string }
  /** `owner/name:<version>`, or a version alone. */
  | { readonly kind: 'version'; readonly version: string }
  /** `deployments/owner/name`. */
  | { readonly kind: 'deployment'; readonly name: string };

export function readModelName(model: string): ModelName {
  if (model.startsWith('deployments/')) {
    return { kind: 'deployment', name: model.slice('deployments/'.length) };
  }
  const version = model.includes(':') ? (model.split(':')[1] ?? '') : model;
  if (model.includes(':') || !model.includes('/')) return { kind: 'version', version };
  return { kind: 'model', name: model };
}

/** @throws ProviderError where it is not answered with 200 */
export async function getJson(options: ReplicateOptions, url: string, signal: AbortSignal): Promise<unknown> {
  const answer = await question(id, { method: 'GET', url, headers: headersOf(options), signal });
  if (answer.status !== 200 || answer.json === undefined) throw new ProviderError(id, errorOf(answer));
  return answer.json;
}

/** Hands a file to Replicate, which keeps it for a day. @returns its address; the attempt's mark stands where no server looks */
export async function upload(
  options: ReplicateOptions,
  file: InputFile,
  token: string,
  signal: AbortSignal,
): Promise<string> {
  const form = formOf('content', file);
  const answer = await question(id, {
    method: 'POST',
    url: `${options.baseUrl}/v1/files`,
    headers: { ...headersOf(options), 'content-type': form.contentType },
    body: form.body,
    signal,
  });
  const at = textOf(fieldsOf(fieldsOf(answer.json)['urls'])['get']);
  if (answer.status >= 300 || at === null) throw new ProviderError(id, errorOf(answer));
  return `${at}#attempt=${markerOf(token)}`;
}
