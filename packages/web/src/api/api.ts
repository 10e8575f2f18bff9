import type {
  Balance,
  Generation,
  Hold,
  Lot,
  Me,
  Model,
  Movement,
  Problem,
  PublicSettings,
  Quote,
  QuoteRequest,
  Upload,
} from '@holdfast/client';
import { ApiError, NetworkError } from './errors.ts';

export type Page<T> = { items: T[]; next: string | null };
export type LibraryFilter = {
  status?: 'active' | 'succeeded' | 'failed' | 'cancelled';
  kind?: 'video' | 'image';
};

async function call<T>(
  method: string,
  path: string,
  options: { body?: unknown; key?: string } = {},
): Promise<T> {
  const headers = new Headers({ accept: 'application/json' });
  if (options.key) headers.set('idempotency-key', options.key);
  let body: BodyInit | undefined;
  if (options.body instanceof FormData) {
    body = options.body;
  } else if (options.body !== undefined) {
    headers.set('content-type', 'application/json');
    body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body, credentials: 'same-origin' });
  } catch (error) {
    throw new NetworkError(error);
  }
  if (response.ok) return (await response.json()) as T;
  throw new ApiError(response.status, await readProblem(response));
}

async function readProblem(response: Response): Promise<Partial<Problem>> {
  try {
    return (await response.json()) as Partial<Problem>;
  } catch {
    return {};
  }
}

function query(values: Record<string, string | number | undefined>): string {
  const set = Object.entries(values).filter(
    (entry): entry is [string, string | number] => entry[1] !== undefined,
  );
  return set.length === 0 ? '' : `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}`;
}

export const api = {
  settings: () => call<PublicSettings>('GET', '/api/settings'),
  me: () => call<Me>('GET', '/api/me'),
  models: () => call<{ items: Model[] }>('GET', '/api/models'),
  balance: () => call<Balance>('GET', '/api/credits/balance'),
  lots: () => call<{ items: Lot[] }>('GET', '/api/credits/lots'),
  holds: () => call<{ items: Hold[] }>('GET', '/api/credits/holds'),
  history: (cursor?: string) =>
    call<Page<Movement>>('GET', `/api/credits/history${query({ cursor, limit: 25 })}`),
  quote: (request: QuoteRequest, key: string) => call<Quote>('POST', '/api/quotes', { body: request, key }),
  createGeneration: (quote: string, key: string) =>
    call<Generation>('POST', '/api/generations', { body: { quote }, key }),
  generations: (filter: LibraryFilter, cursor?: string) =>
    call<Page<Generation>>('GET', `/api/generations${query({ ...filter, cursor, limit: 24 })}`),
  generation: (id: string) => call<Generation>('GET', `/api/generations/${encodeURIComponent(id)}`),
  cancel: (id: string, key: string) =>
    call<Generation>('POST', `/api/generations/${encodeURIComponent(id)}/cancel`, { body: {}, key }),
  again: (id: string, key: string) =>
    call<Generation>('POST', `/api/generations/${encodeURIComponent(id)}/again`, { body: {}, key }),
  upload: (file: File, key: string) => {
    const form = new FormData();
    form.set('file', file, file.name);
    return call<Upload>('POST', '/api/uploads', { body: form, key });
  },
};
