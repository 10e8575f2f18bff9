import { findUploadFile } from '../../delivery/uploads.ts';
import { HoldfastError } from '../../platform/errors.ts';
import { ModeratorUnreachableError } from '../../moderation/port.ts';
import type { Verdict } from '../../moderation/port.ts';
import { noteStrike, readStanding } from '../../moderation/strikes.ts';
import type { RawProviderError } from '../../providers/port.ts';
import type { GenerationDeps } from '../deps.ts';
import type { CheckedInput } from '../catalogue/input-rules.ts';
import type { GenerationRow } from '../rows.ts';
import { wordsIn } from '../view/words.ts';

/** `moderation_refused`, or `moderation_paused` with `retry_after_seconds`. Nothing was held. */
export class ModerationError extends HoldfastError {}

/** What a moderator may take altogether before the step goes on without it. */
const submit_timeout_ms = 8_000;

/**
 * Before anything is held: is this person paused, and does what costs nothing to ask say no? A request that was answered before is left to
 * its first answer. Nothing is asked, and the database isn't either, where nothing is set.
 * @throws ModerationError
 */
export async function moderateRequest(
  deps: GenerationDeps,
  request: { personId: string; command: string; key: string; input: CheckedInput },
): Promise<void> {
  const { moderation } = deps;
  if (moderation === undefined) return;
  const { personId, command, key, input } = request;
  const standing = await readStanding(deps.db, { personId, command, key, most: moderation.strikesPerDay });
  if (standing.answered) return;
  const { refusals: say } = wordsIn(deps.locale ?? 'en');
  if (standing.pausedSeconds > 0) {
    const seconds = Math.ceil(standing.pausedSeconds);
    throw new ModerationError('moderation_paused', say.moderation_paused(waitOf(seconds)), {
      retry_after_seconds: seconds,
    });
  }
  const content = { text: textOf(input), image: null };
  for (const moderator of moderation.moderators) {
    if (moderator.asked !== 'acceptance') continue;
    const verdict = await moderator.judge(content, AbortSignal.timeout(submit_timeout_ms));
    if (verdict.allowed) continue;
    await noteStrike(deps.db, {
      personId,
      key: `${command} ${key}`,
      moderator: moderator.id,
      reason: verdict.reason,
    });
    deps.log.info(
      { person: personId, moderator: moderator.id, reason: verdict.reason },
      'a request was declined',
    );
    throw new ModerationError('moderation_refused', say.moderation_refused);
  }
}

/**
 * In the submit step, before anything leaves for the provider. Null: go on. What is refused here has failed as a provider's refusal does, and
 * counts among the person's strikes by that.
 */
export async function moderateAttempt(
  deps: GenerationDeps,
  row: GenerationRow,
  signal: AbortSignal,
): Promise<{ error: RawProviderError; errorClass: 'USER_POLICY' | 'TRANSIENT' } | null> {
  const asked = deps.moderation?.moderators.filter((each) => each.asked === 'submit') ?? [];
  if (asked.length === 0) return null;
  const { image } = row.input;
  const content = {
    text: textOf(row.input),
    image: image === undefined ? null : await findUploadFile(deps.delivery, image),
  };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(submit_timeout_ms)]);
  for (const moderator of asked) {
    let verdict: Verdict;
    try {
      verdict = await moderator.judge(content, limit);
    } catch (error) {
      if (!(error instanceof ModeratorUnreachableError) && !limit.aborted) throw error;
      const message = `${moderator.id}: ${error instanceof Error ? error.message : String(error)}`;
      return { error: { code: 'moderation_unreachable', message }, errorClass: 'TRANSIENT' };
    }
    if (verdict.allowed) continue;
    const error = { code: 'moderation_refused', message: `${moderator.id}: ${verdict.reason}` };
    return { error, errorClass: 'USER_POLICY' };
  }
  return null;
}

const not_written: ReadonlySet<string> = new Set(['image', 'template', 'aspect_ratio', 'style']);

/** Everything a person wrote, whatever the input is called. */
export function textOf(input: CheckedInput): string {
  return Object.entries(input)
    .filter(([name]) => !not_written.has(name))
    .flatMap(([, value]: [string, unknown]) => (Array.isArray(value) ? (value as unknown[]) : [value]))
    .filter((value): value is string => typeof value === 'string')
    .join('\n');
}

function waitOf(seconds: number): { unit: 'minute' | 'hour'; amount: number } {
  return seconds < 3_600
    ? { unit: 'minute', amount: Math.ceil(seconds / 60) }
    : { unit: 'hour', amount: Math.ceil(seconds / 3_600) };
}
