import type { Context } from '../context.ts';
import {
  capProviderByHand,
  limitProvider,
  retryProvider,
  switchProvider,
} from '../operations/change-providers.ts';
import type { ProviderLimits } from '../operations/change-providers.ts';
import type { ByHand } from '../operations/operator-log.ts';
import { listProviderStates } from '../operations/provider-states.ts';
import type { ProviderState } from '../operations/provider-states.ts';
import { InvalidInputError } from '../platform/errors.ts';
import { listAccounts } from '../providers/health/accounts.ts';
import type { ProviderAccount } from '../providers/health/accounts.ts';
import { callKinds, limitOf } from '../providers/health/limits.ts';
import type { CallKind } from '../providers/health/limits.ts';
import { table } from './output.ts';
import type { CommandOutput } from './output.ts';

/** `holdfast providers list`: whether each can be asked, what it has left, and what an operator has decided. */
export async function providersList(context: Context): Promise<CommandOutput> {
  const { db, credits, generations } = context;
  const [states, accounts] = await Promise.all([
    listProviderStates({ db, credits, generations }),
    listAccounts(db),
  ]);
  const byId = new Map(accounts.map((account) => [account.provider_id, account]));
  const providers = states.map((state) => {
    const account = byId.get(state.id);
    return {
      ...state,
      max_running: account?.max_running ?? null,
      alert_below_usd: account?.alert_below_usd == null ? null : Number(account.alert_below_usd),
      limits: Object.fromEntries(
        callKinds.map((kind) => [kind, limitOf(state.id, kind, account?.limits ?? {})]),
      ),
    };
  });
  return { json: { providers }, text: tableOf(states, byId) };
}

function tableOf(states: readonly ProviderState[], accounts: ReadonlyMap<string, ProviderAccount>): string {
  return table(
    [
      'provider',
      'state',
      'running',
      'queued',
      'balance',
      'left',
      'today',
      'cap',
      'at once',
      'submits',
      'questions',
    ],
    states.map((state) => {
      const account = accounts.get(state.id);
      const limits = account?.limits ?? {};
      return [
        state.id,
        stateOf(state),
        state.running,
        state.queued,
        state.balance === null
          ? null
          : state.balance.usd === null
            ? state.balance.units
            : dollars(state.balance.usd),
        state.days_left === null ? null : `${state.days_left} d`,
        dollars(state.spent_today_usd),
        state.daily_cap_usd === null ? null : dollars(state.daily_cap_usd),
        account?.max_running ?? null,
        limitWords(state.id, 'submit', limits),
        limitWords(state.id, 'status', limits),
      ];
    }),
  );
}

function stateOf(state: ProviderState): string {
  if (state.paused_reason !== null) return `paused: ${state.paused_reason}`;
  if (state.circuits.length > 0) {
    return state.circuits
      .map(({ model, reason }) => (model === '' ? reason : `${model}: ${reason}`))
      .join(', ');
  }
  return state.reachable ? 'well' : 'not set up here';
}

function limitWords(providerId: string, kind: CallKind, set: ProviderAccount['limits']): string | null {
  const limit = limitOf(providerId, kind, set);
  return limit === null ? null : `${limit.count}/${limit.seconds}s`;
}

function dollars(usd: number): string {
  return `$${usd.toFixed(2)}`;
}

/** `holdfast providers pause|resume <provider>`: the switch. */
export async function providersPause(
  context: Context,
  by: ByHand,
  id: string,
  reason: string | null,
): Promise<CommandOutput> {
  const text = reason?.trim() ?? null;
  if (text !== null && (text.length < 3 || text.length > 200)) {
    throw new InvalidInputError('reason_invalid', 'Say why, in 3 to 200 characters: people are shown it.', {
      field: 'reason',
    });
  }
  await known(context, id);
  await switchProvider(context, by, id, text);
  return {
    json: { provider: id, paused_reason: text },
    text:
      text === null
        ? `${id} is on: new requests are accepted, and what waits goes on.`
        : `${id} is off: new requests are refused, what is queued waits, what runs is finished.`,
  };
}

/** `holdfast providers cap <provider> <dollars>|none`. */
export async function providersCap(
  context: Context,
  by: ByHand,
  id: string,
  usd: number | null,
): Promise<CommandOutput> {
  await known(context, id);
  await capProviderByHand(context, by, id, usd);
  const text =
    usd === null
      ? `${id} has no cap.`
      : `${id} may cost ${dollars(usd)} from midnight UTC to midnight UTC; what is asked for beyond that waits.`;
  return { json: { provider: id, daily_cap_usd: usd }, text };
}

/** `holdfast providers limit <provider>`: tasks at once, calls in a time, the balance to be told at. What isn't given stays. */
export async function providersLimit(
  context: Context,
  by: ByHand,
  id: string,
  limits: ProviderLimits,
): Promise<CommandOutput> {
  await known(context, id);
  await limitProvider(context, by, id, limits);
  return providersList(context);
}

/** `holdfast providers retry <provider>`: closes what is open by hand, for who knows that it is over. */
export async function providersRetry(
  context: Context,
  by: ByHand,
  id: string,
  options: { model?: string },
): Promise<CommandOutput> {
  await known(context, id);
  const closed = await retryProvider(context, by, id, options.model ?? '');
  const what = options.model === undefined ? id : `${id}/${options.model}`;
  return {
    json: { provider: id, model: options.model ?? null, closed },
    text: closed ? `${what} is asked again; what waited goes on.` : `${what} was not held back.`,
  };
}

async function known(context: Context, id: string): Promise<void> {
  const states = await listProviderStates(context);
  if (states.some((state) => state.id === id) || context.generations.providers.has(id)) return;
  const ids = states.map((state) => state.id).join(', ');
  throw new InvalidInputError('provider_unknown', `There is no provider "${id}": there are ${ids}.`, { id });
}
