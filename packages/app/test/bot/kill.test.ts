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

async function until(wanted: () => boolean): Promise<void> {
  for (let look = 0; look < 900; look += 1) {
    if (wanted()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come to that');
}

test('killed after every answer, before it was noted: the person goes on where they were, and pays once', async () => {
  const ada = telegram.person();
  const steps: { act: () => void | Promise<void>; seen: () => boolean }[] = [
    { act: () => ada.say('/start'), seen: () => has(ada, 'accept') },
    { act: () => ada.pressButton('Accept'), seen: () => has(ada, 'product:') },
    {
      act: () => ada.pressButton('Reels'),
      seen: () => last(ada)?.text?.includes('send me one photo') === true,
    },
    { act: async () => ada.sendPhoto(await photo()), seen: () => has(ada, 'skip') },
    { act: () => ada.say('Still in bloom.'), seen: () => has(ada, 'look:any') },
    { act: () => ada.pressButton('Surprise me'), seen: () => has(ada, 'go:') },
    {
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
    const next = await bot();
    await until(step.seen);
    await until(() => telegram.state.updates.length === 0);
    const waiting = async () =>
      (await world.db.query('select from holdfast.bot_update where done_at is null')).rows.length;
    for (let look = 0; look < 200 && (await waiting()) > 0; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await waiting()).toBe(0);
    const gone = once(next, 'exit');
    next.kill('SIGKILL');
    await gone;
    await world.clock.advance('1 minute');
  }
  const { rows } = await world.db.query<{ generations: number; held: bigint }>(
    `select count(*)::integer as generations, sum(held)::bigint as held from holdfast.generation`,
  );
  expect(rows[0]).toEqual({ generations: 1, held: 50n });
}, 240_000);
