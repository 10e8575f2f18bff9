import { creditsForUsd } from '../../credits/rules.ts';
import { externalModels } from './models/external.ts';
import { falModels } from './models/fal.ts';
import { kieModels } from './models/kie.ts';
import { replicateModels } from './models/replicate.ts';
import type { ModelDefinition } from './model-definition.ts';
import { studioModels } from './models/studio.ts';

export interface PriceRules {
  readonly creditsPerSecondStandard: bigint;
  readonly creditsPerSecondPro: bigint;
  readonly creditsPerUsd: number;
  readonly priceMargin: number;
}

export interface FirstPrice {
  readonly model: ModelDefinition;
  readonly creditsPerUnit: bigint;
}

const credits_per_image = 5n;

/** What the catalogue starts with: the models of the providers that this process can reach. */
export function firstCatalogue(providers: readonly string[], rules: PriceRules): FirstPrice[] {
  const all = [...studioModels, ...externalModels, ...kieModels, ...falModels, ...replicateModels];
  return all
    .filter((model) => providers.includes(model.providerId))
    .map((model) => ({ model, creditsPerUnit: firstPrice(model, rules) }));
}

function firstPrice(model: ModelDefinition, rules: PriceRules): bigint {
  if (model.providerPriceUsd !== undefined) {
    return creditsForUsd(model.providerPriceUsd, {
      creditsPerUsd: rules.creditsPerUsd,
      margin: rules.priceMargin,
    });
  }
  if (model.kind === 'image') return credits_per_image;
  return model.id.endsWith('-pro') ? rules.creditsPerSecondPro : rules.creditsPerSecondStandard;
}
