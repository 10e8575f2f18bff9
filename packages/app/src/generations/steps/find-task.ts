import { ProviderError } from '../../providers/port.ts';
import type { Provider } from '../../providers/port.ts';
import { mayHaveLeftUntil } from '../operate/after-restore.ts';
import { models } from '../catalogue/catalogue.ts';
import { namedTasks } from './claims.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';
import { attemptOf, makerOf } from './attempt-of.ts';
import type { WorkContext } from './work-context.ts';

export interface FoundTask {
  readonly taskId: string;
  readonly urls: Readonly<Record<string, string>> | null;
}

export type Found = FoundTask | 'absent' | 'cannot_tell';

const ask_timeout_ms = 30_000;

/**
 * Which task an attempt's submit has started, if any: by the name that is known already, by a callback's word once the provider has
 * confirmed it, or by looking through the provider's lists. Changes nothing. `cannot_tell` also where the provider could not be asked.
 */
export async function findTask(
  ctx: Pick<WorkContext, 'deps'>,
  row: GenerationRow,
  attempt: AttemptRow,
  signal: AbortSignal,
): Promise<Found> {
  // A callback, or a submit that was answered late, may have told its name meanwhile.
  if (attempt.task_id !== null) return { taskId: attempt.task_id, urls: attempt.task_urls };
  const asked = AbortSignal.any([signal, AbortSignal.timeout(ask_timeout_ms)]);
  try {
    return (await byCallback(ctx, row, attempt, asked)) ?? (await byList(ctx, row, attempt, asked));
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    ctx.deps.log.warn({ generation: row.id, err: error }, 'a provider could not be asked');
    return 'cannot_tell';
  }
}

/** By what callbacks have named, and the provider confirms. Null where that is none. */
export async function byCallback(
  ctx: Pick<WorkContext, 'deps'>,
  row: GenerationRow,
  attempt: AttemptRow,
  signal: AbortSignal,
): Promise<FoundTask | null> {
  const provider = ctx.deps.providers.get(row.provider_id);
  if (!provider.capabilities.webhooks || provider.recognize === undefined) return null;
  const named = await namedTasks(ctx.deps.db, attempt.token);
  if (named.length === 0) return null;
  const request = { ...(await attemptOf(ctx, { row, attempt })), submittedAt: attempt.submit_started_at };
  for (const { task_id: taskId, trust } of named) {
    const word = await provider.recognize(request, taskId, signal);
    // What the provider itself has signed for this address is believed where it can say no more.
    if (word === 'own' || (word === 'cannot_tell' && trust === 'full')) return { taskId, urls: null };
    ctx.deps.log.warn(
      { generation: row.id, attempt: attempt.id, task: taskId, word },
      'a callback named a task that is not its own',
    );
  }
  return null;
}

async function byList(
  ctx: Pick<WorkContext, 'deps'>,
  row: GenerationRow,
  attempt: AttemptRow,
  signal: AbortSignal,
): Promise<Found> {
  const provider = ctx.deps.providers.get(row.provider_id);
  if (provider.reconcile === undefined) return 'cannot_tell';
  const others = await othersAtThatTime(ctx, row, attempt);
  // Two that asked for the same, and neither has a name: what is in the list may be either's.
  if (others.rival) return 'cannot_tell';
  const request = await attemptOf(ctx, { row, attempt });
  const until = await mayHaveLeftUntil(ctx.deps.db, attempt);
  const found = await provider.reconcile(
    {
      ...request,
      submittedAt: attempt.submit_started_at,
      taken: others.taken,
      ...(until === null ? {} : { submittedUntil: until }),
    },
    signal,
  );
  if (found === 'cannot_tell') return found;
  if (found === 'absent') return (await isAskedOtherwise(ctx, row, attempt)) ? 'cannot_tell' : found;
  return { taskId: found.found.taskId, urls: found.found.urls ?? null };
}

/** Tasks that other attempts of about that time have, and whether one of them asked for the same and has none yet. */
async function othersAtThatTime(
  ctx: Pick<WorkContext, 'deps'>,
  row: GenerationRow,
  attempt: AttemptRow,
): Promise<{ taken: string[]; rival: boolean }> {
  const { rows } = await ctx.deps.db.query<{ taken: string[] | null; rival: boolean | null }>({
    name: 'others_at_that_time',
    text: `select array_agg(a.task_id) filter (where a.task_id is not null) as taken,
                  bool_or(a.task_id is null and g.provider_model = $4 and g.input = $5::jsonb
                          and coalesce(a.error_code, '') <> 'not_sent') as rival
             from holdfast.attempt a join holdfast.generation g on g.id = a.generation_id
            where a.provider_id = $1 and a.id <> $2
              and a.submit_started_at between $3::timestamptz - interval '10 minutes' and $3::timestamptz + interval '10 minutes'
              and (a.task_id is not null or a.state in ('submitting', 'submit_unknown'))`,
    values: [
      row.provider_id,
      attempt.id,
      attempt.submit_started_at,
      row.provider_model,
      JSON.stringify(row.input),
    ],
  });
  return { taken: rows[0]?.taken ?? [], rival: rows[0]?.rival ?? false };
}

/** Whether the model's mapping has changed since: then what was sent can't be recognized, and its absence proves nothing. */
async function isAskedOtherwise(
  ctx: Pick<WorkContext, 'deps'>,
  row: GenerationRow,
  attempt: AttemptRow,
): Promise<boolean> {
  const model = makerOf(await models(ctx.deps.db), row);
  return model?.mappingChangedAt != null && model.mappingChangedAt >= attempt.submit_started_at;
}

/** For how many seconds after its submit an unknown outcome is asked about: as long as the model takes at most, within the provider's bounds. */
export async function unknownSeconds(
  ctx: Pick<WorkContext, 'deps'>,
  row: GenerationRow,
  provider: Provider,
): Promise<number | null> {
  const bounds = provider.capabilities.unknownSeconds;
  if (bounds === undefined) return null;
  if (bounds.least === bounds.most) return bounds.least;
  const { rows } = await ctx.deps.db.query<{ p99: number | null }>({
    name: 'slowest_runs',
    text: `select percentile_cont(0.99) within group (order by extract(epoch from finished_at - picked_up_at)::double precision) as p99
             from (select finished_at, picked_up_at from holdfast.generation
                    where model_id = $1 and state = 'succeeded' and finished_at > holdfast.clock() - interval '7 days'
                    order by finished_at desc limit 500) as recent`,
    values: [row.model_id],
  });
  return Math.min(bounds.most, Math.max(bounds.least, rows[0]?.p99 ?? 0));
}
