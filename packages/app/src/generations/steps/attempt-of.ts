import { findUploadFile } from '../../delivery/uploads.ts';
import type { Attempt } from '../../providers/port.ts';
import { models } from '../catalogue/catalogue.ts';
import type { Model } from '../catalogue/catalogue.ts';
import { applyMapping } from '../catalogue/mapping.ts';
import type { PickedUp } from '../pick-up/pick-up.ts';
import type { GenerationRow } from '../rows.ts';
import type { WorkContext } from './work-context.ts';

/**
 * What the provider is asked for: the input in its own words, with the files it names as paths on this machine. The same each time
 * for the same attempt, as long as the model's mapping is the same: what was sent can be recognized by it.
 * @throws z.ZodError for a mapping that is none; NotFoundError for an upload that is gone
 */
export async function attemptOf(
  ctx: Pick<WorkContext, 'deps'>,
  picked: Pick<PickedUp, 'row' | 'attempt'>,
): Promise<Attempt> {
  const { row, attempt } = picked;
  const model = makerOf(await models(ctx.deps.db), row);
  const inputs = model?.templates.flatMap((template) => template.inputs) ?? [];
  const images = new Set(inputs.filter(({ type }) => type === 'image').map(({ name }) => name));
  const mapped = applyMapping(model?.mapping ?? null, { ...row.input }, images);
  const files: Record<string, { path: string; contentType: string }> = {};
  for (const [place, uploadId] of Object.entries(mapped.files)) {
    files[place] = await findUploadFile(ctx.deps.delivery, uploadId);
  }
  return {
    token: attempt.token,
    model: row.provider_model,
    input: mapped.input,
    files,
    callbackUrl: `${ctx.deps.settings.publicUrl}/hooks/${row.provider_id}/${attempt.token}`,
  };
}

/** The model that makes it now: its own, or the one it fell back to. */
export function makerOf(
  all: ReadonlyMap<string, Model>,
  row: Pick<GenerationRow, 'model_id' | 'provider_id' | 'provider_model'>,
): Model | null {
  const fits = (model: Model): boolean =>
    model.providerId === row.provider_id && model.providerModel === row.provider_model;
  const own = all.get(row.model_id);
  if (own !== undefined && fits(own)) return own;
  const fallback = own?.fallbackModelId == null ? undefined : all.get(own.fallbackModelId);
  if (fallback !== undefined && fits(fallback)) return fallback;
  return [...all.values()].find(fits) ?? own ?? null;
}
