import type { Database } from '../../platform/database.ts';
import { listModels } from './catalogue.ts';
import type { GenerationDeps } from '../deps.ts';
import type { Kind } from './model.ts';
import { modelHealth } from './model-health.ts';
import type { ModelHealth } from './model-health.ts';

/** How a model does today, for everybody to see. Why it waits is the operator's business. */
export interface ModelStatusView {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  /** `degraded`: it works, and fails more often than it should. `recovering`: it was out, and is being tried. `waiting`: what is asked for waits for it. `paused`: nothing can be asked for. */
  readonly status: 'working' | 'degraded' | 'recovering' | 'waiting' | 'paused';
  /** 0 to 1, of what ended in the last 24 hours and was not the person's own doing; null where nothing did. */
  readonly success_rate: number | null;
  readonly median_seconds: number | null;
}

/** Anybody may ask for it as often as they like: it is read once in so long. */
const freshMs = 10_000;
/** Of what isn't people's own doing, so many should succeed. */
const enough = 0.8;
const cached = new WeakMap<Database, { at: number; statuses: Promise<ModelStatusView[]> }>();

/** Every model on offer, in the operator's order. */
export function listModelStatus(deps: GenerationDeps): Promise<ModelStatusView[]> {
  const now = performance.now();
  const known = cached.get(deps.db);
  if (known && now - known.at < freshMs) return known.statuses;
  const statuses = load(deps);
  cached.set(deps.db, { at: now, statuses });
  statuses.catch(() => cached.delete(deps.db));
  return statuses;
}

async function load(deps: GenerationDeps): Promise<ModelStatusView[]> {
  const [models, health] = await Promise.all([listModels(deps), modelHealth(deps.db)]);
  return models.map(({ id, name, kind, available }) => {
    const of = health.get(id);
    return {
      id,
      name,
      kind,
      status: statusOf(available, of),
      success_rate: of?.success_rate_24h ?? null,
      median_seconds: of?.median_seconds ?? null,
    };
  });
}

function statusOf(available: boolean, health: ModelHealth | undefined): ModelStatusView['status'] {
  if (!available || health?.reason === 'paused') return 'paused';
  if (health === undefined || health.circuit === 'closed') {
    const rate = health?.success_rate_24h ?? 1;
    return rate < enough ? 'degraded' : 'working';
  }
  return health.circuit === 'probing' ? 'recovering' : 'waiting';
}
