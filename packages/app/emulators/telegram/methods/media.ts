import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import type { Parameters } from '../parameters.ts';
import { newFile, newMessage } from '../state.ts';
import type { Telegram } from '../telegram.ts';
import { bad, good } from '../types.ts';
import type { Answer, EmulatedFile } from '../types.ts';
import { messageOnWire } from '../wire.ts';
import { checkCaption, checkChat, checkEntities, isAnswer, readButtons, shown } from './check.ts';

type Kind = 'video' | 'photo' | 'document';

const most_by_url = { video: 20 * 1_048_576, document: 20 * 1_048_576, photo: 5 * 1_048_576 };

/** By upload, by address, or by the name of a file that this bot has sent or got before. */
export async function sendMedia(telegram: Telegram, parameters: Parameters, kind: Kind): Promise<Answer> {
  const { state } = telegram;
  const chat = checkChat(state, parameters);
  if (isAnswer(chat)) return chat;
  const caption = parameters.text('caption');
  const wrong = checkCaption(caption) ?? checkEntities(parameters, caption);
  if (wrong) return wrong;
  const buttons = readButtons(parameters);
  if (isAnswer(buttons)) return buttons;
  const file = await fileOf(telegram, kind, {
    name: parameters.text(kind),
    uploaded: parameters.file(kind),
    width: parameters.number('width'),
    height: parameters.number('height'),
    duration: parameters.number('duration'),
  });
  if (isAnswer(file)) return file;
  const message = newMessage(state, {
    chat,
    from: 'bot',
    file,
    caption: caption === undefined ? null : shown(parameters, caption),
    buttons,
  });
  return good(messageOnWire(state, message));
}

interface GivenMedia {
  readonly type?: string;
  readonly media?: string;
  readonly caption?: string;
  readonly width?: number;
  readonly height?: number;
  readonly duration?: number;
}

/** Two to ten in one message each, all of them or none. */
export async function sendMediaGroup(telegram: Telegram, parameters: Parameters): Promise<Answer> {
  const { state } = telegram;
  const chat = checkChat(state, parameters);
  if (isAnswer(chat)) return chat;
  const given = parameters.object('media') as readonly GivenMedia[] | undefined;
  if (!Array.isArray(given) || given.length < 2 || given.length > 10) {
    return bad(400, 'Bad Request: there must be between 2 and 10 messages in an album');
  }
  const media: readonly GivenMedia[] = given;
  const kinds = new Set(media.map(({ type }) => type));
  if (kinds.has('document') && kinds.size > 1) {
    return bad(400, "Bad Request: document can't be mixed with other media types");
  }
  const album: { file: EmulatedFile; caption: string | null }[] = [];
  for (const each of media) {
    const { type: kind, media: name, caption } = each;
    if (kind !== 'video' && kind !== 'photo' && kind !== 'document') {
      return bad(400, 'Bad Request: type of the media is wrong');
    }
    const wrong = checkCaption(caption) ?? checkEntities(parameters, caption);
    if (wrong) return wrong;
    const uploaded = parameters.attached(name ?? '');
    const file = await fileOf(telegram, kind, { ...each, name, uploaded });
    if (isAnswer(file)) return file;
    album.push({ file, caption: caption ?? null });
  }
  const name = randomBytes(6).toString('hex');
  const messages = album.map((one) => newMessage(state, { chat, from: 'bot', album: name, ...one }));
  return good(messages.map((message) => messageOnWire(state, message)));
}

interface Given {
  /** A file's name or address. */
  readonly name: string | undefined;
  readonly uploaded: { readonly content: Buffer; readonly name: string } | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly duration?: number | undefined;
}

async function fileOf(telegram: Telegram, kind: Kind, given: Given): Promise<EmulatedFile | Answer> {
  const { state, knobs } = telegram;
  const { uploaded, name } = given;
  if (uploaded) {
    if (uploaded.content.length > knobs.maxUploadBytes) return bad(413, 'Request Entity Too Large');
    return store(telegram, kind, uploaded, given);
  }
  if (name === undefined) return bad(400, `Bad Request: there is no ${kind} in the request`);
  if (/^https?:/.test(name)) return fromUrl(telegram, kind, name, given);
  const known = state.files.get(name);
  if (known === undefined) {
    return bad(400, 'Bad Request: wrong file identifier/HTTP URL specified');
  }
  return known.kind === kind
    ? known
    : bad(400, `Bad Request: can't use file of type ${title(known.kind)} as ${title(kind)}`);
}

async function fromUrl(
  telegram: Telegram,
  kind: Kind,
  url: string,
  given: Given,
): Promise<EmulatedFile | Answer> {
  const response = await fetch(url).catch(() => null);
  if (response === null || !response.ok) return bad(400, 'Bad Request: failed to get HTTP URL content');
  const content = Buffer.from(await response.arrayBuffer());
  if (content.length > most_by_url[kind]) return bad(400, 'Bad Request: file is too big');
  return store(telegram, kind, { content, name: new URL(url).pathname.split('/').at(-1) ?? kind }, given);
}

async function store(
  { state }: Telegram,
  kind: Kind,
  uploaded: { content: Buffer; name: string },
  given: Given,
): Promise<EmulatedFile | Answer> {
  const size = { width: given.width ?? 0, height: given.height ?? 0 };
  if (kind === 'photo') {
    const facts = await sharp(uploaded.content)
      .metadata()
      .catch(() => null);
    if (facts === null) return bad(400, 'Bad Request: IMAGE_PROCESS_FAILED');
    Object.assign(size, { width: facts.width, height: facts.height });
  }
  return newFile(state, { ...uploaded, kind, ...size, duration: given.duration ?? 0 });
}

function title(kind: string): string {
  return kind.slice(0, 1).toUpperCase() + kind.slice(1);
}

export function getFile({ state, knobs }: Telegram, parameters: Parameters): Answer {
  const file = state.files.get(parameters.text('file_id') ?? '');
  if (file === undefined) {
    return bad(400, 'Bad Request: wrong file_id or the file is temporarily unavailable');
  }
  if (file.bytes > knobs.maxDownloadBytes) return bad(400, 'Bad Request: file is too big');
  return good({
    file_id: file.id,
    file_unique_id: file.uniqueId,
    file_size: file.bytes,
    file_path: `${file.kind}s/${file.id}`,
  });
}
