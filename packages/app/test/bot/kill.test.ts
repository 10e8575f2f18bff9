import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTelegramEmulator } from '../../emulators/telegram/emulator.ts';
import type { TelegramEmulator } from '../../emulators/telegram/emulator.ts';
import type { Person } from '../../emulators/telegram/people.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { studioModels } from '../../src/generations/catalogue/models/studio.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { photo } from './bot-world.ts';

let world: World;
let telegram: TelegramEmulator;
let directory: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  world = await createWorld();
  telegram = await startTelegramEmulator();
  directory = await mkdtemp(join(tmpdir(), 'holdfast-bot-'));
  await seedCatalogue(
    world.db,
    studioModels.map((model) => ({ model, creditsPerUnit: 10n })),
  );
});
afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await telegram.close();
  await rm(directory, { recursive: true, force: true });
  await world.close();
});

async function bot(failpoint?: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./bot-process.ts', import.meta.url))], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      TEST_DATABASE: world.appUrl,
      HOLDFAST_DATA_DIR: directory,
      HOLDFAST_ALLOW_UNSAFE_POSTGRES: 'yes',
      PUBLIC_URL: 'http://127.0.0.1:8000',
      TELEGRAM_BOT_TOKEN: '7000000001:kill',
      TELEGRAM_API_ROOT: telegram.url,
      ...(failpoint === undefined ? {} : { TEST_FAILPOINT: failpoint }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the bot ended')));
    if (!child.stdout) throw new Error('it says nothing');
    createInterface({ input: child.stdout }).on('line', (line) => line === 'ready' && resolve());
  });
  return child;
}

const last = (person: Person) => person.chat().findLast(({ from }) => from === 'bot');
const has = (person: Person, data: string) =>
  person
    .chat()
    .some(({ buttons }) => buttons.flat().some((button) => button.callback_data?.startsWith(data)));

const answers = new Set(['sendMessage', 'editMessageText', 'answerCallbackQuery']);

test('killed after every answer, before it was noted: the person goes on where they were, and pays once', async () => {
  const ada = telegram.person();
  const steps: { name: string; act: () => void | Promise<void>; seen: () => boolean }[] = [
    { name: 'the terms', act: () => ada.say('/start'), seen: () => has(ada, 'accept') },
    { name: 'the products', act: () => ada.pressButton('Accept'), seen: () => has(ada, 'product:') },
    {
      name: 'a photo is asked for',
      act: () => ada.pressButton('Reels'),
      seen: () => last(ada)?.text?.includes('send me one photo') === true,
    },
    {
      name: 'a description is asked for',
      act: async () => ada.sendPhoto(await photo()),
      seen: () => has(ada, 'skip'),
    },
    { name: 'the styles', act: () => ada.say('Still in bloom.'), seen: () => has(ada, 'look:any') },
    { name: 'the price', act: () => ada.pressButton('Surprise me'), seen: () => has(ada, 'go:') },
    {
      name: 'its start',
      act: () => ada.pressButton('Generate'),
      seen: () => ada.chat().some(({ text }) => /Starting|Queued/.test(text ?? '')),
    },
  ];
  for (const step of steps) {
    const dying = await bot('bot.answered');
    const died = once(dying, 'exit');
    await step.act();
    await died;
    expect(dying.signalCode).toBe('SIGKILL');
    // Its claim and its turn at asking Telegram run out.
    await world.clock.advance('1 minute');
    const earlier = telegram.calls.length;
    const next = await bot();
    // What was answered and not noted is answered again.
    const again = () => telegram.calls.slice(earlier).some(({ method }) => answers.has(method));
    await telegram.until(step.name, () => again() && step.seen(), 45_000);
    // It ends what it has begun, and says so.
    const gone = once(next, 'exit');
    next.kill('SIGTERM');
    await gone;
    const { rows: waiting } = await world.db.query('select from holdfast.bot_update where done_at is null');
    expect(waiting).toEqual([]);
    await world.clock.advance('1 minute');
  }
  const { rows } = await world.db.query<{ generations: number; held: bigint }>(
    `select count(*)::integer as generations, sum(held)::bigint as held from holdfast.generation`,
  );
  expect(rows[0]).toEqual({ generations: 1, held: 50n });
}, 240_000);
