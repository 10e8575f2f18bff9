import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { createTelegramApi } from '../delivery/telegram/client.ts';
import { findPersonByHint } from '../operations/find-person.ts';
import { listStarPayments, refundStarsByHand, repairStarsByHand } from '../operations/stars-actions.ts';
import type { StarsDeps } from '../payments/stars/deps.ts';
import { reconcileStars } from '../payments/stars/reconcile.ts';
import { HoldfastError } from '../platform/errors.ts';
import { whoIsHere } from './operator.ts';
import type { CommandTools } from './operator.ts';
import { table } from './output.ts';

/** What an operator asks and does about payments in Telegram Stars. */
export function addStarsCommands(stars: Command, { answer, run }: CommandTools): void {
  answer(
    stars,
    'list <who>',
    'What one person has paid in Stars, with the charge that a refund needs.',
  ).action((who: string) =>
    run(async ({ context, operations }) => {
      const person = await findPersonByHint(operations, who);
      const payments = await listStarPayments(context, person.id);
      const rows = payments.map((each) => [
        each.paid_at,
        each.charge,
        each.stars,
        each.credits.toString(),
        each.refunded_at ?? '',
      ]);
      return { json: { payments }, text: table(['paid', 'charge', 'stars', 'credits', 'refunded'], rows) };
    }),
  );

  answer(
    stars,
    'refund <charge>',
    'Give the Stars of one charge back, and take the credits that they bought. Safe to repeat.',
  )
    .requiredOption('--reason <why>', 'kept for ever')
    .action((charge: string, { reason }: { reason: string }) =>
      run(async ({ context }) => {
        const by = { operator: whoIsHere(), reason };
        const done = await refundStarsByHand(starsDeps(context), by, charge);
        const words = done.already
          ? 'They had been given back before: nothing was done.'
          : `${done.stars} Stars were given back, ${done.credits} credits taken back.`;
        return { json: { charge, ...done }, text: words };
      }),
    );

  answer(
    stars,
    'reconcile',
    'Compare Telegram’s list of payments in Stars with ours, both ways. Changes nothing unless told to repair.',
  )
    .option('--repair', 'grant what was paid and missed, take what was given back')
    .option('--reason <why>', 'why it is repaired, kept for ever; needed with --repair')
    .action((options: { repair?: boolean; reason?: string }) =>
      run(async ({ context }) => {
        const deps = starsDeps(context);
        const by = { operator: whoIsHere(), reason: options.reason ?? '' };
        const found = options.repair
          ? await repairStarsByHand(deps, by)
          : await reconcileStars(deps, { dryRun: true });
        const done = options.repair === true;
        const text = [
          `${found.seen} charges in Telegram’s list.`,
          line(done ? 'Paid, granted now' : 'Paid and not granted', found.healed),
          line(done ? 'Given back, taken now' : 'Given back and not taken', found.takenBack),
          line('Paid by nobody who is known here', found.strangers),
          line('Here, and not in Telegram’s list', found.unknownToTelegram),
        ].join('\n');
        return { json: found, text };
      }),
    );
}

function line(words: string, charges: readonly string[]): string {
  return `${words}: ${charges.length === 0 ? 'none' : charges.join(', ')}.`;
}

/** @throws HoldfastError `telegram_not_set` */
function starsDeps({ config, db, log, credits }: Context): StarsDeps {
  const token = config.telegramBotToken;
  if (token === undefined) {
    throw new HoldfastError('telegram_not_set', 'There is no bot: set TELEGRAM_BOT_TOKEN.');
  }
  const api = createTelegramApi({ token, apiRoot: config.telegramApiRoot, storageChatId: null });
  return { db, log, credits, api };
}
