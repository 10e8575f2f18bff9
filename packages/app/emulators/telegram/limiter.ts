import type { TelegramKnobs } from './knobs.ts';
import { bad } from './types.ts';
import type { Answer } from './types.ts';

/** Refuses what goes beyond the limits of messages in a second. */
export function createLimiter(knobs: TelegramKnobs): (chat: number) => Answer | null {
  const all: number[] = [];
  const chats = new Map<number, number[]>();
  const over = (times: number[], most: number): boolean => {
    const now = Date.now();
    while (times[0] !== undefined && times[0] <= now - 1_000) times.shift();
    return most > 0 && times.length >= most;
  };
  return (chat) => {
    const own = chats.get(chat) ?? [];
    chats.set(chat, own);
    if (over(all, knobs.messagesPerSecond) || over(own, knobs.chatMessagesPerSecond)) {
      return bad(429, `Too Many Requests: retry after ${knobs.retryAfterSeconds}`, {
        retry_after: knobs.retryAfterSeconds,
      });
    }
    all.push(Date.now());
    own.push(Date.now());
    return null;
  };
}
