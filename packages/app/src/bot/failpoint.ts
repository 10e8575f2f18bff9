/** Every moment at which a test may kill the process while the bot answers. */
export type BotFailpoint = 'bot.answered';

const armed = process.env['NODE_ENV'] === 'test' ? process.env['TEST_FAILPOINT'] : undefined;

/** Dies here as by `kill -9`, where a test asked for it; otherwise, and in production always, does nothing. */
export function botFailpoint(name: BotFailpoint): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
}
