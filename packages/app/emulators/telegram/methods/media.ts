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
  const file = await fileOf(telegram, parameters, kind);
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

async function fileOf(
  telegram: Telegram,
  parameters: Parameters,
  kind: Kind,
): Promise<EmulatedFile | Answer> {
  const { state, knobs } = telegram;
  const uploaded = parameters.file(kind);
  if (uploaded) {
    if (uploaded.content.length > knobs.maxUploadBytes) return bad(413, 'Request Entity Too Large');
    return store(telegram, kind, uploaded, parameters);
  }
  const name = parameters.text(kind);
  if (name === undefined) return bad(400, `Bad Request: there is no ${kind} in the request`);
  if (/^https?:/.test(name)) return fromUrl(telegram, kind, name, parameters);
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
  parameters: Parameters,
): Promise<EmulatedFile | Answer> {
  const response = await fetch(url).catch(() => null);
  if (response === null || !response.ok) return bad(400, 'Bad Request: failed to get HTTP URL content');
  const content = Buffer.from(await response.arrayBuffer());
  if (content.length > most_by_url[kind]) return bad(400, 'Bad Request: file is too big');
  return store(
    telegram,
    kind,
    { content, name: new URL(url).pathname.split('/').at(-1) ?? kind },
    parameters,
  );
}

async function store(
  { state }: Telegram,
  kind: Kind,
  given: { content: Buffer; name: string },
  parameters: Parameters,
): Promise<EmulatedFile | Answer> {
  const size = { width: parameters.number('width') ?? 0, height: parameters.number('height') ?? 0 };
  if (kind === 'photo') {
    const facts = await sharp(given.content)
      .metadata()
      .catch(() => null);
    if (facts === null) return bad(400, 'Bad Request: IMAGE_PROCESS_FAILED');
    Object.assign(size, { width: facts.width, height: facts.height });
  }
  return newFile(state, { ...given, kind, ...size, duration: parameters.number('duration') ?? 0 });
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
