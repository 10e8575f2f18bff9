import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import { acceptGeneration } from '../../../src/generations/accept/accept.ts';
import { forgetModels } from '../../../src/generations/catalogue/catalogue.ts';
import { moveToFallbacks } from '../../../src/generations/pick-up/fallback.ts';
import { watchUnknowns } from '../../../src/generations/steps/note-health.ts';
import type { ModelDefinition } from '../../../src/generations/catalogue/model-definition.ts';
import { closeQuietCircuits, settleProbes } from '../../../src/generations/pick-up/probes.ts';
import { seedCatalogue } from '../../../src/generations/catalogue/seed.ts';
import { cheapestAt, watchCaps } from '../../../src/generations/pick-up/spend.ts';
import type { GenerationView } from '../../../src/generations/view/views.ts';
import { listAlerts } from '../../../src/alerts/queries.ts';
import { inTransaction } from '../../../src/platform/database.ts';
import { watchBalances } from '../../../src/providers/health/balances.ts';
import { forgetGates } from '../../../src/providers/health/gate.ts';
import type { Provider } from '../../../src/providers/port.ts';
import { startWorker } from '../../../src/worker/worker.ts';
import type { Worker } from '../../../src/worker/worker.ts';
import { createWorld } from '../../support/world.ts';
import type { World } from '../../support/world.ts';
import { createPipeline } from '../pipeline.ts';
import type { Pipeline } from '../pipeline.ts';

const common = {
  description: 'A picture.',
  kind: 'image',
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
  aspectRatios: ['1:1'],
  seconds: null,
  submitTimeoutSeconds: 5,
  deadlineSeconds: 7_200,
  runTimeoutSeconds: null,
  maxAttempts: 2,
  pollSeconds: 0.1,
  providerPriceUsd: 0.1,
} as const satisfies Partial<ModelDefinition>;

/** Ten credits a picture, and a tenth of a dollar for the operator. */
export function picture(what: {
  id: string;
  provider: string;
  model: string;
  fallback?: string;
}): ModelDefinition {
  return {
    ...common,
    id: what.id,
    name: what.id,
    providerId: what.provider,
    providerModel: what.model,
    ...(what.fallback === undefined ? {} : { fallbackModelId: what.fallback }),
  };
}

export interface HealthWorld {
  readonly world: World;
  readonly pipeline: Pipeline;
  person(credits?: bigint): Promise<string>;
  ask(personId: string, model: string): Promise<string>;
  /** What a worker sees to beside steps, all at once. */
  chores(): Promise<void>;
  /** Moves the clock once no step is under way: a claim that runs out meanwhile would be another test. */
  pass(interval: string): Promise<void>;
  /** Looks again and again, seeing to the chores, until it is so. */
  eventually(so: () => unknown, wanted?: unknown): Promise<void>;
  states(): Promise<Record<string, number>>;
  see(personId: string, id: string): Promise<GenerationView>;
  openAlerts(): Promise<string[]>;
  work(): Promise<Worker>;
  close(): Promise<void>;
}

export async function healthWorld(options: {
  providers: readonly Provider[];
  models: readonly { model: ModelDefinition; credits?: bigint }[];
}): Promise<HealthWorld> {
  const world = await createWorld();
  const pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    clock: world.clock,
    providers: options.providers,
    settings: { maxRunningPerPerson: 100 },
  });
  await seedCatalogue(
    world.db,
    options.models.map(({ model, credits }) => ({ model, creditsPerUnit: credits ?? 10n })),
  );
  forgetModels(world.db);
  const workers: Worker[] = [];
  const { deps } = pipeline;
  const self: HealthWorld = {
    world,
    pipeline,
    person: (credits = 1_000n) => pipeline.person(credits),
    async ask(personId, model) {
      const request = { model, input: { prompt: 'a test' } };
      const { generation } = await acceptGeneration(deps, { personId, key: randomUUID(), request });
      return generation.id;
    },
    async chores() {
      forgetGates(world.db);
      await settleProbes(deps);
      await watchUnknowns(deps);
      await closeQuietCircuits(deps);
      await moveToFallbacks(deps);
      await watchCaps(deps);
      await watchBalances(deps, options.providers, {
        alertDays: 3,
        cheapestUsd: (providerId) => cheapestAt(world.db, providerId),
      });
    },
    async eventually(so, wanted = true) {
      await expect
        .poll(
          async () => {
            await self.chores();
            return so();
          },
          { timeout: 20_000, interval: 50 },
        )
        .toEqual(wanted);
    },
    async pass(interval) {
      // Nothing can be picked up or claimed while the table is locked: a step sees the time before or after, never both.
      const moved = () =>
        inTransaction(world.admin, async (tx) => {
          await tx.query('lock table holdfast.generation in exclusive mode');
          const { rows } = await tx.query<{ busy: number }>(
            `select count(*)::integer as busy from holdfast.generation where state in ('submitting', 'running', 'ingesting')`,
          );
          if (rows[0]?.busy !== 0) return false;
          await world.clock.advance(interval);
          return true;
        });
      await expect.poll(moved, { timeout: 20_000, interval: 20 }).toBe(true);
    },
    async states() {
      const { rows } = await world.db.query<{ state: string; count: number }>(
        'select state, count(*)::integer as count from holdfast.generation group by state order by state',
      );
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    },
    see: (personId, id) => pipeline.see(personId, id),
    async openAlerts() {
      const alerts = await listAlerts(world.db);
      return alerts.filter(({ cleared_at }) => cleared_at === null).map(({ key }) => key);
    },
    async work() {
      const worker = await startWorker(deps, { databaseUrl: world.appUrl, sweepMs: 30 });
      workers.push(worker);
      return worker;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await pipeline.close();
      await world.close();
    },
  };
  return self;
}

/** Submits that the vendor got, accepted or not. */
export function posts(service: Service): { accepted: number; refused: number } {
  const accepted = service.book.posts.filter((post) => post.accepted).length;
  return { accepted, refused: service.book.posts.length - accepted };
}
