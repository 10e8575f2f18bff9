import type { Logger } from '../../platform/logger.ts';
import type { Database, Tx } from '../../platform/database.ts';
import { deliveryFailpoint } from '../runner/failpoint.ts';
import type { DeliveryRow } from '../runner/rows.ts';
import type { Sent } from '../rules.ts';
import type { Storage } from '../storage/port.ts';
import { lockedButtons, offerButtons, pressed, resultButtons, webButton } from '../telegram/buttons.ts';
import { findChat, moveChat, noteUnreachable } from '../telegram/chats.ts';
import { botIdOf, chatNumber, createTelegramApi } from '../telegram/client.ts';
import type { TelegramSettings } from '../telegram/client.ts';
import { problemOf } from '../telegram/errors.ts';
import type { TelegramProblem } from '../telegram/errors.ts';
import { findFileId, forgetFileId, most_upload_bytes, storeInTelegram } from '../telegram/file-store.ts';
import type { TelegramKind } from '../telegram/file-store.ts';
import { most_in_album, sendFiles } from '../telegram/send-files.ts';
import { showStatus } from '../telegram/status-message.ts';
import { chatWords, thingOf } from '../telegram/words.ts';
import { planForChats } from '../plan.ts';
import type { DeliveryChannel, Subject, SubjectFile, Subjects } from './port.ts';

export interface TelegramChannelOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly storage: Storage;
  readonly subjects: Subjects;
  readonly settings: TelegramSettings;
  /** Tells the operator what only they can mend. */
  readonly alarm: (problem: { reason: string; detail: string }) => Promise<void>;
  readonly timeoutSeconds?: number;
  /** For requests that carry a file; 300 unless told. */
  readonly uploadTimeoutSeconds?: number;
}

const upload_seconds = 300;
/** How long until what only the operator can mend is looked at again. */
const operator_wait_seconds = 60;

/** Each refusal of a request as it was leads to the next: a film, a file, a link to the web. */
const ways = ['media', 'document', 'link'] as const;
type Way = (typeof ways)[number];

/**
 * Hands results over in chats: a film by its name after one upload that nobody sees, several files as one album; words for everything else.
 */
