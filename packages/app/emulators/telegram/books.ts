import { createHash } from 'node:crypto';
import type { Telegram } from './telegram.ts';
import type { EmulatedFile, StarTransaction } from './types.ts';

/** Films and pictures that one call has put into a chat; an album is one. Also where they were deleted later. */
export interface SentFiles {
  readonly chat: number;
  readonly at: Date;
  readonly messageIds: readonly number[];
  readonly fileIds: readonly string[];
  readonly sha256: readonly string[];
  /** Named by the buttons below; null where there are none, as below an album. */
  readonly generationId: string | null;
}

/** What only Telegram knows. */
export interface TelegramBooks {
  /** Into people's chats, oldest first. */
  readonly sends: readonly SentFiles[];
  /** By `method fault`: how many calls met it. */
  readonly faults: Readonly<Record<string, number>>;
  readonly calls: { readonly made: number; readonly refused: number; readonly unanswered: number };
  readonly payments: readonly StarTransaction[];
}

const silent = new Set(['timeout_after', 'timeout_before', 'reset_after', 'reset_before']);

export function booksOf({ state, calls }: Telegram): TelegramBooks {
  const sends = new Map<string, { -readonly [K in keyof SentFiles]: SentFiles[K] }>();
  for (const message of state.messages) {
    const { file, from, chat, album } = message;
    if (from !== 'bot' || file === null || !state.users.has(chat)) continue;
    const key = album ?? `message ${message.id}`;
    const named = message.buttons
      .flat()
      .flatMap(({ callback_data, url }) => /\bgen_[0-9a-z]+/.exec(callback_data ?? url ?? '') ?? []);
    const earlier = sends.get(key);
    sends.set(key, {
      chat,
      at: earlier?.at ?? new Date(message.date * 1000),
      messageIds: [...(earlier?.messageIds ?? []), message.id],
      fileIds: [...(earlier?.fileIds ?? []), file.id],
      sha256: [...(earlier?.sha256 ?? []), checksumOf(file)],
      generationId: named[0] ?? earlier?.generationId ?? null,
    });
  }
  const faults: Record<string, number> = {};
  for (const { method, fault } of calls) {
    if (fault === null) continue;
    const name = `${method} ${typeof fault === 'string' ? fault : fault.code}`;
    faults[name] = (faults[name] ?? 0) + 1;
  }
  const refused = calls.filter(({ refusal }) => refusal !== null).length;
  const unanswered = calls.filter(({ fault }) => typeof fault === 'string' && silent.has(fault)).length;
  return {
    sends: [...sends.values()],
    faults,
    calls: { made: calls.length, refused, unanswered },
    payments: [...state.transactions],
  };
}

const checksums = new WeakMap<EmulatedFile, string>();

function checksumOf(file: EmulatedFile): string {
  const known = checksums.get(file) ?? createHash('sha256').update(file.content).digest('hex');
  checksums.set(file, known);
  return known;
}
