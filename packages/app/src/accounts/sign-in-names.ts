/** The header by which the door says which address a request came from. Never taken from outside. */
export const addressHeader = 'x-holdfast-address';

export const authPath = '/api/auth';

export const cookiePrefix = 'holdfast';

export function sessionCookieName(publicUrl: string): string {
  return `${isHttps(publicUrl) ? '__Secure-' : ''}${cookiePrefix}.session_token`;
}

export function isHttps(url: string): boolean {
  return url.startsWith('https://');
}