export function telegramChannel(options: TelegramChannelOptions): DeliveryChannel {
  const { db, log, storage, subjects, settings } = options;
  const botId = botIdOf(settings.token);
  const api = createTelegramApi(settings, options.timeoutSeconds);
  const uploads = createTelegramApi(settings, options.uploadTimeoutSeconds ?? upload_seconds);

  const carriesFile = (row: DeliveryRow): boolean => row.event === 'succeeded' || row.event === 'resent';

  function wayOf(row: DeliveryRow): Way {
    return carriesFile(row) ? (ways[Math.min(row.refusals, ways.length - 1)] ?? 'link') : 'link';
  }

  const kindOf = (file: SubjectFile, way: Way): TelegramKind =>
    way === 'document' ? 'document' : file.kind === 'video' ? 'video' : 'photo';

  async function subjectOf(row: DeliveryRow): Promise<{ subject: Subject; locale: 'en' | 'ru' | 'zh' }> {
    const { locale } = await findChat(db, row.target);
    return { subject: await subjects.read(row.generation_id, locale), locale };
  }

  async function settle(row: DeliveryRow, problem: TelegramProblem): Promise<Sent> {
    const { detail } = problem;
    switch (problem.kind) {
      case 'gone':
        await noteUnreachable(db, row.target, problem.reason);
        return { kind: 'gone', reason: problem.reason, detail };
      case 'wrong':
        return { kind: 'again', reason: problem.reason, detail, afterSeconds: 1, counts: true };
      case 'moved':
        await moveChat(db, row.target, problem.to);
        return { kind: 'again', reason: 'chat_moved', detail, afterSeconds: 0, counts: false };
      case 'wait':
        return { kind: 'again', reason: 'flood', detail, afterSeconds: problem.seconds, counts: false };
      case 'taken':
        return { kind: 'delivered', facts: { note: detail } };
      case 'ours':
        await options.alarm({ reason: problem.reason, detail });
        return {
          kind: 'again',
          reason: problem.reason,
          detail,
          afterSeconds: operator_wait_seconds,
          counts: false,
        };
      case 'unsent':
        return { kind: 'again', reason: problem.reason, detail, afterSeconds: null, counts: false };
      case 'uncertain':
        return { kind: 'uncertain', reason: problem.reason, detail };
      default:
        throw new Error(`unknown problem ${JSON.stringify(problem satisfies never)}`);
    }
  }

  /** What one call can carry, as long as the chat takes files. */
  function filesFor(row: DeliveryRow, subject: Subject): readonly SubjectFile[] {
    if (!carriesFile(row) || wayOf(row) === 'link' || subject.locked) return [];
    return subject.files.filter(({ bytes }) => bytes <= most_upload_bytes).slice(0, most_in_album);
  }

  async function sendThem(
    row: DeliveryRow,
    files: readonly SubjectFile[],
    subject: Subject,
    signal: AbortSignal,
  ): Promise<Sent> {
    const { locale } = await findChat(db, row.target);
    const left = subject.files.length - files.length;
    const rest = left === 0 ? '' : `\n${chatWords(locale).moreOnWeb(left)} ${subject.chatUrl ?? ''}`;
    try {
      const { messageIds, way } = await sendFiles(
        { api, uploads, db, storage, botId },
        {
          chat: chatNumber(row.target),
          files,
          kindOf: (file) => kindOf(file, wayOf(row)),
          caption: `${subject.sentence.slice(0, 800)}${rest}`,
          buttons: resultButtons(locale, subject),
          signal,
        },
      );
      return { kind: 'delivered', facts: { message_id: messageIds[0], message_ids: messageIds, way } };
    } catch (error) {
      const problem = problemOf(error);
      // Telegram may forget a name; the next way stores the file anew.
      if (problem.kind === 'wrong' && /file/.test(problem.reason)) {
        for (const file of files) await forgetFileId(db, botId, file.sha256, kindOf(file, wayOf(row)));
      }
      return settle(row, problem);
    }
  }

  async function sendWords(row: DeliveryRow, subject: Subject): Promise<Sent> {
    const { locale } = await findChat(db, row.target);
    const words = chatWords(locale);
    const [text, buttons] = ((): [string, ReturnType<typeof webButton>] => {
      switch (row.event) {
        case 'refunded':
          return [words.sendFailed(subject.refunded), lockedButtons(locale, subject)];
        case 'failed':
        case 'cancelled':
          return [subject.sentence, againButtons(locale, subject)];
        case 'succeeded':
        case 'resent':
          return [
            `${words.link(thingOf(subject))}\n${subject.sentence}\n${subject.chatUrl ?? ''}`.trim(),
            resultButtons(locale, subject),
          ];
        default:
          throw new Error(`unknown event ${String(row.event satisfies never)}`);
      }
    })();
    try {
      const shown = await showStatus({ api, db }, row, { text, buttons, always: true });
      return { kind: 'delivered', facts: { message_id: shown } };
    } catch (error) {
      return settle(row, problemOf(error));
    }
  }

  return {
    id: 'telegram',
    way: (row) => wayOf(row),

    async prepare(row, signal) {
      const { unreachable } = await findChat(db, row.target);
      if (unreachable !== null) {
        return {
          kind: 'gone',
          reason: unreachable,
          detail: 'they can not be reached since an earlier message',
        };
      }
      const { storageChatId } = settings;
      if (!carriesFile(row) || storageChatId === null) return null;
      const { subject } = await subjectOf(row);
      for (const file of filesFor(row, subject)) {
        const kind = kindOf(file, wayOf(row));
        if ((await findFileId(db, botId, file.sha256, kind)) !== null) continue;
        try {
          await storeInTelegram({ api: uploads, db, storage, botId, storageChatId }, file, kind, signal);
          deliveryFailpoint('delivery.uploaded');
        } catch (error) {
          return stored(row, problemOf(error));
        }
      }
      return null;
    },

    async send(row, signal) {
      const { subject } = await subjectOf(row);
      const files = filesFor(row, subject);
      return files.length > 0 ? sendThem(row, files, subject, signal) : sendWords(row, subject);
    },

    async after(row, state) {
      if (!carriesFile(row)) return;
      const { subject, locale } = await subjectOf(row);
      if (state === 'uncertain') {
        const text = `${chatWords(locale).offer(thingOf(subject))}\n${subject.sentence}`;
        await showStatus({ api, db }, row, { text, buttons: offerButtons(locale, subject), always: true });
      } else if (state === 'delivered' && row.event === 'succeeded') {
        await showStatus({ api, db }, row, {
          text: `${chatWords(locale).ready} ${subject.sentence}`,
          buttons: [],
        });
      }
      // An album has no buttons of its own.
      if (state === 'delivered' && filesFor(row, subject).length > 1) {
        const reply_markup = { inline_keyboard: resultButtons(locale, subject) };
        await api.sendMessage(chatNumber(row.target), chatWords(locale).whatNext, { reply_markup });
      }
    },

    async refused(tx: Tx, row, { proven, reason }) {
      if (!proven || row.event !== 'succeeded') return;
      await subjects.giveBack(tx, row.generation_id, row.id);
      await planForChats(tx, {
        generationId: row.generation_id,
        personId: row.person_id,
        event: 'refunded',
      });
      log.warn(
        { delivery: row.id, generation: row.generation_id, reason },
        'a chat refused a file: credits go back',
      );
    },
  };

  /** What came of storing, which nobody has seen: whatever is uncertain about it can be done again. */
  async function stored(row: DeliveryRow, problem: TelegramProblem): Promise<Sent | null> {
    if (problem.kind === 'gone' || problem.kind === 'moved') {
      // The private chat itself is not there: the operator's to mend, and the file is sent without it.
      await options.alarm({ reason: 'storage_chat', detail: problem.detail });
      return null;
    }
    const sent = await settle(row, problem);
    if (sent.kind === 'delivered') return null;
    if (sent.kind !== 'uncertain') return sent;
    return { kind: 'again', reason: sent.reason, detail: sent.detail, afterSeconds: null, counts: false };
  }

  function againButtons(locale: 'en' | 'ru' | 'zh', subject: Subject): ReturnType<typeof webButton> {
    if (subject.againCredits === null) return webButton(locale, subject.chatUrl);
    const text = chatWords(locale).tryAgain(subject.againCredits);
    return [
      [{ text, callback_data: pressed.again(subject.generationId, subject.againCredits) }],
      ...webButton(locale, subject.chatUrl),
    ];
  }
}
