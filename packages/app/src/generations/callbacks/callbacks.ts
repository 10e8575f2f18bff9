import { createHash } from 'node:crypto';
import { clearAlert, raiseAlert } from '../../alerts/commands.ts';
import { ProviderError } from '../../providers/port.ts';
import type { WebhookVerdict } from '../../providers/port.ts';
import type { GenerationDeps } from '../deps.ts';

export interface IncomingCallback {
  readonly providerId: string;
  /** The last part of the address that was called. */
  readonly token: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Buffer;
  readonly now: Date;
}

/** `not_now`: whether it is genuine could not be found out; the provider calls again. */
export type CallbackOutcome = 'kept' | 'duplicate' | 'unknown' | 'forged' | 'not_now';

/** As many forged ones within that time make an operator look; one may be a slip. */
const alert_after = 10;
const window_ms = 10 * 60_000;
/** Quiet for so long: over. */
const quiet_ms = 3_600_000;

/**
 * Takes a provider's callback: found genuine, kept once, and whoever waits for it woken. Its words are never acted upon: they make somebody ask.
 * What is not genuine leaves nothing but a count. Idempotent per event.
 */
export async function receiveCallback(
  deps: GenerationDeps,
  call: IncomingCallback,
): Promise<CallbackOutcome> {
  const outcome = await receive(deps, call);
  deps.metrics.callback?.({ provider: known(deps, call.providerId), outcome });
  await watchForgeries(deps, call, outcome);
  return outcome;
}

async function receive(deps: GenerationDeps, call: IncomingCallback): Promise<CallbackOutcome> {
  const { providerId, token } = call;
  if (!deps.providers.has(providerId) || !(await isAttempt(deps, providerId, token))) return 'unknown';
  const provider = deps.providers.get(providerId);
  if (provider.verifyWebhook === undefined) return 'unknown';
  let verdict: WebhookVerdict;
  try {
    verdict = await provider.verifyWebhook({ attemptToken: token, ...call });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    deps.log.warn({ err: error, provider: providerId }, 'a callback could not be verified just now');
    return 'not_now';
  }
  if (!verdict.ok) {
    deps.log.warn({ provider: providerId, reason: verdict.reason }, 'a callback is not genuine');
    return 'forged';
  }
  const event = verdict.eventId ?? createHash('sha256').update(call.rawBody).digest('hex');
  const { rows } = await deps.db.query<{ outcome: 'kept' | 'duplicate' | 'unknown'; woken: string | null }>({
    name: 'receive_callback',
    text: 'select outcome, woken from holdfast.receive_callback($1, $2, $3, $4, $5)',
    // The token belongs to the key: what was sent to the wrong address must not keep out what comes to the right one.
    values: [providerId, token, `${token}/${event}`.slice(0, 500), verdict.taskId, verdict.trust],
  });
  const [done] = rows;
  if (done === undefined) throw new Error('a callback was neither kept nor refused');
  if (done.woken !== null) deps.wake.step(done.woken, 0);
  return done.outcome;
}

async function isAttempt(deps: GenerationDeps, providerId: string, token: string): Promise<boolean> {
  const { rowCount } = await deps.db.query({
    name: 'is_attempt',
    text: 'select from holdfast.attempt where token = $1 and provider_id = $2',
    values: [token, providerId],
  });
  return rowCount === 1;
}

/** Only names that are known become labels: a stranger must not be able to make as many as they like. */
function known(deps: GenerationDeps, providerId: string): string {
  return deps.providers.has(providerId) ? providerId : 'other';
}

interface Watch {
  forgedAtMs: number[];
  /** Whether this process may have an alert to clear: also one that an earlier process left open. */
  mayBeOpen: boolean;
}
const watches = new WeakMap<GenerationDeps['db'], Map<string, Watch>>();

async function watchForgeries(
  deps: GenerationDeps,
  { providerId, now }: IncomingCallback,
  outcome: CallbackOutcome,
): Promise<void> {
  if (outcome !== 'forged' && outcome !== 'kept') return;
  const ofDatabase = watches.get(deps.db) ?? new Map<string, Watch>();
  watches.set(deps.db, ofDatabase);
  const watch = ofDatabase.get(providerId) ?? { forgedAtMs: [], mayBeOpen: true };
  ofDatabase.set(providerId, watch);
  const key = `callbacks/forged/${providerId}`;
  if (outcome === 'kept') {
    const last = watch.forgedAtMs.at(-1) ?? 0;
    if (!watch.mayBeOpen || now.getTime() - last < quiet_ms) return;
    watch.mayBeOpen = false;
    await clearAlert(deps, key);
    return;
  }
  watch.forgedAtMs = [...watch.forgedAtMs, now.getTime()].slice(-alert_after);
  const oldest = watch.forgedAtMs[0] ?? 0;
  if (watch.forgedAtMs.length < alert_after || now.getTime() - oldest > window_ms) return;
  watch.forgedAtMs = watch.forgedAtMs.slice(-1);
  watch.mayBeOpen = true;
  await raiseAlert(deps, {
    key,
    severity: 'warning',
    title: `Callbacks that are not ${providerId}'s`,
    detail:
      `${alert_after} callbacks with a wrong signature came within ten minutes, for attempts that exist. Either the secret that ${providerId} signs with was exchanged ` +
      `and the setting here was not, or somebody knows addresses that only ${providerId} should. Nothing was believed; tasks are asked about as usual.`,
  });
}
