import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { findPersonByHint } from '../operations/find-person.ts';
import { applyCatalogue, readCatalogueFile } from '../payments/catalogue-file.ts';
import { listEvents, readEvent } from '../payments/event-log.ts';
import { replayEvent } from '../payments/handle-events.ts';
import { iPaidBut } from '../payments/i-paid.ts';
import { formatMoney } from '../payments/mails/letters.ts';
import { reconcile } from '../payments/reconcile.ts';
import type { Reconciliation } from '../payments/reconcile.ts';
import { table } from './output.ts';
import type { CommandOutput } from './output.ts';
import type { CommandContext } from './run.ts';

interface Tools {
  readonly answer: (parent: Command, words: string, description: string) => Command;
  readonly wholeNumber: (least: number, most: number) => (text: string) => number;
  readonly run: (work: (command: CommandContext) => Promise<CommandOutput>) => Promise<void>;
}

/** What an operator asks and does about payments. Nothing is repaired unless it is asked for. */
export function addPaymentCommands(payments: Command, { answer, wholeNumber, run }: Tools): void {
  answer(payments, 'reconcile', 'Compare Stripe’s books with ours. Changes nothing unless told to repair.')
    .option('--repair', 'repair what differs')
    .option('--days <n>', 'how far back', wholeNumber(1, 90), 30)
    .option('--person <who>', 'only this person')
    .action((options: { repair?: boolean; days: number; person?: string }) =>
      run(async ({ context, operations }) => {
        const person =
          options.person === undefined ? null : await findPersonByHint(operations, options.person);
        const found = await reconcile(context.payments, {
          dryRun: options.repair !== true,
          days: options.days,
          reason: 'operator',
          ...(person === null ? {} : { personId: person.id }),
        });
        return { json: found, text: reconciliationText(found) };
      }),
    );

  answer(
    payments,
    'check <who>',
    '“I paid but have no credits”: look at this person’s payments, and repair.',
  ).action((who: string) =>
    run(async ({ context, operations }) => {
      const person = await findPersonByHint(operations, who);
      const checked = await iPaidBut(context.payments, person.id);
      return { json: checked, text: checked.says };
    }),
  );

  answer(payments, 'events', 'What Stripe has said, newest first.')
    .option('--waiting', 'only what is not done')
    .option('--last <n>', 'how many', wholeNumber(1, 500), 25)
    .action((options: { waiting?: boolean; last: number }) =>
      run(async ({ context }) => {
        const events = await listEvents(context.db, {
          limit: options.last,
          ...(options.waiting ? { state: 'waiting' as const } : {}),
        });
        const rows = events.map((each) => [
          each.received_at,
          each.id,
          each.type,
          each.state,
          each.attempts,
          each.result,
        ]);
        return {
          json: { events },
          text: table(['received', 'event', 'type', 'state', 'tries', 'result'], rows),
        };
      }),
    );

  answer(payments, 'event <id>', 'One event with its body, as it came.').action((id: string) =>
    run(async ({ context }) => {
      const event = await readEvent(context.db, id);
      return { json: event, text: `${event.type} ${event.state}: ${event.result ?? ''}\n${event.body}` };
    }),
  );

  answer(
    payments,
    'replay <event>',
    'Handle an event again from what was kept. Harmless for what is done already.',
  ).action((id: string) =>
    run(async ({ context }) => {
      const replayed = await replayEvent(context.payments, id);
      return { json: replayed, text: `${replayed.state}: ${replayed.result ?? ''}` };
    }),
  );

  answer(
    payments,
    'catalogue <file>',
    'Make the packs and plans what a file says; what was bought keeps its offer.',
  )
    .option('--dry-run', 'only say what would change')
    .action((file: string, options: { dryRun?: boolean }) =>
      run(async ({ context }) => {
        const changes = await applyCatalogue(context.db, await readCatalogueFile(file), {
          operator: true,
          dryRun: options.dryRun === true,
        });
        const rows = changes.map((each) => [each.product, each.change, each.offer]);
        return { json: { changes }, text: table(['product', 'change', 'offer'], rows) };
      }),
    );

  answer(
    payments,
    'mails <folder>',
    'Write every mail about payments into a folder, to be looked at.',
  ).action((folder: string) =>
    run(async ({ config }) => {
      await mkdir(folder, { recursive: true });
      const { previewMails } = await import('../payments/mails/render.ts');
      const mails = await previewMails(config.publicUrl);
      for (const mail of mails) {
        await writeFile(join(folder, `${mail.template}.html`), mail.html);
        await writeFile(join(folder, `${mail.template}.txt`), `${mail.subject}\n\n${mail.text}\n`);
      }
      return {
        json: { folder, mails: mails.map(({ template }) => template) },
        text: `${mails.length} mails are in ${folder}.`,
      };
    }),
  );
}

function reconciliationText(found: Reconciliation): string {
  if (found.findings.length === 0) return 'The books agree.';
  const rows = found.findings.map((each) => [
    each.kind,
    each.id,
    each.personId,
    each.amount === null ? null : formatMoney(each.amount, each.currency ?? 'usd'),
    `${Math.round(each.ageSeconds / 3_600)} h`,
    each.repaired ? 'repaired' : (each.problem ?? (found.dryRun ? 'can be repaired' : '')),
  ]);
  const last = found.dryRun ? 'Nothing was changed: add --repair.' : `${found.repaired} repaired.`;
  return `${table(['difference', 'object', 'person', 'amount', 'age', 'what'], rows)}\n${last}`;
}
