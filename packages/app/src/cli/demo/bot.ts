import pino from 'pino';
import { readConfig } from '../../platform/config.ts';
import type { Config } from '../../platform/config.ts';
import { createLogger } from '../../platform/logger.ts';
import { startHoldfast } from '../../start.ts';
import { freshDirectory } from './directory.ts';
import { startEmulator } from './emulator.ts';

/** The emulated Telegram lets any token in, and has this private channel. */
const token = '7000000001:demo';
const storage_chat = '-1001000000001';

/**
 * `npm run demo -- --bot`: the bot, in a Telegram that lives on this machine, with a page on which its chats are seen and used. Stays open
 * until `stopping` resolves.
 */
export async function botDemo(options: {
  config: Config;
  tell: (sentence: string) => void;
  stopping: Promise<void>;
}): Promise<void> {
  const { config, tell, stopping } = options;
  const directory = await freshDirectory(config.dataDirectory);
  const telegram = await startEmulator('telegram');
  try {
    const log = createLogger({
      level: config.logLevel,
      name: 'holdfast',
      destination: pino.destination({ dest: `${directory}/holdfast.log`, sync: false }),
    });
    const running = await startHoldfast({ config: withBot(config, telegram.url), log, say: tell });
    try {
      tell('');
      tell(`  The bot's chat:  ${telegram.url}/?user=1001  (English)`);
      tell(`                   ${telegram.url}/?user=1002  (Russian)`);
      tell(`                   ${telegram.url}/?user=1003  (Chinese)`);
      tell(`  The web app:     ${running.context.config.publicUrl}`);
      tell('');
      tell('  Press Start, choose a product, send the flower, and watch. Ctrl-C stops everything.');
      await stopping;
    } finally {
      await running.stop();
    }
  } finally {
    telegram.stop();
  }
}

function withBot(config: Config, apiRoot: string): Config {
  const bot = readConfig({
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_API_ROOT: apiRoot,
    TELEGRAM_STORAGE_CHAT: storage_chat,
  });
  const { telegramBotToken, telegramApiRoot, telegramStorageChat } = bot;
  return { ...config, telegramBotToken, telegramApiRoot, telegramStorageChat };
}
