import { readFile, writeFile } from 'node:fs/promises';
import type { Context } from '../context.ts';
import type { ChargePolicy } from '../credits/rules.ts';
import { creditsForUsd } from '../credits/rules.ts';
import { exportCatalogue } from '../generations/catalogue/operate-catalogue.ts';
import { importByHand, offerByHand, setCostByHand, setPriceByHand } from '../operations/change-models.ts';
import type { ByHand } from '../operations/operator-log.ts';
import { HoldfastError, InvalidInputError } from '../platform/errors.ts';
import { ProviderError } from '../providers/port.ts';
import type { ListedPrice } from '../providers/port.ts';
import { table } from './output.ts';
import type { CommandOutput } from './output.ts';

/** `holdfast models list`: every model, what it costs here and there, and whether it can be asked for. */
export async function modelsList(context: Context): Promise<CommandOutput> {
  const { models } = await exportCatalogue(context.db);
  const { creditsPerUsd, priceMargin } = context.config;
  const reachable = context.generations.providers;
  const rows = models.map((model) => {
    const usd = model.provider_price_usd;
    const suggested = usd === null ? null : creditsForUsd(usd, { creditsPerUsd, margin: priceMargin });
    return [
      model.id,
      model.provider,
      model.provider_model,
      model.price.credits_per_unit,
      model.kind === 'video' ? 'second' : 'piece',
      model.price.policy,
      usd === null ? null : `$${usd}`,
      usd === null ? null : readFrom(model),
      suggested,
      !model.offered ? 'withdrawn' : reachable.has(model.provider) ? 'offered' : 'no key',
    ];
  });
  const head = [
    'model',
    'provider',
    'its name',
    'credits',
    'per',
    'policy',
    'costs',
    'read',
    'by rate and margin',
    'state',
  ];
  return { json: { models }, text: table(head, rows) };
}

/** When a provider's price was read, and else that nobody did: the whole source is in the JSON. */
function readFrom(model: {
  provider_price_source: string | null;
  provider_price_read_on: string | null;
}): string {
  return model.provider_price_read_on ?? (model.provider_price_source === null ? 'nobody said' : 'hearsay');
}

const check_timeout_ms = 60_000;

/** `holdfast models check-prices`: what is noted of each provider's price beside what its own list says now. Nothing is changed. */
export async function modelsCheckPrices(context: Context): Promise<CommandOutput> {
  const { models } = await exportCatalogue(context.db);
  const lines: { model: string; noted_usd: number | null; listed: ListedPrice[]; verdict: string }[] = [];
  for (const provider of context.generations.providers.all()) {
    const own = models.filter((model) => model.provider === provider.id);
    if (provider.listedPrices === undefined || own.length === 0) continue;
    const names = [...new Set(own.map((model) => model.provider_model))];
    let all: readonly ListedPrice[];
    try {
      all = await provider.listedPrices(names, AbortSignal.timeout(check_timeout_ms));
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      throw new HoldfastError('provider_unreachable', `The list could not be read. ${error.message}`, {
        provider: provider.id,
      });
    }
    for (const { id, provider_model, provider_price_usd: noted } of own) {
      const listed = all.filter(({ model }) => model === provider_model);
      const same = listed.some(({ usd }) => noted !== null && Math.abs(usd - noted) < 1e-6);
      const verdict = listed.length === 0 ? 'not listed by name' : same ? 'as noted' : 'differs';
      lines.push({ model: id, noted_usd: noted, listed, verdict });
    }
  }
  const rows = lines.map(({ model, noted_usd, listed, verdict }) => [
    model,
    noted_usd === null ? null : `$${noted_usd}`,
    verdict,
    listed.map(({ usd, unit, label }) => `$${usd} ${unit} (${label})`).join('; '),
  ]);
  const text =
    lines.length === 0
      ? 'No provider that is set up here has a list that can be asked: KIE and fal have.'
      : `${table(['model', 'noted', 'verdict', 'listed now'], rows)}\n\nA difference may be another unit, resolution or length. "models set-cost" notes a new price.`;
  return { json: { models: lines }, text };
}

/** `holdfast models set-price <id> <credits>`. */
export async function modelsSetPrice(
  context: Context,
  by: ByHand,
  model: string,
  credits: number,
  options: { policy?: string },
): Promise<CommandOutput> {
  const policy = options.policy === undefined ? {} : { policy: readPolicy(options.policy) };
  const done = await setPriceByHand(context, by, { model, creditsPerUnit: BigInt(credits), ...policy });
  return {
    json: done,
    text: done.changed
      ? `${model} costs ${credits} credits from now on (${done.version}). What was quoted keeps its price.`
      : `${model} costs ${credits} credits already (${done.version}).`,
  };
}

/** `holdfast models set-cost <id> <dollars> --source <where>`: what its provider takes. */
export async function modelsSetCost(
  context: Context,
  by: ByHand,
  model: string,
  cost: { usd: number; source: string },
): Promise<CommandOutput> {
  const source = cost.source.trim();
  if (source.length < 3 || source.length > 200) {
    throw new InvalidInputError('source_invalid', 'Say where the price was read, in 3 to 200 characters.', {
      field: 'source',
    });
  }
  await setCostByHand(context, by, { model, usd: cost.usd, source });
  return {
    json: { model, provider_price_usd: cost.usd, provider_price_source: source },
    text: `${model} costs $${cost.usd} at its provider. What people pay stays as it is: "models set-price" changes that.`,
  };
}

/** `holdfast models offer|withdraw <id>`. */
export async function modelsOffer(
  context: Context,
  by: ByHand,
  model: string,
  offered: boolean,
): Promise<CommandOutput> {
  await offerByHand(context, by, model, offered);
  return {
    json: { model, offered },
    text: offered
      ? `${model} is offered.`
      : `${model} is withdrawn: nobody can ask for it, and what was asked for before is still made.`,
  };
}

/** `holdfast models export [file]`. */
export async function modelsExport(context: Context, file: string | undefined): Promise<CommandOutput> {
  const catalogue = await exportCatalogue(context.db);
  const text = JSON.stringify(catalogue, null, 2);
  if (file === undefined) return { json: catalogue, text };
  await writeFile(file, `${text}\n`);
  return { json: catalogue, text: `${catalogue.models.length} models are in ${file}.` };
}

/** `holdfast models import <file> [--dry-run]`. */
export async function modelsImport(
  context: Context,
  by: ByHand,
  file: string,
  options: { dryRun: boolean },
): Promise<CommandOutput> {
  const changes = await importByHand(context, by, parse(await readFile(file, 'utf8'), file), options);
  const lines = changes
    .filter(({ kind }) => kind !== 'unchanged')
    .map(
      ({ model, kind, fields }) => `  ${model}: ${kind}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`,
    );
  const head = options.dryRun ? 'It would change:' : 'Changed:';
  return {
    json: { dry_run: options.dryRun, changes },
    text: lines.length === 0 ? 'Nothing differs.' : [head, ...lines].join('\n'),
  };
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InvalidInputError('catalogue_invalid', `${file} is not JSON: ${String(error)}`, { file });
  }
}

function readPolicy(text: string): ChargePolicy {
  if (text === 'reserve' || text === 'prepaid' || text === 'postpaid') return text;
  throw new InvalidInputError('policy_unknown', 'A policy is reserve, prepaid or postpaid.', {
    policy: text,
  });
}
