import { forgetModels } from '../generations/catalogue/catalogue.ts';
import {
  alertBelow,
  capProvider,
  limitCalls,
  limitRunning,
  listAccounts,
  pauseProvider,
} from '../providers/health/accounts.ts';
import { closeCircuit, listOpenCircuits } from '../providers/health/circuits.ts';
import { callKinds } from '../providers/health/limits.ts';
import type { CallKind, Limit } from '../providers/health/limits.ts';
import type { OperationsDeps } from './deps.ts';
import { inLog } from './operator-log.ts';
import type { ByHand, OperatorActionName } from './operator-log.ts';

/** What an operator decides about a provider: each is in the log with how things stood before and after. */

/** The switch. @param reason shown to people after the sentence that it isn't available; null resumes */
export async function switchProvider(
  deps: OperationsDeps,
  by: ByHand,
  id: string,
  reason: string | null,
): Promise<void> {
  const action = reason === null ? 'resume_provider' : 'pause_provider';
  await change(deps, by, { action, id }, () => pauseProvider(deps.db, id, reason));
  forgetModels(deps.db);
}

/** @param usd dollars a day, from midnight UTC; null takes the cap away */
export function capProviderByHand(
  deps: OperationsDeps,
  by: ByHand,
  id: string,
  usd: number | null,
): Promise<void> {
  return change(deps, by, { action: 'cap_provider', id, asked: { daily_cap_usd: usd } }, () =>
    capProvider(deps.db, id, usd),
  );
}

/** A number, `null` for none, or undefined to leave it as it is. */
export type ProviderLimits = {
  readonly running?: number | null;
  readonly alertBelow?: number | null;
} & {
  /** `default`: as it is known of the vendor. */
  readonly [Kind in CallKind]?: Limit | null | 'default';
};

/** Tasks at once, calls in a time, the balance to be told at. */
export function limitProvider(
  deps: OperationsDeps,
  by: ByHand,
  id: string,
  limits: ProviderLimits,
): Promise<void> {
  const { db } = deps;
  return change(deps, by, { action: 'limit_provider', id, asked: limits }, async () => {
    if (limits.running !== undefined) await limitRunning(db, id, limits.running);
    if (limits.alertBelow !== undefined) await alertBelow(db, id, limits.alertBelow);
    for (const kind of callKinds) {
      const limit = limits[kind];
      if (limit !== undefined) await limitCalls(db, id, kind, limit === 'default' ? undefined : limit);
    }
  });
}

/** Closes what is open, for who knows that it is over. @returns whether something was */
export function retryProvider(
  deps: OperationsDeps,
  by: ByHand,
  id: string,
  providerModel: string,
): Promise<boolean> {
  const { db } = deps;
  return change(deps, by, { action: 'retry_provider', id, asked: { model: providerModel } }, () =>
    closeCircuit({ db, log: deps.generations.log }, { providerId: id, providerModel }),
  );
}

function change<T>(
  deps: OperationsDeps,
  by: ByHand,
  what: { action: OperatorActionName; id: string; asked?: object },
  doing: () => Promise<T>,
): Promise<T> {
  const { action, id, asked } = what;
  return inLog(
    deps.db,
    by,
    { action, subject: id, ...(asked === undefined ? {} : { asked }) },
    {
      standing: () => standing(deps, id),
      doing,
      told: (came) => ({ outcome: came === false ? 'nothing_to_do' : 'done' }),
    },
  );
}

async function standing({ db }: OperationsDeps, id: string): Promise<object> {
  const [accounts, circuits] = await Promise.all([listAccounts(db), listOpenCircuits(db)]);
  const account = accounts.find(({ provider_id }) => provider_id === id);
  return {
    paused_reason: account?.paused_reason ?? null,
    daily_cap_usd: numberOrNull(account?.daily_cap_usd),
    max_running: account?.max_running ?? null,
    alert_below_usd: numberOrNull(account?.alert_below_usd),
    limits: account?.limits ?? {},
    circuits: circuits
      .filter(({ provider_id }) => provider_id === id)
      .map(({ provider_model, reason }) => ({ model: provider_model, reason })),
  };
}

function numberOrNull(text: string | null | undefined): number | null {
  return text == null ? null : Number(text);
}
