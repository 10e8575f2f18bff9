import { mailChannel } from '../../../src/delivery/channels/mail.ts';
import { telegramChannel } from '../../../src/delivery/channels/telegram.ts';
import { webhookChannel } from '../../../src/delivery/channels/webhook.ts';
import { createSmtpMailer } from '../../../src/delivery/mail/smtp.ts';
import { startDeliveries } from '../../../src/delivery/runner/runner.ts';
import { deliverySubjects } from '../../../src/generations/view/delivery-subjects.ts';
import { createDatabase } from '../../../src/platform/database.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { createPipeline } from '../../generations/pipeline.ts';
import { createScriptedProvider } from '../../providers/scripted/provider.ts';

/** What a process that delivers works with, as its test tells it. */
export interface DeliverSetup {
  readonly databaseUrl: string;
  readonly storageDirectory: string;
  readonly telegram: { readonly token: string; readonly apiRoot: string; readonly storageChatId: string };
  readonly smtpUrl: string;
}

/** Works every channel once, to be killed somewhere in it. */
const setup = JSON.parse(process.env['TEST_SETUP'] ?? '{}') as DeliverSetup;
const log = createLogger({ level: 'silent' });
const db = createDatabase({ url: setup.databaseUrl, applicationName: 'deliver process', log });
const { storageDirectory } = setup;
const providers = [createScriptedProvider({ url: 'http://127.0.0.1:9' })];
const { deps } = await createPipeline({ db, log, providers, storageDirectory });
const subjects = deliverySubjects(deps);
const { token, apiRoot, storageChatId } = setup.telegram;
const runner = startDeliveries({
  db,
  log,
  lookMs: 0,
  channels: [
    mailChannel({
      db,
      subjects,
      mailer: createSmtpMailer({ url: setup.smtpUrl, from: 'hello@example.com', log }),
      unsubscribeUrl: () => 'https://video.example/unsubscribe?token=x',
    }),
    webhookChannel({ db, subjects, allowPrivate: true }),
    telegramChannel({
      db,
      log,
      subjects,
      storage: deps.delivery.storage,
      settings: { token, apiRoot, storageChatId: BigInt(storageChatId) },
      alarm: async () => undefined,
      timeoutSeconds: 5,
    }),
  ],
});
await runner.work();
await runner.stop();
await db.end();
