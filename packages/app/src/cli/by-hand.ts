import type { ByHand } from '../operations/operator-log.ts';
import { whoIsHere } from './operator.ts';

/** The option of every command that changes what others rely on. */
export const why = ['--reason <why>', 'kept in the log of what operators did'] as const;

export interface Why {
  readonly reason?: string;
}

/** Whoever types the command, and why they say they do. */
export function byHand(reason: string | undefined): ByHand {
  return { operator: whoIsHere(), reason: reason ?? 'no reason given' };
}
