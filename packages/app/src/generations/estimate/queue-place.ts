import { readGate } from '../../providers/health/gate.ts';
import { models } from '../catalogue/catalogue.ts';
import type { GenerationDeps } from '../deps.ts';
import type { Pace, Place } from './eta-rules.ts';
import type { ViewedGeneration } from '../rows.ts';
import type { QueueView } from '../view/views.ts';

/** Where something queued stands, and what it waits for; null where it isn't queued, or that isn't known yet. */
export async function placeOf(
  deps: GenerationDeps,
  row: Pick<ViewedGeneration, 'state' | 'queue' | 'model_id' | 'provider_id'>,
): Promise<Place | null> {
  if (row.state !== 'queued' || row.queue === null) return null;
  const { ahead, own_ahead, own_running, own_limit } = row.queue;
  return {
    ahead,
    ownAhead: own_ahead,
    ownRunning: own_running,
    ownLimit: own_limit ?? deps.settings.maxRunningPerPerson,
    modelWaiting: await isWaiting(deps, row.model_id, row.provider_id),
  };
}

/** Whether nothing of the model is sent off at the moment: it is paused by the operator, out of reach, or
 * behind an open circuit. */
async function isWaiting(deps: GenerationDeps, modelId: string, providerId: string): Promise<boolean> {
  const model = (await models(deps.db)).get(modelId);
  if (model?.pausedReason != null || !deps.providers.has(providerId)) return true;
  const gate = await readGate(deps.db, providerId);
  const closed = (of: string) => of === '' || of === model?.providerModel;
  return gate.paused || gate.circuits.some(({ provider_model }) => closed(provider_model));
}

/** What people see of it: their number in line, how many wait, and what it is that they wait for. */
export function queueView(place: Place, pace: Pace): QueueView {
  const position = place.ahead + 1;
  return {
    position,
    of: Math.max(position, pace.provider.queued),
    reason: reasonOf(place),
  };
}

function reasonOf(place: Place): QueueView['reason'] {
  if (place.modelWaiting) return 'model_waiting';
  return place.ownRunning + place.ownAhead >= place.ownLimit && place.ownRunning > 0 ? 'own_limit' : 'turn';
}
