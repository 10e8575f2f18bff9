import type { CreditDeps } from '../credits/deps.ts';
import type { DeliveryDeps } from '../delivery/deps.ts';
import type { Database } from '../platform/database.ts';
import type { Moderation } from '../moderation/port.ts';
import type { Locale } from '../platform/locale.ts';
import type { Logger } from '../platform/logger.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { EstimateNotes } from './estimate/note-estimates.ts';
import type { GenerationMetrics } from './estimate/metrics.ts';

/** What this domain's functions take first. The composition root builds it once. */
export interface GenerationDeps {
  readonly db: Database;
  readonly credits: CreditDeps;
  readonly delivery: DeliveryDeps;
  readonly providers: ProviderRegistry;
  readonly wake: Wake;
  readonly metrics: GenerationMetrics;
  readonly log: Logger;
  /** Looks at what is asked for before a provider sees it. Unset: nobody does. */
  readonly moderation?: Moderation;
  /** Keeps the first range shown of each, for what is told of their accuracy. Unset: nobody does. */
  readonly estimates?: Pick<EstimateNotes, 'note'>;
  readonly settings: GenerationSettings;
  /** The language that sentences are said in; English where it isn't set. See `inLocale`. */
  readonly locale?: Locale;
}

/** The same, telling people things in this language. A door does this for each request. */
export function inLocale(deps: GenerationDeps, locale: Locale): GenerationDeps {
  return { ...deps, locale };
}

/** Tells workers that there is something to do. Only hints: losing one costs time and nothing else. Never throws, never waits. */
export interface Wake {
  /** Something waits to be picked up, at this provider where that is known. */
  queued(generationId: string, providerId?: string): void;
  /** A generation's next step is due after so many seconds. */
  step(generationId: string, afterSeconds: number): void;
  /**
   * A worker in this process, which is asked first: it tells whether it has picked something up, so that nobody else need look. Where unset, only
   * others are told.
   * @returns ends it
   */
  near?(offer: (providerId: string) => Promise<boolean>): () => void;
}

export interface GenerationSettings {
  readonly quoteLifetimeSeconds: number;
  /** Between starts of the same kind by one person; 0 is off. This and the next three hold where a person's tier says nothing. */
  readonly cooldownSeconds: number;
  /** How many generations of one person may be unfinished at once. */
  readonly maxActivePerPerson: number;
  /** How many of one person may run at once; the others wait their turn. */
  readonly maxRunningPerPerson: number;
  /** How far charges after completion may take an account into debt. */
  readonly postpaidDebtLimit: bigint;
  /** Where a provider's callbacks come in. */
  readonly publicUrl: string;
}
