import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLedger } from '@holdfast/ledger';
import { grantCredits } from '../../src/credits/commands.ts';
import type { CreditDeps } from '../../src/credits/deps.ts';
import { readBalance } from '../../src/credits/queries.ts';
import { createLinks } from '../../src/delivery/links.ts';
import { createFileStorage } from '../../src/delivery/storage/file-system.ts';
import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import type { GenerationDeps, GenerationSettings } from '../../src/generations/deps.ts';
import { noMetrics } from '../../src/generations/estimate/metrics.ts';
import type { GenerationInput } from '../../src/generations/catalogue/model.ts';
import { getGeneration } from '../../src/generations/view/read.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import type { ModelDefinition } from '../../src/generations/catalogue/model-definition.ts';
import type { GenerationView } from '../../src/generations/view/views.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';
import type { Logger } from '../../src/platform/logger.ts';
import type { Provider } from '../../src/providers/port.ts';
import { createRegistry } from '../../src/providers/registry.ts';

/** The scripted service's model: ten credits a second, one to sixty seconds. */
export const scriptedModel: ModelDefinition = {
  id: 'scripted-video',
  name: 'Scripted',
  description: 'What the test says.',
  kind: 'video',
  providerId: 'scripted',
  providerModel: 'scripted-1',
  templates: [
    {
      id: 'prompt',
      label: 'From words',
      description: 'Words.',
      inputs: [
        { type: 'text', name: 'prompt', label: 'Words', required: true, max_length: 200, multiline: true },
      ],
    },
  ],
  aspectRatios: ['9:16', '1:1'],
  seconds: { min: 1, max: 60, default: 5 },
  submitTimeoutSeconds: 2,
  deadlineSeconds: 600,
  runTimeoutSeconds: 300,
  maxAttempts: 2,
  pollSeconds: 0.2,
};

export interface Pipeline {
  readonly deps: GenerationDeps;
  /** A person with an account and so many credits. */
  person(credits: bigint): Promise<string>;
  /** Asks for a video of so many seconds. */
  ask(
    personId: string,
    options?: { seconds?: number; key?: string; input?: GenerationInput },
  ): Promise<string>;
  see(personId: string, id: string): Promise<GenerationView>;
  balance(personId: string): ReturnType<typeof readBalance>;
  close(): Promise<void>;
}

export interface PipelineOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly providers: readonly Provider[];
  readonly storageDirectory?: string;
  readonly settings?: Partial<GenerationSettings>;
  readonly wake?: GenerationDeps['wake'];
}

const silent: GenerationDeps['wake'] = { queued: () => undefined, step: () => undefined };

/** The domain's parts put together on a database, as the composition root does. */
export async function createPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { db, log } = options;
  const directory = options.storageDirectory ?? (await mkdtemp(join(tmpdir(), 'holdfast-storage-')));
  const credits: CreditDeps = {
    db,
    log,
    ledger: createLedger(db, { prepare: true }),
    settings: { signUpCredits: 100n, expiryMonths: 6, expiringDays: 30 },
  };
  const deps: GenerationDeps = {
    db,
    log,
    credits,
    delivery: {
      db,
      log,
      storage: createFileStorage({ directory }),
      links: createLinks({
        publicUrl: 'http://127.0.0.1:8000',
        secret: 'a secret of more than thirty-two characters',
        clock: options.clock ?? systemClock,
        lifetimeSeconds: 3_600,
      }),
    },
    providers: createRegistry(options.providers),
    wake: options.wake ?? silent,
    metrics: noMetrics,
    settings: {
      quoteLifetimeSeconds: 900,
      cooldownSeconds: 0,
      maxActivePerPerson: 100,
      maxRunningPerPerson: 10,
      postpaidDebtLimit: 0n,
      publicUrl: 'http://127.0.0.1:8000',
      ...options.settings,
    },
  };
  await seedCatalogue(db, [{ model: scriptedModel, creditsPerUnit: 10n }]);
  return {
    deps,
    async person(amount) {
      const id = newId('per');
      await db.query('insert into holdfast.person (id) values ($1)', [id]);
      const grant = { personId: id, key: 'test', amount, source: 'support', reason: 'a test' };
      if (amount > 0n) await grantCredits(credits, grant);
      return id;
    },
    async ask(personId, { seconds = 5, key = newId('key'), input } = {}) {
      const request = {
        model: scriptedModel.id,
        input: { prompt: 'a test', duration_seconds: seconds, ...input },
      };
      const { generation } = await acceptGeneration(deps, { personId, key, request });
      return generation.id;
    },
    see: (personId, id) => getGeneration(deps, personId, id),
    balance: (personId) => readBalance(credits, personId),
    async close() {
      if (options.storageDirectory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}
