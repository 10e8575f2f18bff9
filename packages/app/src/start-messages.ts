import { raiseAlert } from './alerts/commands.ts';
import { startBot } from './bot/bot.ts';
import type { BotDeps } from './bot/deps.ts';
import type { Context } from './context.ts';
import { mailChannel } from './delivery/channels/mail.ts';
import type { DeliveryChannel } from './delivery/channels/port.ts';
import { telegramChannel } from './delivery/channels/telegram.ts';
import { webhookChannel } from './delivery/channels/webhook.ts';
import { startDeliveries } from './delivery/runner/runner.ts';
import { botIdOf, createTelegramApi } from './delivery/telegram/client.ts';
import type { TelegramSettings } from './delivery/telegram/client.ts';
import { unsubscribeLinks } from './delivery/mail/unsubscribe.ts';
import { deliverySubjects } from './generations/view/delivery-subjects.ts';
import type { HttpServices } from './http/services.ts';

export interface RunningMessages {
  /** What the server hands Telegram's calls to; null where it is not called. */
  readonly telegram: HttpServices['telegram'];
  /** How people find the bot; null where there is none. */
  readonly bot: HttpServices['bot'];
  stop(): Promise<void>;
}

/** Deliveries and the bot, where there is a token for one. */
export async function startMessages(
  context: Context,
  options: { deliver: boolean },
): Promise<RunningMessages> {
  const { config, db, log } = context;
  const alarm = alarmOf(context);
  const telegram = telegramSettings(context);
  const deliveries = options.deliver
    ? startDeliveries({ db, log, channels: createChannels(context, telegram, alarm) })
    : null;
  if (telegram === null) {
    return { telegram: null, bot: null, stop: async () => deliveries?.stop() };
  }
  const webhook =
    config.telegramWebhookSecret === undefined
      ? null
      : { url: `${config.publicUrl}/webhooks/telegram`, secret: config.telegramWebhookSecret };
  const deps = createBotDeps(context, telegram, alarm);
  const bot = await startBot(deps, { webhook, apiRoot: telegram.apiRoot });
  return {
    bot: () => findable(context, deps),
    telegram:
      webhook === null
        ? null
        : (secret, update) => bot.take(secret, update as Parameters<typeof bot.take>[1]),
    async stop() {
      await bot.stop();
      await deliveries?.stop();
    },
  };
}

/** Another server than Telegram's own may know a bot that nobody finds by an address. */
async function findable(
  { config, log }: Context,
  { settings }: BotDeps,
): Promise<{ username: string; url: string | null } | null> {
  try {
    const username = await settings.username();
    return { username, url: config.telegramApiRoot === undefined ? `https://t.me/${username}` : null };
  } catch (error) {
    log.warn({ err: error }, 'the name of the bot could not be asked for');
    return null;
  }
}

type Alarm = BotDeps['alarm'];

function alarmOf(context: Context): Alarm {
  return async ({ reason, detail }) => {
    await raiseAlert(context.alerts, {
      key: `telegram/${reason}`,
      severity: 'critical',
      title: `Telegram: ${reason.replaceAll('_', ' ')}`,
      detail,
    });
  };
}

function telegramSettings({ config }: Context): TelegramSettings | null {
  if (config.telegramBotToken === undefined) return null;
  return {
    token: config.telegramBotToken,
    apiRoot: config.telegramApiRoot,
    storageChatId: config.telegramStorageChat ?? null,
  };
}

function createChannels(
  context: Context,
  telegram: TelegramSettings | null,
  alarm: Alarm,
): DeliveryChannel[] {
  const { config, db, log, mailer } = context;
  const subjects = deliverySubjects(context.generations);
  const { storage } = context.delivery;
  const { publicUrl } = config;
  const unsubscribe = unsubscribeLinks({ publicUrl, secret: context.accounts.settings.secret });
  return [
    webhookChannel({ db, subjects, allowPrivate: config.webhooksAllowPrivate }),
    mailChannel({
      db,
      mailer,
      subjects,
      unsubscribeUrl: (personId, topic) => unsubscribe.urlFor(personId, topic),
    }),
    ...(telegram === null
      ? []
      : [telegramChannel({ db, log, storage, subjects, settings: telegram, alarm })]),
  ];
}

function createBotDeps(context: Context, telegram: TelegramSettings, alarm: Alarm): BotDeps {
  const { config, db, log } = context;
  const api = createTelegramApi(telegram);
  let username: Promise<string> | null = null;
  return {
    db,
    log,
    api,
    botId: botIdOf(telegram.token),
    accounts: context.accounts,
    credits: context.credits,
    delivery: context.delivery,
    generations: context.generations,
    stars: { db, log, credits: context.credits, api },
    alarm,
    settings: {
      token: telegram.token,
      apiRoot: telegram.apiRoot ?? 'https://api.telegram.org',
      publicUrl: config.publicUrl,
      async username() {
        username ??= api.getMe().then((me) => me.username);
        // What failed is asked again next time.
        username.catch(() => (username = null));
        return username;
      },
      supportContact: config.supportContact,
      maxUploadBytes: 25 * 1_048_576,
      signUpCredits: context.credits.settings.signUpCredits,
    },
  };
}
