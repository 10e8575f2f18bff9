import type { Db } from '../../platform/database.ts';
import { ProviderError } from '../../providers/port.ts';
import type { TaskStatus } from '../../providers/port.ts';
import { readCallbacks } from '../steps/claims.ts';
import { byCallback } from '../steps/find-task.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';
import { taskOf } from '../steps/poll.ts';
import { recordTask } from '../steps/transitions.ts';
import type { GenerationDeps } from '../deps.ts';
import type { WorkContext } from '../steps/work-context.ts';

const batch = 20;
/** A callback that can't be made sense of for so long is left. */
const worth_asking_seconds = 2 * 86_400;
/** Nor is a provider asked more often about one attempt; each time it waits a minute longer for the next, up to an hour. */
const most_asks = 50;
const ask_timeout_ms = 30_000;

/**
 * Callbacks for what has ended: the credits are back, and nothing is charged or handed over any more. But what was paid for in vain belongs in the
 * operator's list: its task is named there, and what it has cost. Any number of workers may do this at once.
 * @returns how many attempts were looked at
 */
export async function noteLateCallbacks(deps: GenerationDeps): Promise<number> {
  const ctx = { deps };
  const { db, log } = deps;
  // What succeeded has told its task and its cost already, and its callback says nothing new.
  await db.query({
    name: 'read_callbacks_of_successes',
    text: `update holdfast.provider_callback c set read_at = holdfast.clock()
             from holdfast.attempt a
            where a.token = c.attempt_token and c.read_at is null and a.state = 'succeeded'`,
  });
  // Whoever was asked about last waits behind the others: some that can't be answered hold up nobody.
  const { rows } = await db.query<Late>({
    name: 'late_callbacks',
    text: `select a.generation_id, a.id as attempt_id, a.provider_id
             from holdfast.provider_callback c
             join holdfast.attempt a on a.token = c.attempt_token
            where c.read_at is null and a.ended_at is not null and c.provider_id = any($1)
              and c.received_at > holdfast.clock() - make_interval(secs => $2)
              and c.asks < $4
              and coalesce(c.asked_at + least(c.asks, 60) * interval '1 minute' <= holdfast.clock(), true)
            group by a.id
            order by min(c.asked_at) nulls first, min(c.received_at)
            limit $3`,
    values: [deps.providers.all().map(({ id }) => id), worth_asking_seconds, batch, most_asks],
  });
  const silent = new Set<string>();
  for (const late of rows) {
    // It is as likely for its others: they are looked into the next time.
    if (silent.has(late.provider_id)) continue;
    const [row, attempt] = await rowsOf(ctx, late);
    if (row === undefined || attempt === undefined) continue;
    await noteAsk(db, attempt.token);
    try {
      await note(ctx, row, attempt);
      await readCallbacks(db, attempt.token);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      log.warn({ err: error, generation: row.id }, 'a late callback could not be looked into');
      silent.add(late.provider_id);
    }
  }
  return rows.length;
}

interface Late {
  generation_id: string;
  attempt_id: string;
  provider_id: string;
}

async function noteAsk(db: Db, token: string): Promise<void> {
  await db.query({
    name: 'note_late_ask',
    text: `update holdfast.provider_callback set asked_at = holdfast.clock(), asks = asks + 1
            where attempt_token = $1 and read_at is null`,
    values: [token],
  });
}

async function rowsOf(
  { deps }: Pick<WorkContext, 'deps'>,
  late: Late,
): Promise<[GenerationRow | undefined, AttemptRow | undefined]> {
  const [generations, attempts] = await Promise.all([
    deps.db.query<GenerationRow>('select * from holdfast.generation where id = $1', [late.generation_id]),
    deps.db.query<AttemptRow>('select * from holdfast.attempt where id = $1', [late.attempt_id]),
  ]);
  return [generations.rows[0], attempts.rows[0]];
}

async function note(ctx: Pick<WorkContext, 'deps'>, row: GenerationRow, attempt: AttemptRow): Promise<void> {
  const signal = AbortSignal.timeout(ask_timeout_ms);
  // The attempt's provider and model may not be those that the generation has now.
  const about = {
    ...row,
    provider_id: attempt.provider_id,
    provider_model: attempt.provider_model ?? row.provider_model,
  };
  if (attempt.task_id === null) {
    const found = await byCallback(ctx, about, attempt, signal);
    if (found === null) return;
    if ((await recordTask(ctx.deps.db, { token: attempt.token, ...found })) === 'taken') return;
    attempt.task_id = found.taskId;
  }
  const provider = ctx.deps.providers.get(attempt.provider_id);
  const status = await provider.status(taskOf(about, attempt, attempt.task_id), signal);
  const cost = costOf(status);
  if (cost === 'nothing') {
    await ctx.deps.db.query(
      `update holdfast.orphan_cost set task_id = $2, cost_usd = 0, resolved_at = coalesce(resolved_at, holdfast.clock())
        where attempt_id = $1`,
      [attempt.id, attempt.task_id],
    );
    return;
  }
  await ctx.deps.db.query(
    `insert into holdfast.orphan_cost as o (attempt_id, generation_id, provider_id, task_id, reason, cost_usd)
     values ($1, $2, $3, $4, 'made after its end', $5)
     on conflict (attempt_id) do update
        set task_id = excluded.task_id, cost_usd = coalesce(excluded.cost_usd, o.cost_usd)`,
    [attempt.id, attempt.generation_id, attempt.provider_id, attempt.task_id, cost],
  );
  ctx.deps.log.warn(
    { generation: row.id, attempt: attempt.id, task: attempt.task_id, cost_usd: cost, state: status.state },
    'a provider was paid for something that nobody was charged for',
  );
}

/** Null: it cost something, and the provider does not say how much. */
function costOf(status: TaskStatus): number | null | 'nothing' {
  switch (status.state) {
    case 'succeeded':
      return status.actualCostUsd;
    case 'failed':
      return status.actualCostUsd === 0 ? 'nothing' : status.actualCostUsd;
    case 'cancelled':
      return 'nothing';
    case 'queued':
    case 'running':
    case 'gone':
      return null;
    default:
      throw new Error(`unknown state of a task ${JSON.stringify(status satisfies never)}`);
  }
}
