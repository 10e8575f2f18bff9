import type { Generation } from '@holdfast/client';

/** Whether it had files that are not kept any more. */
export function isGone({ outputs, kept_until: until }: Generation, now: Date): boolean {
  return outputs.length === 0 && until !== null && new Date(until) <= now;
}
