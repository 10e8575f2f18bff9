import { clearAlert, raiseAlert } from './alerts/commands.ts';
import type { Context } from './context.ts';
import { createTelegramApi } from './delivery/telegram/client.ts';
import { reconcileStars } from './payments/stars/reconcile.ts';
import type { Chore } from './worker/chores.ts';

const alert_key = 'stars/differ';

/** Compares payments in Stars with Telegram's own list; what can't be mended by itself is told to the operator. */
export function starsChores(context: Context): readonly Chore[] {
  const { config, db, log, credits, alerts } = context;
  const token = config.telegramBotToken;
  if (token === undefined) return [];
  const api = createTelegramApi({ token, apiRoot: config.telegramApiRoot, storageChatId: null });
  return [
    {
      name: 'compare Stars',
      everyMs: 600_000,
      async run() {
        const found = await reconcileStars({ db, log, credits, api });
        const open = [...found.strangers, ...found.unknownToTelegram];
        if (open.length === 0) {
          await clearAlert(alerts, alert_key);
          return;
        }
        await raiseAlert(alerts, {
          key: alert_key,
          severity: 'warning',
          title: 'Payments in Stars differ from Telegram’s list',
          detail: `${open.length} charges: ${open.slice(0, 5).join(', ')}`,
        });
      },
    },
  ];
}
