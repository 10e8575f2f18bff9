import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { booksOf } from './books.ts';
import { usualKnobs } from './knobs.ts';
import { chatPage } from './page/page.ts';
import { personOf } from './people.ts';
import { messagesIn } from './state.ts';
import type { Telegram } from './telegram.ts';

interface Asked {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: Buffer;
}

const photos: Readonly<Record<string, string>> = {
  flower: 'allium-oreophilum.jpg',
  sky: 'airplane-from-above.jpg',
};

/** What is not the Bot API: the page with the chat, what a person does in it, and the knobs. */
export async function administer(
  telegram: Telegram,
  { request, url, body }: Asked,
  response: ServerResponse,
): Promise<void> {
  const { state, knobs } = telegram;
  const path = `${request.method} ${url.pathname}`;
  const json = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  const user = Number(url.searchParams.get('user') ?? 1001);
  switch (path) {
    case 'GET /':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(chatPage);
      return;
    case 'GET /_emulator/chat':
      return json(200, chatOf(telegram, user));
    case 'GET /_emulator/knobs':
      return json(200, knobs);
    case 'POST /_emulator/knobs': {
      const wanted = Object.entries(JSON.parse(body.toString('utf8')) as Record<string, unknown>);
      const stranger = wanted.find(([name]) => !(name in usualKnobs));
      if (stranger) return json(400, { error: `there is no knob "${stranger[0]}"` });
      Object.assign(knobs, Object.fromEntries(wanted));
      return json(200, knobs);
    }
    case 'GET /_emulator/book':
      return json(200, booksOf(telegram));
    case 'POST /_emulator/do': {
      const problem = await act(telegram, user, JSON.parse(body.toString('utf8')) as Record<string, unknown>);
      return problem === null ? json(200, { done: true }) : json(409, { error: problem });
    }
    case 'GET /_emulator/file': {
      const file = state.files.get(url.searchParams.get('id') ?? '');
      if (!file) return json(404, { error: 'no such file' });
      const type = file.kind === 'photo' ? 'image/jpeg' : file.mimeType;
      response.writeHead(200, { 'content-type': type, 'content-length': file.content.length });
      response.end(file.content);
      return;
    }
    default:
      if (url.pathname.startsWith(fonts_path))
        return sendFont(url.pathname.slice(fonts_path.length), response);
      return json(404, { ok: false, error_code: 404, description: 'Not Found' });
  }
}

const require = createRequire(import.meta.url);
const fonts_path = '/_emulator/fonts/';

/** A bare machine has neither Chinese letters nor emoji: the page brings its own. */
async function sendFont(name: string, response: ServerResponse): Promise<void> {
  const chinese = dirname(require.resolve('@fontsource-variable/noto-sans-sc/index.css'));
  const emoji = dirname(require.resolve('twemoji-colr-font/package.json'));
  const path = name === 'twemoji.woff2' ? join(emoji, name) : join(chinese, name);
  if (!/^(files\/)?[\w.-]+$/.test(name)) {
    response.writeHead(404).end();
    return;
  }
  const type = name.endsWith('.css') ? 'text/css' : 'font/woff2';
  try {
    const content = await readFile(path);
    response.writeHead(200, { 'content-type': type, 'cache-control': 'max-age=86400' }).end(content);
  } catch {
    response.writeHead(404).end();
  }
}

/** What a client shows of one person's chat. */
function chatOf({ state, updates }: Telegram, id: number): unknown {
  const user = state.users.get(id);
  return {
    version: state.version,
    users: [...state.users.values()].map(({ id: number, first_name, language_code }) => ({
      id: number,
      first_name,
      language_code,
    })),
    user,
    webhook: updates.webhook()?.url ?? null,
    commands: state.commands.get((user?.language_code ?? '').slice(0, 2)) ?? state.commands.get('') ?? [],
    toasts: state.toasts.filter((toast) => toast.user === id),
    messages: messagesIn(state, id).map(({ file, ...message }) =>
      Object.assign(message, {
        file: file && { id: file.id, kind: file.kind, name: file.name, bytes: file.bytes },
      }),
    ),
  };
}

/** @returns why it can't be done, or null */
async function act(telegram: Telegram, user: number, asked: Record<string, unknown>): Promise<string | null> {
  if (!telegram.state.users.has(user)) return 'there is no such person';
  const person = personOf(telegram, user);
  const message = Number(asked['message']);
  switch (asked['do']) {
    case 'say':
      person.say(String(asked['text']));
      return null;
    case 'press':
      person.press(message, String(asked['data']));
      return null;
    case 'pay':
      return person.pay(message);
    case 'photo': {
      const given = asked['content'];
      const name = photos[String(asked['sample'])] ?? photos['flower'] ?? '';
      const content =
        typeof given === 'string'
          ? Buffer.from(given, 'base64')
          : await readFile(join(import.meta.dirname, '../../assets/photos', name));
      await person.sendPhoto(content);
      return null;
    }
    case 'sticker':
      person.sendSticker();
      return null;
    case 'block':
      person.block();
      return null;
    case 'unblock':
      person.unblock();
      return null;
    default:
      return 'a person does not do that';
  }
}
