import { once } from 'node:events';
import { readConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createContext } from '../../src/context.ts';
import { startMessages } from '../../src/start-messages.ts';
import { idleProvider } from '../support/idle-provider.ts';

/** The bot as a process of its own, to be killed, or to be stopped by SIGTERM; what it works with comes in its environment. Says `ready` when it works. */
const config = readConfig(process.env);
const context = await createContext({
  config,
  databaseUrl: process.env['TEST_DATABASE'] ?? '',
  log: createLogger({ level: 'silent' }),
  providers: [idleProvider('studio')],
  queue: { queued: () => undefined, step: () => undefined, stop: async () => undefined },
});
const asked = once(process, 'SIGTERM');
const messages = await startMessages(context, { deliver: false });
console.log('ready');
await asked;
await messages.stop();
await context.close();
