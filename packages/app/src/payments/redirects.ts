import { InvalidInputError } from '../platform/errors.ts';

/**
 * Where a checkout may lead back: to this server, or to an origin that the operator listed. Anything else would let a stranger use our checkout to
 * send people to a page of theirs. The order's id is added, so that the page can ask how it stands.
 * @throws InvalidInputError `redirect_forbidden`
 */
export function returnAddress(
  address: string,
  allowed: { readonly publicUrl: string; readonly origins: readonly string[] },
  order?: string,
): string {
  const base = `${allowed.publicUrl}/`;
  // Two slashes, or a backslash, name another host; a scheme of its own does too.
  const relative = /^\/(?![/\\])/.test(address);
  const url = URL.canParse(address, relative ? base : undefined)
    ? new URL(address, relative ? base : undefined)
    : null;
  const ours = [new URL(base).origin, ...allowed.origins, ...loopbackNames(base)];
  const sound = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (!sound || !ours.includes(url.origin)) {
    throw new InvalidInputError(
      'redirect_forbidden',
      'A checkout leads back to this site only: the address is of another one. An operator can allow it in CHECKOUT_REDIRECT_ORIGINS.',
      { field: 'success_url' },
    );
  }
  if (order !== undefined) url.searchParams.set('order', order);
  return url.href;
}

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** On one's own machine the same page has several names. */
function loopbackNames(base: string): string[] {
  const { protocol, hostname, port } = new URL(base);
  if (!loopback.includes(hostname)) return [];
  return loopback.map((name) => `${protocol}//${name}${port === '' ? '' : `:${port}`}`);
}
