import { storeOutput } from '../../delivery/store-output.ts';
import type { StoredOutput } from '../../delivery/store-output.ts';
import { HoldfastError } from '../../platform/errors.ts';
import { ProviderError } from '../../providers/port.ts';
import type { ProviderOutput } from '../../providers/port.ts';
import { models } from '../catalogue/catalogue.ts';
import { endStep } from './claims.ts';
import { endGeneration } from '../end/end.ts';
import { failpoint } from '../failpoint.ts';
import type { AttemptRow, ClaimedRow, GenerationRow } from '../rows.ts';
import { backoffSeconds, claimSeconds, maxStepFailures } from '../rules.ts';
import { settle } from '../end/settle.ts';
import type { Delivered } from '../end/settle.ts';
import { ended, lost } from './work-context.ts';
import type { Claimed, Next, WorkContext } from './work-context.ts';
import { discard } from './discard.ts';
import { describe } from './fail-attempt.ts';
import { taskGone } from './poll.ts';

/** How long fetching all of a generation's files may take. */
const fetch_timeout_ms = 10 * 60_000;

/** As many as can be asked for. A provider that names more has its first ones fetched. */
const most_outputs = 16;

/** A file that could not be had. */
interface Missing {
  readonly output: number;
  readonly code: string;
  readonly message: string;
}

/**
 * Fetches what was made, looks whether it plays, stores it; then charges for it and hands it over, in one transaction. Of several files the
 * good ones are handed over, and charged, also where others can't be had after all.
 */
export async function ingest(ctx: WorkContext, claimed: Claimed): Promise<Next> {
  const { deps } = ctx;
  const { row, attempt, signal } = claimed;
  failpoint('ingest.started');
  const outputs = attempt?.outputs ?? null;
  if (attempt === null || outputs === null) throw new Error(`${row.id} is ingesting, and has no outputs`);
  if (outputs.length === 0 && attempt.declared_seconds !== null) return acceptWord(ctx, row, attempt);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(fetch_timeout_ms)]);
  const stored: Delivered[] = [];
  const missing: Missing[] = [];
  for (const [output, made] of outputs.slice(0, most_outputs).entries()) {
    try {
      stored.push({ output, file: await store(ctx, row, made, limit) });
    } catch (error) {
      if (signal.aborted) return lost;
      const raw = rawOf(error);
      if (raw === null) throw error;
      missing.push({ output, ...raw });
    }
  }
  if (missing.length > 0) {
    const next = await withoutAll(ctx, claimed, missing, stored.length > 0);
    if (next !== null) return next;
  }
  failpoint('ingest.stored');
  if (stored.length === 0) {
    return failWith(ctx, claimed, 'output_unplayable', 'its provider says it is done and names no file');
  }
  const settled = await settle(deps, row, attempt, stored);
  if (settled === 'lost') return lost;
  await discard(deps, row, attempt);
  return ended;
}

/** Its maker has handed it over, and says how long it is: there is nothing to fetch. */
async function acceptWord(ctx: WorkContext, row: GenerationRow, attempt: AttemptRow): Promise<Next> {
  const settled = await settle(ctx.deps, row, attempt, []);
  return settled === 'lost' ? lost : ended;
}

async function store(
  ctx: WorkContext,
  row: GenerationRow,
  output: ProviderOutput,
  limit: AbortSignal,
): Promise<StoredOutput> {
  const { deps } = ctx;
  const provider = deps.providers.get(row.provider_id);
  const { posterUrl } = output;
  return storeOutput(deps.delivery, {
    kind: row.kind,
    maxBytes: (await models(deps.db)).get(row.model_id)?.maxOutputBytes ?? 2 ** 31,
    signal: limit,
    file: () => provider.fetchOutput(output, limit),
    poster:
      posterUrl === null
        ? null
        : () => provider.fetchOutput({ kind: 'image', url: posterUrl, posterUrl: null }, limit),
    fetched: () => failpoint('ingest.fetched'),
  });
}

/** What follows where not every file could be had: waiting, or the end. Null: nothing more can be had, and what there is, is enough. */
async function withoutAll(
  ctx: WorkContext,
  claimed: Claimed,
  missing: readonly Missing[],
  some: boolean,
): Promise<Next | null> {
  const { row, attempt } = claimed;
  const provider = ctx.deps.providers.get(row.provider_id);
  if (!some && missing.some(({ code }) => code === 'output_gone') && provider.capabilities.idempotentSubmit) {
    return taskGone(ctx, row, provider);
  }
  ctx.deps.log.warn(
    {
      generation: row.id,
      attempt: attempt?.id,
      missing: missing.map((each) => ({ output: each.output, detail: describe(each) })),
      failures: row.step_failures + 1,
    },
    'outputs could not be fetched',
  );
  const seconds = backoffSeconds(row.step_failures + 1, Math.random());
  const hopeful = missing.some(({ code }) => isWorthAnotherLook(code, row.step_failures));
  if (hopeful && !(some && endsWithin(row, seconds))) {
    const kept = await endStep(ctx.deps.db, row, {
      seconds,
      worker: ctx.worker,
      failed: true,
    });
    return kept ? { kind: 'wait', seconds, local: row.bound_to !== null } : lost;
  }
  if (some) return null;
  const [first] = missing;
  const code = first?.code === 'output_unplayable' ? 'output_unplayable' : 'output_unavailable';
  return failWith(ctx, claimed, code, missing.map(describe).join('; '));
}

/** A file that came whole and doesn't play won't play next time either; one that came short may come whole. */
function isWorthAnotherLook(code: string, failures: number): boolean {
  return code === 'output_unplayable' ? failures < 1 : failures + 1 < maxStepFailures;
}

/** Whether its deadline passes before the next look: what there is by then is better handed over now. */
function endsWithin(row: ClaimedRow, seconds: number): boolean {
  if (row.claimed_at === undefined) return false;
  return row.claimed_at.getTime() + (seconds + claimSeconds) * 1000 >= row.deadline_at.getTime();
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
