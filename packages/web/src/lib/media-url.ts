/**
 * A file of this server by its path alone, so that it is found under whatever name the server was reached by; what lies elsewhere stays as
 * it is.
 */
export function mediaUrl(url: string): string {
  const { pathname, search } = new URL(url, window.location.href);
  return pathname.startsWith('/media/') ? `${pathname}${search}` : url;
}
