import { unsubscribeLinks } from '../delivery/mail/unsubscribe.ts';
import { apologise, previewApology } from '../operations/apology.ts';
import type { ApologyDeps } from '../operations/apology.ts';
import { InvalidInputError } from '../platform/errors.ts';
import { whoIsHere } from './operator.ts';
import { table } from './output.ts';
import type { CommandOutput } from './output.ts';
import type { CommandContext } from './run.ts';

export interface ApologyOptions {
  readonly from: string;
  readonly to: string;
  readonly model?: string;
  readonly credits: number;
  readonly reason: string;
  /** Unset: a preview. */
  readonly send?: string;
}

/** `holdfast apology`: credits and a mail for everyone whose generations failed within a time; a preview, unless it is sent. */
export async function apologyCommand(
  { context, config }: CommandContext,
  options: ApologyOptions,
): Promise<CommandOutput> {
  const links = unsubscribeLinks({ publicUrl: config.publicUrl, secret: context.accounts.settings.secret });
  const deps: ApologyDeps = {
    db: context.db,
    credits: context.credits,
    mailer: context.mailer,
    publicUrl: config.publicUrl,
    unsubscribeUrl: (personId) => links.urlFor(personId, 'news'),
  };
  const apology = {
    affected: {
      from: instant(options.from),
      to: instant(options.to),
      ...(options.model === undefined ? {} : { model: options.model }),
    },
    credits: BigInt(options.credits),
    reason: options.reason,
  };
  if (options.send === undefined) {
    const preview = await previewApology(deps, apology);
    const rows = preview.people.map((each) => [
      each.id,
      each.email ?? '',
      String(each.failed),
      each.mailed ? 'yes' : 'no',
    ]);
    return {
      json: { ...preview, credits: options.credits },
      text: [
        table(['person', 'mail', 'failed', 'mailed'], rows),
        `${preview.people.length} people would get ${options.credits} credits each.`,
        preview.mail === null
          ? 'Nobody would get a mail.'
          : `Subject: ${preview.mail.subject}\n\n${preview.mail.text}`,
        'Nothing was granted or sent: add --send and a name for this apology.',
      ].join('\n\n'),
    };
  }
  const done = await apologise(deps, whoIsHere(), { ...apology, id: options.send });
  const { granted, mailed, unmailed } = done;
  const missed = `${unmailed.length} were not taken by the mail server: run it again under the same name to send them.`;
  return {
    json: done,
    text: [
      `${granted} people were granted ${options.credits} credits; ${mailed} mails were sent.`,
      ...(unmailed.length === 0 ? [] : [missed]),
    ].join('\n'),
  };
}

function instant(text: string): Date {
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return at;
  throw new InvalidInputError(
    'invalid_instant',
    `"${text}" is no instant: give one such as 2026-11-20T10:00:00Z.`,
  );
}
