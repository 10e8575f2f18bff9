import { fieldsOf, numberOf, textOf } from '../http/json.ts';
import { retryAfterOf } from '../http/retry-after.ts';
import type { HttpAnswer } from '../http/connection.ts';
import { question } from '../http/question.ts';
import { formOf } from '../http/input-files.ts';
import type { InputFile } from '../http/input-files.ts';
import { ProviderError } from '../port.ts';
import type { RawProviderError } from '../port.ts';

export interface KieOptions {
  readonly apiKey: string;
  /** `https://api.kie.ai` */
  readonly baseUrl: string;
  /** `https://kieai.redpandaai.co` */
  readonly uploadBaseUrl: string;
  /** The key that callbacks are signed with, where the operator has switched that on. */
  readonly webhookKey: string | null;
  /** What one of KIE's credits costs in dollars: 0.005 as they are sold. */
  readonly usdPerCredit: number;
  /** For emulators and tests alone: results may lie on this machine, or on a private network. */
  readonly allowPrivateAddresses: boolean;
}

export const id = 'kie';

/** An ordinary name of a client: without one, the wall in front of KIE answers 403. */
export function headersOf(options: KieOptions): Record<string, string> {
  return {
    authorization: `Bearer ${options.apiKey}`,
    'user-agent': 'Holdfast/0.1',
    accept: 'application/json',
  };
}

/** KIE answers HTTP 200 and says in `code` what it means; what has no code stands under its HTTP status. */
export function readEnvelope(answer: HttpAnswer): { code: number | null; message: string; data: unknown } {
  const body = fieldsOf(answer.json);
  const code = numberOf(body['code']) ?? (answer.status === 200 ? null : answer.status);
  return { code, message: textOf(body['msg']) ?? answer.text.slice(0, 500), data: body['data'] };
}

export function errorOf(answer: HttpAnswer): RawProviderError {
  const { code, message } = readEnvelope(answer);
  return {
    code: code === null ? 'unreadable_answer' : String(code),
    message,
    httpStatus: answer.status,
    ...retryAfterOf(answer),
    raw: answer.json ?? answer.text.slice(0, 2_000),
  };
}

/** @throws ProviderError for anything but a 200 in both places */
export async function getData(options: KieOptions, path: string, signal: AbortSignal): Promise<unknown> {
  const answer = await question(id, {
    method: 'GET',
    url: `${options.baseUrl}${path}`,
    headers: headersOf(options),
    signal,
  });
  const { code, data } = readEnvelope(answer);
  if (answer.status !== 200 || code !== 200) throw new ProviderError(id, errorOf(answer));
  return data;
}

/** Hands a file to KIE, which keeps it for a day. @returns its address */
export async function upload(options: KieOptions, file: InputFile, signal: AbortSignal): Promise<string> {
  const form = formOf('file', file, { uploadPath: 'holdfast' });
  const answer = await question(id, {
    method: 'POST',
    url: `${options.uploadBaseUrl}/api/file-stream-upload`,
    headers: { ...headersOf(options), 'content-type': form.contentType },
    body: form.body,
    signal,
  });
  const { code, data } = readEnvelope(answer);
  const url = textOf(fieldsOf(data)['downloadUrl']);
  if (answer.status !== 200 || code !== 200 || url === null) throw new ProviderError(id, errorOf(answer));
  return url;
}

/** A result's address, made to work for another twenty minutes. Null where KIE doesn't know it. */
export async function renewedAddress(
  options: KieOptions,
  url: string,
  signal: AbortSignal,
): Promise<string | null> {
  const answer = await question(id, {
    method: 'POST',
    url: `${options.baseUrl}/api/v1/common/download-url`,
    headers: { ...headersOf(options), 'content-type': 'application/json' },
    body: JSON.stringify({ url }),
    signal,
  });
  const { code, data } = readEnvelope(answer);
  return answer.status === 200 && code === 200 ? textOf(data) : null;
}
