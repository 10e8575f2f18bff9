import { inTransaction } from '../../platform/database.ts';
import type { Db } from '../../platform/database.ts';
import { doubtFollower, mayHaveBeenFollowed } from '../operate/after-restore.ts';
import type { ErrorClass, RawProviderError } from '../../providers/port.ts';
import { models } from '../catalogue/catalogue.ts';
import { consequenceOf } from './consequences.ts';
import type { Consequence } from './consequences.ts';
import { fallbackFor, moveTo } from '../pick-up/fallback.ts';
import { holdBack, watchFailures } from './note-health.ts';
import { endGeneration } from '../end/end.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';
import { toQueued } from './transitions.ts';
import { discard } from './discard.ts';
import { ended, lost } from './work-context.ts';
import type { Next, WorkContext } from './work-context.ts';

/** Nobody takes it up while it moves to its fallback; should that be lost, it is tried once more where it was. */
const moving_seconds = 5;

/** An attempt has failed, and that is proven: what follows depends on whose doing it was. */
export async function failAttempt(
  ctx: WorkContext,
  row: GenerationRow,
  attempt: AttemptRow,
  failure: {
    error: RawProviderError;
    errorClass: ErrorClass;
    /** What it cost all the same; null where its provider doesn't say. Unset where nothing was started. */
    costUsd?: number | null;
  },
): Promise<Next> {
  const { deps } = ctx;
  const { error, errorClass, costUsd } = failure;
  const { paid } = deps.providers.get(row.provider_id).capabilities;
  const billed = paid && costUsd !== undefined && costUsd !== 0;
  const detail = describe(error);
  const model = (await models(deps.db)).get(row.model_id);
  const usual = consequenceOf(errorClass, {
    attempts: 1 + (await providersFaults(deps.db, row.id)),
    tries: attempt.number,
    maxAttempts: model?.maxAttempts ?? 1,
    random: Math.random(),
  });
  const spent = usual.kind === 'fail' && (errorClass === 'SYSTEM' || errorClass === 'UNKNOWN');
  const fallback = spent ? await fallbackFor(deps, row) : null;
  const consequence: Consequence =
    fallback === null ? usual : { kind: 'again', afterSeconds: moving_seconds };
  deps.log.warn(
    {
      generation: row.id,
      attempt: attempt.id,
      provider: row.provider_id,
      class: errorClass,
      code: error.code,
      detail,
      consequence: consequence.kind,
    },
    'an attempt failed',
  );
  await holdBack(deps, row, attempt, { ...failure, detail });
  const facts = { code: error.code, errorClass, detail, billed, costUsd };
  const next = await carryOut(ctx, row, attempt, consequence, facts);
  if (fallback !== null && next.kind === 'queued') {
    await moveTo(deps, { ...row, state: 'queued' }, fallback);
  }
  await watchFailures(deps, row, errorClass);
  return next;
}

async function carryOut(
  ctx: WorkContext,
  row: GenerationRow,
  attempt: AttemptRow,
  consequence: Consequence,
  facts: {
    code: string;
    errorClass: ErrorClass;
    detail: string;
    billed: boolean;
    costUsd: number | null | undefined;
  },
): Promise<Next> {
  const { deps } = ctx;
  switch (consequence.kind) {
    case 'fail': {
      const { billed, ...ending } = facts;
      const done = await endGeneration(deps, row, { state: 'failed', ...ending, mayHaveCost: billed });
      if (!done) return lost;
      await discard(deps, row, attempt);
      return ended;
    }
    case 'again': {
      const again = {
        afterSeconds: consequence.afterSeconds,
        failed: { attemptId: attempt.id, ...facts },
      };
      const { idempotentSubmit } = deps.providers.get(row.provider_id).capabilities;
      if (!idempotentSubmit && (await mayHaveBeenFollowed(deps.db, attempt))) {
        return askFirst(ctx, row, attempt, again);
      }
      const moved = await toQueued(deps.db, row, again);
      if (!moved) return lost;
      await discard(deps, row, attempt);
      return { kind: 'queued', seconds: consequence.afterSeconds };
    }
    default:
      throw new Error(`unknown consequence ${JSON.stringify(consequence satisfies never)}`);
  }
}

/** Between a backup and its restoring it may have been made anew already, under a token that is lost: nothing is submitted before that is known. */
async function askFirst(
  { deps }: WorkContext,
  row: GenerationRow,
  attempt: AttemptRow,
  again: Parameters<typeof toQueued>[2],
): Promise<Next> {
  const moved = await inTransaction(deps.db, async (tx) => {
    if (!(await toQueued(tx, row, again))) return false;
    await doubtFollower(tx, row.id, attempt);
    return true;
  });
  if (!moved) return lost;
  deps.log.warn(
    { generation: row.id, attempt: attempt.id },
    'it failed before or after a backup was restored, and may have been made anew since: its provider is asked first',
  );
  return { kind: 'wait', seconds: 0, local: false };
}

/** Attempts at it that failed by its provider's fault before this one. */
async function providersFaults(db: Db, generationId: string): Promise<number> {
  const { rows } = await db.query<{ faults: number }>({
    name: 'providers_faults',
    text: `select count(*)::integer as faults from holdfast.attempt
            where generation_id = $1 and ended_at is not null and error_class in ('SYSTEM', 'UNKNOWN')`,
    values: [generationId],
  });
  return rows[0]?.faults ?? 0;
}

/** A provider's error as one line for the operator. */
export function describe(error: RawProviderError): string {
  const status = error.httpStatus === undefined ? '' : ` (HTTP ${error.httpStatus})`;
  return `${error.code}${status}: ${error.message}`.slice(0, 2_000);
}
