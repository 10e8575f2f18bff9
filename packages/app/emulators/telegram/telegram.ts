import type { Fault, TelegramKnobs } from './knobs.ts';
import type { TelegramState } from './state.ts';
import type { Updates } from './updates.ts';

/** What the methods and the people of one emulated Telegram work on. */
export interface Telegram {
  readonly url: string;
  readonly state: TelegramState;
  readonly knobs: TelegramKnobs;
  readonly updates: Updates;
  /** Pre-checkout queries that wait for the bot's answer. */
  readonly checkouts: Map<string, (answer: { ok: boolean; error: string | null }) => void>;
  /** Every call of the API, in order. */
  readonly calls: TelegramCall[];
}

export interface TelegramCall {
  readonly method: string;
  readonly chat: number | null;
  readonly at: number;
  readonly fault: Fault | null;
  /** Whether it did what it asks for, whatever was answered. */
  carriedOut: boolean;
  /** What was answered instead of a result; null also where nothing was. */
  refusal: string | null;
}
