import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { findPersonByHint } from '../operations/find-person.ts';
import {
  checkByHand,
  repairByHand,
  replayByHand,
  setCatalogueByHand,
} from '../operations/payment-actions.ts';
import { applyCatalogue, readCatalogueFile } from '../payments/catalogue-file.ts';
import { listEvents, readEvent } from '../payments/event-log.ts';
import { formatMoney } from '../payments/mails/letters.ts';
import { reconcile } from '../payments/reconcile.ts';
import type { Reconciliation } from '../payments/reconcile.ts';
import { whoIsHere } from './operator.ts';
import { table } from './output.ts';
import type { CommandOutput } from './output.ts';
import type { CommandContext } from './run.ts';

interface Tools {
  readonly answer: (parent: Command, words: string, description: string) => Command;
  readonly wholeNumber: (least: number, most: number) => (text: string) => number;
  readonly run: (work: (command: CommandContext) => Promise<CommandOutput>) => Promise<void>;
}

interface Reasoned {
  readonly reason: string;
}

function by(reason: string) {
  return { operator: whoIsHere(), reason };
}

/** What an operator asks and does about payments. Nothing is repaired unless it is asked for. */
export function addPaymentCommands(payments: Command, { answer, wholeNumber, run }: Tools): void {
  answer(payments, 'reconcile', 'Compare Stripe’s books with ours. Changes nothing unless told to repair.')
    .option('--repair', 'repair what differs')
    .option('--reason <why>', 'why it is repaired, kept for ever; needed with --repair')
    .option('--days <n>', 'how far back', wholeNumber(1, 90), 30)
    .option('--person <who>', 'only this person')
    .action((options: { repair?: boolean; reason?: string; days: number; person?: string }) =>
      run(async ({ context, operations }) => {
        const person =
          options.person === undefined ? null : await findPersonByHint(operations, options.person);
        const wanted = { days: options.days, ...(person === null ? {} : { personId: person.id }) };
        const found = options.repair
          ? await repairByHand(context.payments, by(options.reason ?? ''), wanted)
          : await reconcile(context.payments, { ...wanted, dryRun: true, reason: 'operator' });
        return { json: found, text: reconciliationText(found) };
      }),
    );

  answer(payments, 'check <who>', '“I paid but have no credits”: look at this person’s payments, and repair.')
    .option('--reason <why>', 'kept for ever', 'They paid and miss their credits.')
    .action((who: string, { reason }: Reasoned) =>
      run(async ({ context, operations }) => {
        const person = await findPersonByHint(operations, who);
        const checked = await checkByHand(context.payments, by(reason), person.id);
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
  )
    .requiredOption('--reason <why>', 'kept for ever')
    .action((id: string, { reason }: Reasoned) =>
      run(async ({ context }) => {
        const replayed = await replayByHand(context.payments, by(reason), id);
        return { json: replayed, text: `${replayed.state}: ${replayed.result ?? ''}` };
      }),
    );

  answer(
    payments,
    'catalogue <file>',
    'Make the packs and plans what a file says; what was bought keeps its offer.',
  )
    .option('--dry-run', 'only say what would change')
    .option('--reason <why>', 'kept for ever', 'A new catalogue.')
    .action((file: string, options: Reasoned & { dryRun?: boolean }) =>
      run(async ({ context }) => {
        const catalogue = await readCatalogueFile(file);
        const changes = options.dryRun
          ? await applyCatalogue(context.db, catalogue, { operator: true, dryRun: true })
          : await setCatalogueByHand(context.payments, by(options.reason), catalogue);
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
  const lost = lostText(found);
  if (found.findings.length === 0) return `The books agree.${lost}`;
  const rows = found.findings.map((each) => [
    each.kind,
    each.id,
    each.personId,
    each.amount === null ? null : formatMoney(each.amount, each.currency ?? 'usd'),
    `${Math.round(each.ageSeconds / 3_600)} h`,
    each.repaired ? 'repaired' : (each.problem ?? (found.dryRun ? 'can be repaired' : '')),
  ]);
  const last = found.dryRun ? 'Nothing was changed: add --repair.' : `${found.repaired} repaired.`;
  return `${table(['difference', 'object', 'person', 'amount', 'age', 'what'], rows)}\n${last}${lost}`;
}

function lostText({ undelivered, dryRun }: Reconciliation): string {
  if (undelivered === 0) return '';
  const events = undelivered === 1 ? '1 event' : `${undelivered} events`;
  return ` ${events} of Stripe never arrived${dryRun ? '.' : ', and were fetched.'}`;
}
