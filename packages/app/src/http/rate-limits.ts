import { isIPv6 } from 'node:net';
import { isWrite } from './access.ts';
import { RequestError } from './errors.ts';
import type { RequestCounter } from './request-counter.ts';
import type { App, HttpServices } from './services.ts';

/**
 * Requests to the API by address, and writes by person. Media, pages and health checks are not counted: a video is fetched in many
 * ranges, a page in many files, and neither writes anything.
 */
export function registerAddressLimit(app: App, services: HttpServices, counter: RequestCounter): void {
  const limit = services.settings.requestsPerMinutePerAddress;
  app.addHook('onRequest', async (request) => {
    if (!request.url.startsWith('/api/')) return;
    const { retryAfterSeconds } = counter.count(`address:${network(request.ip)}`, limit);
    if (retryAfterSeconds === null) return;
    throw new RequestError('rate_limited', `More than ${limit} requests a minute came from this address.`, {
      limit,
      retry_after_seconds: retryAfterSeconds,
    });
  });
}

export function registerWriteLimit(app: App, services: HttpServices, counter: RequestCounter): void {
  const limit = services.settings.writesPerMinutePerPerson;
  app.addHook('onRequest', async (request) => {
    if (!request.identity || !isWrite(request)) return;
    const { retryAfterSeconds } = counter.count(`writes:${request.identity.person.id}`, limit);
    if (retryAfterSeconds === null) return;
    throw new RequestError('rate_limited', `That was more than ${limit} writes in a minute.`, {
      limit,
      retry_after_seconds: retryAfterSeconds,
    });
  });
}

/** Whoever has an IPv6 address has 2^64 of them. */
function network(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const middle = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...middle, ...right].slice(0, 4).join(':');
}
