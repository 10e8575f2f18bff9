import { openCircuit } from '../../providers/health/circuits.ts';
import type { CircuitKey } from '../../providers/health/circuits.ts';
import { pushBack } from '../../providers/health/tokens.ts';
import type { ErrorClass, Provider, RawProviderError } from '../../providers/port.ts';
import type { GenerationDeps } from '../deps.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';

/** Where a vendor says "too much" and not for how long. */
const usual_push_back_seconds = 5;
const longest_push_back_seconds = 300;

/**
 * What a failed attempt says of its provider, before the generation goes back into the queue: whatever waits there must not run into the
 * same at once.
 */
export async function holdBack(
  deps: GenerationDeps,
  row: GenerationRow,
  attempt: AttemptRow,
  failure: { error: RawProviderError; errorClass: ErrorClass; detail: string },
): Promise<void> {
  const { error, errorClass, detail } = failure;
  const since = attempt.submit_started_at;
  const whole = { providerId: row.provider_id, providerModel: '' };
  switch (errorClass) {
    case 'OPERATOR_BALANCE':
      await openCircuit(deps, whole, { reason: 'balance', detail, since });
      return;
    case 'OPERATOR_AUTH':
      await openCircuit(deps, whole, { reason: 'auth', detail, since });
      return;
    case 'OPERATOR_CONFIG':
      await openCircuit(
        deps,
        { providerId: row.provider_id, providerModel: row.provider_model },
        { reason: 'config', detail, since },
      );
      return;
    case 'TRANSIENT':
      if (isThrottled(error)) await pushBack(deps.db, row.provider_id, 'submit', secondsAskedFor(error));
      return;
    case 'SYSTEM':
    case 'UNKNOWN':
    case 'USER_INPUT':
    case 'USER_POLICY':
    case 'CANCELLED':
      return;
    default:
      throw new Error(`unknown class of error ${String(errorClass satisfies never)}`);
  }
}

/** What a question that failed says of its provider: too many of them, or a key that is refused. */
export async function holdBackQuestions(
  deps: GenerationDeps,
  provider: Pick<Provider, 'id' | 'classify'>,
  error: RawProviderError,
  askedAt: Date | undefined,
): Promise<void> {
  if (isThrottled(error)) {
    await pushBack(deps.db, provider.id, 'status', secondsAskedFor(error));
  } else if (provider.classify(error) === 'OPERATOR_AUTH') {
    const detail = `${error.code}: ${error.message}`;
    await openCircuit(
      deps,
      { providerId: provider.id, providerModel: '' },
      { reason: 'auth', detail, since: askedAt },
    );
  }
}

function isThrottled(error: RawProviderError): boolean {
  return error.httpStatus === 429 || /(^|_)429$/.test(error.code);
}

/** As the vendor says in its words ("resets in ~30s"). */
export function secondsAskedFor(error: RawProviderError): number {
  const words = /(?:resets?|retry|again) (?:in|after) ~?(\d{1,4}(?:\.\d+)?) ?s/i.exec(error.message)?.[1];
  const seconds = error.retryAfterSeconds ?? (words === undefined ? usual_push_back_seconds : Number(words));
  return Math.min(longest_push_back_seconds, Math.max(1, seconds));
}

const window_minutes = 5;
const fewest_failures = 5;
const fewest_people = 2;

/**
 * After a failure that is neither a person's nor the operator's: where most of what ended in the last minutes ended so, the circuit opens for
 * a short while. Several people must be affected: one alone could bring it about with odd requests.
 */
export async function watchFailures(
  deps: GenerationDeps,
  row: Pick<GenerationRow, 'provider_id' | 'provider_model'>,
  errorClass: ErrorClass,
): Promise<void> {
  if (errorClass === 'TRANSIENT') {
    await openWhereFailing(deps, { providerId: row.provider_id, providerModel: '' });
  } else if (errorClass === 'SYSTEM' || errorClass === 'UNKNOWN') {
    await openWhereFailing(deps, { providerId: row.provider_id, providerModel: row.provider_model });
  }
}

/** The same for submits that nobody knows the outcome of, which may go on for an hour before they end: each could cost the operator. */
export async function watchUnknowns(deps: GenerationDeps): Promise<void> {
  const { rows } = await deps.db.query<{ providerId: string; providerModel: string }>({
    name: 'many_unknowns',
    text: `select provider_id as "providerId", provider_model as "providerModel" from holdfast.attempt
            where state = 'submit_unknown' and provider_id = any($1) and provider_model is not null
              and submit_started_at > holdfast.clock() - make_interval(mins => $2)
            group by 1, 2 having count(*) >= $3`,
    values: [deps.providers.all().map(({ id }) => id), window_minutes, fewest_failures],
  });
  for (const key of rows) await openWhereFailing(deps, key);
}

async function openWhereFailing(deps: GenerationDeps, key: CircuitKey): Promise<void> {
  const ofProvider = key.providerModel === '';
  const { rows } = await deps.db.query<{ failed: number; people: number; fine: number; last: string | null }>(
    {
      name: 'recent_failures',
      text: `with recent as (
             select a.*, g.person_id,
                    a.state in ('failed', 'submit_unknown') and a.error_code !~ '429$' and a.error_class = any($3) as bad,
                    a.state = 'succeeded' or a.error_class in ('USER_INPUT', 'USER_POLICY') as good
               from holdfast.attempt a
               join holdfast.generation g on g.id = a.generation_id
               left join holdfast.provider_circuit c on c.provider_id = $1 and c.provider_model = $2
              where a.provider_id = $1 and ($2 = '' or a.provider_model = $2)
                and (a.ended_at > holdfast.clock() - make_interval(mins => $4)
                     or (a.state = 'submit_unknown'
                         and a.submit_started_at > holdfast.clock() - make_interval(mins => $4)))
                and (c.closed_at is null or a.submit_started_at > c.closed_at)
           )
           select (count(*) filter (where bad))::integer as failed,
                  (count(distinct person_id) filter (where bad))::integer as people,
                  (count(*) filter (where good))::integer as fine,
                  (array_agg(error_detail order by submit_started_at desc) filter (where bad))[1] as last
             from recent`,
      values: [
        key.providerId,
        key.providerModel,
        ofProvider ? ['TRANSIENT'] : ['SYSTEM', 'UNKNOWN'],
        window_minutes,
      ],
    },
  );
  const facts = rows[0];
  if (!facts || facts.failed < fewest_failures || facts.people < fewest_people) return;
  if (facts.failed <= facts.fine) return;
  await openCircuit(deps, key, {
    reason: 'failures',
    detail: `${facts.failed} failures and ${facts.fine} successes in ${window_minutes} minutes, the last: ${facts.last ?? 'unknown'}`,
  });
}
