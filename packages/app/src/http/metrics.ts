import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { GenerationMetrics } from '../generations/estimate/metrics.ts';
import type { Database } from '../platform/database.ts';
import { watchProviders } from './provider-metrics.ts';
import type { App } from './services.ts';

/** One process's numbers, in Prometheus' form. */
export interface Metrics {
  readonly registry: Registry;
  readonly generations: GenerationMetrics;
  /** Times every answer by route and status. */
  watch(app: App): void;
}

export function createMetrics(db: Database): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'holdfast_' });
  watchDatabase(registry, db);
  watchProviders(registry, db);
  return { registry, generations: generationMetrics(registry), watch: (app) => watchRequests(registry, app) };
}

function watchRequests(registry: Registry, app: App): void {
  const seconds = new Histogram({
    name: 'holdfast_http_request_seconds',
    help: 'Time to answer, by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
  });
}

function generationMetrics(registry: Registry): GenerationMetrics {
  const registers = [registry];
  const accepted = new Counter({
    name: 'holdfast_generations_accepted_total',
    help: 'Generations accepted',
    labelNames: ['model'],
    registers,
  });
  const refused = new Counter({
    name: 'holdfast_generations_refused_total',
    help: 'Requests for a generation that were refused',
    labelNames: ['model', 'code'],
    registers,
  });
  const finished = new Histogram({
    name: 'holdfast_generation_seconds',
    help: 'From acceptance to the end',
    labelNames: ['model', 'status'],
    buckets: [2, 5, 10, 30, 60, 180, 600, 1_800, 7_200],
    registers,
  });
  const step = new Histogram({
    name: 'holdfast_generation_step_seconds',
    help: 'One step of the pipeline',
    labelNames: ['step', 'provider', 'ok'],
    buckets: [0.01, 0.05, 0.25, 1, 5, 30],
    registers,
  });
  const waited = new Histogram({
    name: 'holdfast_generation_queue_seconds',
    help: 'From acceptance to the first step',
    labelNames: ['provider'],
    buckets: [0.05, 0.25, 1, 5, 30, 120, 600, 3_600],
    registers,
  });
  const callbacks = new Counter({
    name: 'holdfast_provider_callbacks_total',
    help: 'Callbacks of providers: kept, duplicate, unknown (no such attempt), forged, not_now (could not be verified)',
    labelNames: ['provider', 'outcome'],
    registers,
  });
  return {
    accepted: ({ model }) => accepted.inc({ model }),
    refused: ({ model, code }) => refused.inc({ model, code }),
    finished: ({ model, status, seconds }) => finished.observe({ model, status }, seconds),
    step: (facts) =>
      step.observe({ step: facts.step, provider: facts.provider, ok: String(facts.ok) }, facts.seconds),
    pickedUp: ({ provider, waitedSeconds }) => waited.observe({ provider }, waitedSeconds),
    callback: (facts) => callbacks.inc(facts),
  };
}

/** Read when asked for: how many generations are in which state, how long the oldest is overdue, how the pool is used. */
function watchDatabase(registry: Registry, db: Database): void {
  const overdue = new Gauge({
    name: 'holdfast_generation_overdue_seconds',
    help: 'How long the oldest generation has been waiting to be looked at',
    registers: [registry],
  });
  const unfinished = new Gauge({
    name: 'holdfast_generations_unfinished',
    help: 'Generations that are not final, by state',
    labelNames: ['status'],
    registers: [],
    async collect() {
      const { rows } = await db.query<{ status: string; count: number; overdue: number }>(
        `select state as status, count(*)::integer as count,
                greatest(0, extract(epoch from holdfast.clock() - min(due_at)))::float8 as overdue
         from holdfast.generation where due_at is not null group by state`,
      );
      this.reset();
      for (const { status, count } of rows) this.set({ status }, count);
      overdue.set(Math.max(0, ...rows.map((row) => row.overdue)));
    },
  });
  const connections = new Gauge({
    name: 'holdfast_database_connections',
    help: 'The pool of this process',
    labelNames: ['state'],
    registers: [],
    collect() {
      this.set({ state: 'open' }, db.totalCount);
      this.set({ state: 'idle' }, db.idleCount);
      this.set({ state: 'waited_for' }, db.waitingCount);
    },
  });
  registry.registerMetric(unfinished);
  registry.registerMetric(connections);
}
