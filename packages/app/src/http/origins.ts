const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** Pages of this server, by the address it is reached at; on loopback by any of its names. */
export function trustedOrigins(publicUrl: string): string[] {
  const url = new URL(publicUrl);
  if (!loopback.includes(url.hostname)) return [url.origin];
  const port = url.port ? `:${url.port}` : '';
  return loopback.map((name) => `${url.protocol}//${name}${port}`);
}

export function isTrustedOrigin(origin: string, publicUrl: string): boolean {
  return trustedOrigins(publicUrl).includes(origin);
}

/**
 * A request from this very machine that no proxy passed on, addressed to it by a loopback name. Where people come from elsewhere nothing
 * counts as local: a proxy on the same machine may hide that it is one.
 */
export function isLocalRequest(
  request: {
    readonly socket: { readonly remoteAddress?: string | undefined };
    readonly headers: Readonly<Record<string, unknown>>;
  },
  publicUrl: string,
): boolean {
  if (!loopback.includes(new URL(publicUrl).hostname)) return false;
  const { remoteAddress } = request.socket;
  const direct =
    remoteAddress === '127.0.0.1' || remoteAddress === '::1' || remoteAddress === '::ffff:127.0.0.1';
  const forwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'].some(
    (name) => request.headers[name] !== undefined,
  );
  const { host } = request.headers;
  const name = typeof host === 'string' ? host.replace(/:\d+$/, '') : '';
  return direct && !forwarded && loopback.includes(name);
}
