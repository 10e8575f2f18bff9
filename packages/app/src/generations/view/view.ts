import type { Locale } from '../../platform/locale.ts';
import type { GenerationDeps } from '../deps.ts';
import { estimate, readPace } from '../estimate/eta.ts';
import type { Pace, Place } from '../estimate/eta-rules.ts';
import { placeOf, queueView } from '../estimate/queue-place.ts';
import { receiptOf } from './receipt.ts';
import type { GenerationRow, ViewedGeneration } from '../rows.ts';
import { cancellability, isFinal } from '../rules.ts';
import type { GenerationErrorView, GenerationView, OutputView } from './views.ts';
import { failureSentence, isWorthRetrying } from './words.ts';

/** A generation as the API shows it. */
export async function viewOf(deps: GenerationDeps, row: ViewedGeneration): Promise<GenerationView> {
  const pace = isFinal(row.state)
    ? null
    : await readPace(deps, { model: row.model_id, provider: row.provider_id });
  const place = await placeOf(deps, row);
  return {
    id: row.id,
    model: row.model_id,
    kind: row.kind,
    input: row.input,
    status: row.state,
    final: isFinal(row.state),
    can_cancel: cancellabilityOf(deps, row) !== 'no',
    progress: row.progress,
    queue_position: place === null ? null : place.ahead + 1,
    queue: place === null || pace === null ? null : queueView(place, pace),
    eta: pace === null ? null : etaView(row, place, pace),
    timeline: row.timeline.map(({ status, at }) => ({ status, at: new Date(at) })),
    receipt: receiptOf(row, deps.locale),
    outputs: row.outputs.map((output) => outputView(deps, output)),
    error: errorView(row, deps.locale),
    created_at: row.created_at,
    finished_at: row.finished_at,
    deadline_at: row.deadline_at,
    kept_until: keptUntil(row, deps.delivery.retentionDays ?? 0),
    locked: row.locked === true && row.outputs.length > 0 ? { credits: row.given_back ?? 0n } : null,
  };
}

function etaView(row: ViewedGeneration, place: Place | null, pace: Pace): GenerationView['eta'] {
  const range = estimate(row, place, pace);
  return range === null ? null : { from: range.from, to: range.to };
}

const day_ms = 86_400_000;

function keptUntil(row: Pick<ViewedGeneration, 'state' | 'finished_at'>, days: number): Date | null {
  if (days === 0 || row.state !== 'succeeded' || row.finished_at === null) return null;
  return new Date(row.finished_at.getTime() + days * day_ms);
}

export function cancellabilityOf(
  deps: GenerationDeps,
  row: Pick<GenerationRow, 'state' | 'cancel_requested_at' | 'provider_id'>,
): ReturnType<typeof cancellability> {
  return cancellability({
    status: row.state,
    cancelRequested: row.cancel_requested_at !== null,
    providerCanCancel:
      deps.providers.has(row.provider_id) && deps.providers.get(row.provider_id).capabilities.cancel,
  });
}

function outputView(deps: GenerationDeps, output: ViewedGeneration['outputs'][number]): OutputView {
  const { links } = deps.delivery;
  return {
    id: output.id,
    kind: output.kind,
    url: links.sign('file', output.id),
    poster_url: output.has_poster ? links.sign('poster', output.id) : null,
    download_url: links.sign('download', output.id),
    content_type: output.content_type,
    bytes: output.bytes,
    sha256: output.sha256,
    width: output.width,
    height: output.height,
    duration_seconds: output.duration_ms === null ? null : output.duration_ms / 1000,
  };
}

function errorView(row: ViewedGeneration, locale?: Locale): GenerationErrorView | null {
  if (row.error_code === null || row.error_class === null) return null;
  const failure = {
    code: row.error_code,
    class: row.error_class,
    captured: row.captured ?? 0n,
    released: row.released ?? 0n,
    refunded: row.refunded,
  };
  return {
    code: row.error_code,
    class: row.error_class,
    message: failureSentence(failure, locale),
    retryable: isWorthRetrying(row.error_class),
  };
}
