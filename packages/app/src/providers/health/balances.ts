import { clearAlert, raiseAlert } from '../../alerts/commands.ts';
import type { Db } from '../../platform/database.ts';
import { ProviderError } from '../port.ts';
import type { Provider } from '../port.ts';
import { burnOf, inDays } from './balance-rules.ts';
import type { BalancePoint, Burn } from './balance-rules.ts';
import { openCircuit } from './circuits.ts';
import type { HealthDeps } from './circuits.ts';
import { forgetGates } from './gate.ts';

export interface BalanceSettings {
  /** Fewer days than this at the rate of spending: an alert. */
  readonly alertDays: number;
  /** What the cheapest of what waits, or could be asked for, costs at a provider; null where nobody knows. */
  cheapestUsd(providerId: string): Promise<number | null>;
}

const every_seconds = 300;
/** While a circuit is open that a top-up or a new key would close. */
const every_seconds_while_open = 30;
const ask_timeout_ms = 15_000;
const keep = '31 days';

/**
 * Asks the providers that have a balance for it, each every few minutes by one of all workers; keeps it, tells the operator in good time,
 * and closes or opens what follows from it.
 */
export async function watchBalances(
  deps: HealthDeps,
  providers: readonly Provider[],
  settings: BalanceSettings,
): Promise<void> {
  await Promise.all(
    providers
      .filter((provider) => provider.capabilities.balance && provider.balance !== undefined)
      .map(async (provider) => {
        if (await claimQuestion(deps.db, provider.id)) await ask(deps, provider, settings);
      }),
  );
}

async function claimQuestion(db: Db, providerId: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'claim_balance',
    text: `insert into holdfast.provider_account as a (provider_id, balance_asked_at) values ($1, holdfast.clock())
           on conflict (provider_id) do update set balance_asked_at = holdfast.clock()
            where a.balance_asked_at is null
               or a.balance_asked_at <= holdfast.clock() - make_interval(secs => case
                    when exists (select from holdfast.provider_circuit c where c.provider_id = $1 and c.state = 'open'
                                    and c.provider_model = '' and c.reason in ('balance', 'auth')) then $3::double precision else $2::double precision end)`,
    values: [providerId, every_seconds, every_seconds_while_open],
  });
  return rowCount === 1;
}

async function ask(deps: HealthDeps, provider: Provider, settings: BalanceSettings): Promise<void> {
  const { db, log } = deps;
  let balance: { units: number; usd: number | null };
  try {
    balance = (await provider.balance?.(AbortSignal.timeout(ask_timeout_ms))) ?? { units: 0, usd: null };
  } catch (error) {
    log.warn({ err: error, provider: provider.id }, 'a balance could not be asked for');
    if (error instanceof ProviderError && provider.classify(error.error) === 'OPERATOR_AUTH') {
      const detail = `asked for the balance: ${error.error.code}: ${error.error.message}`;
      await openCircuit(deps, { providerId: provider.id, providerModel: '' }, { reason: 'auth', detail });
      return;
    }
    // Whatever waited for the balance to show credit is tried instead.
    await allowProbe(db, provider.id, 60);
    return;
  }
  await db.query('insert into holdfast.provider_balance (provider_id, units, usd) values ($1, $2, $3)', [
    provider.id,
    balance.units,
    balance.usd,
  ]);
  // The key was let in; with another price list than money, nothing more is known.
  await allowProbe(db, provider.id, 0, 'auth');
  if (balance.usd === null) return;
  await judge(deps, provider.id, balance.usd, settings);
}

async function judge(
  deps: HealthDeps,
  providerId: string,
  usd: number,
  settings: BalanceSettings,
): Promise<void> {
  const { db } = deps;
  const needed = await settings.cheapestUsd(providerId);
  if (usd <= 0 || (needed !== null && usd < needed)) {
    const least = needed === null ? 'anything' : `the cheapest request of $${needed.toFixed(4)}`;
    const detail = `its balance of $${usd.toFixed(4)} does not cover ${least}`;
    await openCircuit(deps, { providerId, providerModel: '' }, { reason: 'balance', detail });
    // It can't be over before the balance says so.
    await db.query(
      `update holdfast.provider_circuit set probe_at = null
        where provider_id = $1 and provider_model = '' and state = 'open' and reason = 'balance'`,
      [providerId],
    );
    forgetGates(db);
  } else {
    await allowProbe(db, providerId, 0, 'balance');
  }
  await tellDaysLeft(db, providerId, usd, settings);
}

