import { storeOutput } from '../../delivery/store-output.ts';
import type { StoredOutput } from '../../delivery/store-output.ts';
import { HoldfastError } from '../../platform/errors.ts';
import { ProviderError } from '../../providers/port.ts';
import { models } from '../catalogue.ts';
import { endStep } from '../claims.ts';
import { endGeneration } from '../end.ts';
import { failpoint } from '../failpoint.ts';
import { backoffSeconds, maxStepFailures } from '../rules.ts';
import { settle } from '../settle.ts';
import { ended, lost } from '../work-context.ts';
import type { Claimed, Next, WorkContext } from '../work-context.ts';
import { discard } from './discard.ts';
import { describe } from './fail-attempt.ts';
import { taskGone } from './poll.ts';

/** How long fetching all of a generation's files may take. */
const fetch_timeout_ms = 10 * 60_000;

/** Fetches what was made, looks whether it plays, stores it; then charges for it and hands it over, in one transaction. */
export async function ingest(ctx: WorkContext, claimed: Claimed): Promise<Next> {
  const { deps } = ctx;
  const { row, attempt, signal } = claimed;
  failpoint('ingest.started');
  const outputs = attempt?.outputs ?? null;
  if (attempt === null || outputs === null) throw new Error(`${row.id} is ingesting, and has no outputs`);
  const provider = deps.providers.get(row.provider_id);
  const maxBytes = (await models(deps.db)).get(row.model_id)?.maxOutputBytes ?? 2 ** 31;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(fetch_timeout_ms)]);
  const stored: StoredOutput[] = [];
  try {
    for (const output of outputs) {
      stored.push(
        await storeOutput(deps.delivery, {
          kind: row.kind,
          maxBytes,
          signal: limit,
          file: () => provider.fetchOutput(output, limit),
          poster:
            output.posterUrl === null
              ? null
              : () =>
                  provider.fetchOutput(
                    { kind: 'image', url: output.posterUrl ?? '', posterUrl: null },
                    limit,
                  ),
          fetched: () => failpoint('ingest.fetched'),
        }),
      );
    }
  } catch (error) {
    return fetchFailed(ctx, claimed, error);
  }
  failpoint('ingest.stored');
  const [first] = stored;
  if (first === undefined) {
    return failWith(ctx, claimed, 'output_unplayable', 'its provider says it is done and names no file');
  }
  const settled = await settle(deps, row, attempt, stored);
  if (settled === 'lost') return lost;
  await discard(deps, row, attempt);
  return ended;
}

async function fetchFailed(ctx: WorkContext, claimed: Claimed, error: unknown): Promise<Next> {
  const { row, attempt, signal } = claimed;
  if (signal.aborted) return lost;
  const provider = ctx.deps.providers.get(row.provider_id);
  const raw = rawOf(error);
  if (raw === null) throw error;
  if (raw.code === 'output_gone' && provider.capabilities.idempotentSubmit) {
    return taskGone(ctx, row, provider);
  }
  const enough = row.step_failures + 1 >= maxStepFailures;
  ctx.deps.log.warn(
    { generation: row.id, attempt: attempt?.id, detail: describe(raw), failures: row.step_failures + 1 },
    'an output could not be fetched',
  );
  // A file that came whole and doesn't play won't play next time either; one that came short may come whole.
  if (raw.code === 'output_unplayable' && row.step_failures >= 1)
    return failWith(ctx, claimed, 'output_unplayable', describe(raw));
  if (enough) return failWith(ctx, claimed, 'output_unavailable', describe(raw));
  const seconds = backoffSeconds(row.step_failures + 1, Math.random());
  const kept = await endStep(ctx.deps.db, row, {
    seconds,
    worker: ctx.worker,
    failed: true,
    token: attempt?.token ?? null,
  });
  return kept ? { kind: 'wait', seconds, local: row.bound_to !== null } : lost;
}

function rawOf(error: unknown): { code: string; message: string } | null {
  if (error instanceof ProviderError) return error.error;
  if (error instanceof HoldfastError) return { code: error.code, message: error.message };
  return null;
}

async function failWith(
  ctx: WorkContext,
  claimed: Claimed,
  code: 'output_unplayable' | 'output_unavailable',
  detail: string,
): Promise<Next> {
  const { row, attempt } = claimed;
  const ending = { state: 'failed', code, errorClass: 'SYSTEM', detail, mayHaveCost: true } as const;
  if (!(await endGeneration(ctx.deps, row, ending))) return lost;
  if (attempt !== null) await discard(ctx.deps, row, attempt);
  return ended;
}
