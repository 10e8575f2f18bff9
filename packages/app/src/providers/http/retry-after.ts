import type { HttpAnswer } from './connection.ts';

/** `{retryAfterSeconds}` where the answer has the header, as seconds or as a date; else nothing. Spread into an error. */
export function retryAfterOf(
  answer: Pick<HttpAnswer, 'headers'>,
  now: number = Date.now(),
): { retryAfterSeconds?: number } {
  const said = answer.headers['retry-after'];
  if (said === undefined || said.trim() === '') return {};
  const seconds = /^\d{1,9}$/.test(said.trim()) ? Number(said) : (Date.parse(said) - now) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? { retryAfterSeconds: seconds } : {};
}