/** A probe that waits for the balance, or for long, is due after so many seconds. */
async function allowProbe(
  db: Db,
  providerId: string,
  seconds: number,
  reason?: 'balance' | 'auth',
): Promise<void> {
  const { rowCount } = await db.query(
    `update holdfast.provider_circuit
        set probe_at = holdfast.clock() + make_interval(secs => $2)
      where provider_id = $1 and provider_model = '' and state = 'open'
        and case when $3::text is null then probe_at is null
                 when $3 = 'balance' then reason = 'balance' and probe_at is null
                 else reason = $3 and probes = 0 and probe_at > holdfast.clock() end`,
    [providerId, seconds, reason ?? null],
  );
  if (rowCount) forgetGates(db);
}

async function tellDaysLeft(
  db: Db,
  providerId: string,
  usd: number,
  settings: BalanceSettings,
): Promise<void> {
  const key = `provider/${providerId}/balance`;
  const { daysLeft } = await readBurn(db, providerId);
  const { rows } = await db.query<{ below: string | null }>(
    'select alert_below_usd as below from holdfast.provider_account where provider_id = $1',
    [providerId],
  );
  const below = rows[0]?.below == null ? null : Number(rows[0].below);
  const short = daysLeft !== null && daysLeft < settings.alertDays;
  if (!short && (below === null || usd >= below)) {
    await clearAlert({ db }, key);
    return;
  }
  const lasts = daysLeft === null ? '' : `, which lasts ${inDays(daysLeft)} at the present rate`;
  await raiseAlert(
    { db },
    {
      key,
      link: `/operator?provider=${encodeURIComponent(providerId)}`,
      severity: daysLeft !== null && daysLeft < 1 ? 'critical' : 'warning',
      title:
        daysLeft === null
          ? `${providerId} has $${usd.toFixed(2)} left`
          : `${providerId}: ${inDays(daysLeft)} left`,
      detail: `The account has $${usd.toFixed(2)}${lasts}. Top it up: once it is used up, what is asked for waits.`,
    },
  );
}

async function readBurn(db: Db, providerId: string): Promise<Burn> {
  const { rows } = await db.query<{ askedAt: Date; usd: string }>({
    name: 'balance_points',
    text: `select asked_at as "askedAt", usd from holdfast.provider_balance
            where provider_id = $1 and usd is not null and asked_at > holdfast.clock() - interval '7 days'
            order by asked_at, id`,
    values: [providerId],
  });
  const points: BalancePoint[] = rows.map(({ askedAt, usd }) => ({ askedAt, usd: Number(usd) }));
  return burnOf(points, points.at(-1)?.askedAt ?? new Date(0));
}

export interface ProviderBalance extends Burn {
  readonly units: number;
  readonly usd: number | null;
  readonly askedAt: Date;
}

/** The last that is known; null where it was never asked for. */
export async function readBalance(db: Db, providerId: string): Promise<ProviderBalance | null> {
  const { rows } = await db.query<{ units: number; usd: string | null; asked_at: Date }>(
    `select units, usd, asked_at from holdfast.provider_balance where provider_id = $1
      order by asked_at desc, id desc limit 1`,
    [providerId],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const usd = row.usd === null ? null : Number(row.usd);
  return { units: row.units, usd, askedAt: row.asked_at, ...(await readBurn(db, providerId)) };
}

/** Every provider's that was ever asked. */
export async function listBalances(db: Db): Promise<(ProviderBalance & { provider: string })[]> {
  const { rows } = await db.query<{ id: string }>(
    'select distinct provider_id as id from holdfast.provider_balance order by 1',
  );
  const all = await Promise.all(
    rows.map(async ({ id }) => ({ provider: id, balance: await readBalance(db, id) })),
  );
  return all.flatMap(({ provider, balance }) => (balance === null ? [] : [{ provider, ...balance }]));
}

export async function forgetOldBalances(db: Db): Promise<void> {
  await db.query(
    `delete from holdfast.provider_balance where id in (
       select id from holdfast.provider_balance where asked_at < holdfast.clock() - $1::interval limit 5000)`,
    [keep],
  );
}
