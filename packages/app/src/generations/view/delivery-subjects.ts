import type { Subject, Subjects } from '../../delivery/channels/port.ts';
import { NotFoundError } from '../../platform/errors.ts';
import type { Locale } from '../../platform/locale.ts';
import type { GenerationDeps } from '../deps.ts';
import { giveBack } from '../end/give-back.ts';
import { planNow } from '../accept/plan.ts';
import { findGenerations } from '../queries.ts';
import type { GenerationWithFiles } from '../rows.ts';
import { viewOf } from './view.ts';

/** What deliveries are about, as this domain knows it. */
export function deliverySubjects(deps: GenerationDeps): Subjects {
  return {
    read: (generationId, locale) => readSubject(deps, generationId, locale),
    async giveBack(tx, generationId, deliveryId) {
      await giveBack(deps, tx, { generationId, deliveryId, reason: 'delivery_refused' });
    },
  };
}

async function readSubject(deps: GenerationDeps, generationId: string, locale: Locale): Promise<Subject> {
  const [row] = await findGenerations(deps.db, [generationId]);
  if (row === undefined) throw new NotFoundError('generation');
  const view = await viewOf({ ...deps, locale }, row);
  const { rows } = await deps.db.query<{
    name: string;
    given_back: bigint | null;
    locked: boolean;
    on_web: boolean;
  }>(
    `select p.name, exists (select from auth.identity i where i.id = p.id) as on_web, r.amount as given_back, r.amount is not null and r.unlocked_at is null as locked
       from holdfast.person p left join holdfast.generation_refund r on r.generation_id = $2
      where p.id = $1`,
    [row.person_id, generationId],
  );
  const more = rows[0];
  const webUrl = `${deps.settings.publicUrl}/generations/${generationId}`;
  return {
    generationId,
    personId: row.person_id,
    personName: more?.name ?? '',
    status: row.state,
    kind: row.kind,
    files: row.outputs.map((file) => ({
      assetId: file.id,
      kind: file.kind,
      sha256: file.sha256,
      bytes: file.bytes,
      contentType: file.content_type,
      width: file.width,
      height: file.height,
      durationSeconds: file.duration_ms === null ? null : file.duration_ms / 1000,
    })),
    locked: more?.locked ?? false,
    sentence: view.error?.message ?? view.receipt.summary,
    charged: (row.captured ?? 0n) - row.refunded - (more?.given_back ?? 0n),
    back: (row.released ?? 0n) + row.refunded,
    refunded: more?.given_back ?? 0n,
    againCredits: await priceOfAnother(deps, row),
    webUrl,
    chatUrl: more?.on_web === true ? webUrl : more?.locked === true ? null : fileUrlOf(deps, row),
    pictureUrl: pictureOf(deps, row),
    keptUntil: view.kept_until,
    view,
  };
}

function fileUrlOf(deps: GenerationDeps, { outputs: [first] }: GenerationWithFiles): string | null {
  return first === undefined ? null : deps.delivery.links.sign('file', first.id, picture_days);
}

/** How long a mail shows its picture, and a chat's button opens its film. */
const picture_days = 30;

function pictureOf(deps: GenerationDeps, { outputs: [first] }: GenerationWithFiles): string | null {
  if (first === undefined || (first.kind === 'video' && !first.has_poster)) return null;
  return deps.delivery.links.sign(first.has_poster ? 'poster' : 'file', first.id, picture_days);
}

/** Null where it can't be asked for again as it was. */
async function priceOfAnother(deps: GenerationDeps, row: GenerationWithFiles): Promise<bigint | null> {
  try {
    const plan = await planNow(deps, { personId: row.person_id, model: row.model_id, input: row.input });
    return plan.credits;
  } catch (error) {
    deps.log.info({ err: error, generation: row.id }, 'this can not be made again');
    return null;
  }
}
