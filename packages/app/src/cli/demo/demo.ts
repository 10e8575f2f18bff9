import { createServer } from 'node:net';
import { ensureWebBuilt } from '@holdfast/web/build';
import type { Balance } from '@holdfast/client';
import pino from 'pino';
import { readConfig } from '../../platform/config.ts';
import type { Config, Environment } from '../../platform/config.ts';
import { createLogger } from '../../platform/logger.ts';
import { startHoldfast } from '../../start.ts';
import { ledgerVerify } from '../ledger-verify.ts';
import { print } from '../output.ts';
import { createProgress } from '../progress.ts';
import { say } from '../run.ts';
import { stopSignal } from '../serve.ts';
import { botDemo } from './bot.ts';
import { freshDirectory } from './directory.ts';
import { makeTwoVideos } from './journey.ts';
import { signUpDemoPerson } from './person.ts';
import { openDemoShop } from './shop.ts';
import { receiptText, toReport } from './report.ts';

const usual_directory = '.holdfast-demo';

/**
 * `npm run demo`: the main job in front of the newcomer, in a fresh data directory, through the public API. Stays open until
 * Ctrl-C, unless `once`. Exit code 1 where a video was not made or the ledger's proof finds anything.
 */
export async function demo(options: { once: boolean; json: boolean; bot?: boolean }): Promise<void> {
  const progress = createProgress(options.json);
  const tell = options.json ? () => {} : say;
  const stopping = stopSignal();
  const config = await demoConfig();
  tell('Starting Holdfast: its own Postgres, a server, a worker.');
  if (options.bot) {
    await ensureWebBuilt();
    return botDemo({ config, tell, stopping });
  }
  const directory = await freshDirectory(config.dataDirectory);
  await ensureWebBuilt();
  const log = createLogger({
    level: config.logLevel,
    name: 'holdfast',
    destination: pino.destination({ dest: `${directory}/holdfast.log`, sync: false }),
  });
  const shop = await openDemoShop(config);
  const running = await startHoldfast({ config: shop.config, log, say: tell }).catch((error: unknown) => {
    shop.stop();
    throw error;
  });
  try {
    const { publicUrl } = running.context.config;
    const baseUrl = running.server?.url ?? publicUrl;
    await shop.listen(baseUrl);
    const person = await signUpDemoPerson(baseUrl, publicUrl);
    tell(`Signed up ${person.email}. Making two videos:`);
    const made = await makeTwoVideos(person.client, {
      baseUrl,
      directory: `${directory}/videos`,
      progress,
    });
    progress.stop();
    const balance = await person.client.balance();
    const proof = await ledgerVerify(running.context.credits.ledger, { progress: createProgress(true) });
    const report = toReport(made, balance, proof.violations);
    const failed = report.generations.some(({ status }) => status !== 'succeeded') || proof.violations > 0;
    if (failed) process.exitCode = 1;
    const text = [
      '',
      ...made.flatMap((each) => [receiptText(each), '']),
      balanceText(balance),
      `  The ledger's proof: ${proof.text}`,
      '',
      `  Videos and log: ${directory}`,
      ...(options.once
        ? []
        : [
            '',
            `  Packs and plans are on sale at ${publicUrl}/pricing, in test mode: no real money moves.`,
            `  Open ${publicUrl} and sign in as ${person.email} with the password ${person.password}`,
            '  Ctrl-C stops everything.',
          ]),
    ].join('\n');
    print({ json: report, text }, options.json);
    if (!options.once) await stopping;
  } finally {
    progress.stop();
    await running.stop();
    shop.stop();
  }
}

/** The person's own settings, but for the directory, and for the port where the usual one is taken. */
async function demoConfig(): Promise<Config> {
  const env: Environment = { HOLDFAST_DATA_DIR: usual_directory, ...process.env };
  const config = readConfig(env);
  if (env.PORT || (await isFree(config.host, config.port))) return config;
  return readConfig({ ...env, PORT: '0' });
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

function balanceText(balance: Balance): string {
  return `  Balance: ${balance.total} total, ${balance.held} held, ${balance.available} available.`;
}
