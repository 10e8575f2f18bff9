import type { Db } from '../platform/database.ts';
import { HoldfastError, InvalidInputError } from '../platform/errors.ts';
import { newId } from '../platform/ids.ts';

/** Who does it: a person's id, or `cli` and the name of whoever is logged in to the machine. */
export interface ByHand {
  readonly operator: string;
  /** Why, kept for ever. 3 to 500 characters. */
  readonly reason: string;
}

export type OperatorActionName =
  | 'ask'
  | 'adopt'
  | 'release'
  | 'resubmit'
  | 'settle_orphan'
  | 'forgive'
  | 'apologise'
  | 'set_role'
  | 'replay_event'
  | 'repair_payments'
  | 'set_catalogue'
  | 'refund_stars'
  | 'repair_stars'
  | 'pause_provider'
  | 'resume_provider'
  | 'cap_provider'
  | 'limit_provider'
  | 'retry_provider'
  | 'set_price'
  | 'set_cost'
  | 'offer_model'
  | 'withdraw_model'
  | 'import_models'
  | 'set_tier'
  | 'assign_tier';

export interface Noted {
  readonly id: string;
}

/**
 * Notes what an operator is about to do, in a transaction of its own and before it is done. What came of it is noted by `noteOutcome`; an
 * action without an outcome broke off.
 * @throws InvalidInputError `reason_invalid`
 */
export async function noteAction(
  db: Db,
  by: ByHand,
  what: { action: OperatorActionName; subject: string; asked?: object; before: unknown },
): Promise<Noted> {
  const id = newId('act');
  await db.query(
    `insert into holdfast.operator_action (id, operator, action, subject, reason, asked, before)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      id,
      by.operator,
      what.action,
      what.subject,
      checkReason(by.reason),
      JSON.stringify(what.asked ?? {}),
      json(what.before),
    ],
  );
  return { id };
}

export async function noteOutcome(
  db: Db,
  noted: Noted,
  came: { outcome: string; detail?: string; after: unknown },
): Promise<void> {
  await db.query(
    'insert into holdfast.operator_outcome (action_id, outcome, detail, after) values ($1, $2, $3, $4)',
    [noted.id, came.outcome, (came.detail ?? '').slice(0, 2_000), json(came.after)],
  );
}

/**
 * Does something between the two lines of the log: what stands before and after it is kept, and an error as what came of it.
 * @param told what came of it, in the log's words; `done` unless told
 */
export async function inLog<T>(
  db: Db,
  by: ByHand,
  what: { action: OperatorActionName; subject: string; asked?: object },
  steps: {
    standing: () => Promise<unknown>;
    doing: () => Promise<T>;
    told?: (came: T) => { outcome: string; detail?: string };
  },
): Promise<T> {
  const { standing, doing, told } = steps;
  const noted = await noteAction(db, by, { ...what, before: await standing() });
  let came: T;
  try {
    came = await doing();
  } catch (error) {
    await noteOutcome(db, noted, { ...failureOf(error), after: await standing() });
    throw error;
  }
  await noteOutcome(db, noted, { ...(told?.(came) ?? { outcome: 'done' }), after: await standing() });
  return came;
}

/** A refusal by its code, or by why an action was refused; what should not have happened as `broke_off`. */
function failureOf(error: unknown): { outcome: string; detail: string } {
  const detail = error instanceof Error ? error.message : String(error);
  if (!(error instanceof HoldfastError)) return { outcome: 'broke_off', detail };
  const { because } = error.data;
  return { outcome: typeof because === 'string' ? because : error.code, detail };
}

export function checkReason(reason: string): string {
  const text = reason.trim();
  if (text.length >= 3 && text.length <= 500) return text;
  throw new InvalidInputError('reason_invalid', 'Say why, in 3 to 500 characters: it is kept.', {
    field: 'reason',
  });
}

function json(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? inner.toString() : inner,
  );
}

export interface OperatorLine {
  readonly id: string;
  readonly at: Date;
  readonly operator: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string;
  readonly outcome: string | null;
  readonly detail: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Newest first. */
export async function listActions(
  db: Db,
  filter: { subject?: string | undefined; limit: number },
): Promise<OperatorLine[]> {
  const { rows } = await db.query<OperatorLine>(
    `select a.id, a.at, coalesce(i.email, a.operator) as operator, a.action, a.subject, a.reason, o.outcome,
            coalesce(o.detail, '') as detail, a.before, o.after
       from holdfast.operator_action a
       left join holdfast.operator_outcome o on o.action_id = a.id
       left join auth.identity i on i.id = a.operator
      where $1::text is null or a.subject = $1
      order by a.at desc, a.id desc
      limit $2`,
    [filter.subject ?? null, filter.limit],
  );
  return rows;
}
