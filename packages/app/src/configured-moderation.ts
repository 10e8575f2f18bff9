import { createHttpModerator } from './moderation/http.ts';
import type { Moderation, Moderator } from './moderation/port.ts';
import { createWordList, readWordFile } from './moderation/word-list.ts';
import type { Config } from './platform/config.ts';
import type { Logger } from './platform/logger.ts';

const usual_strikes_per_day = 10;

/** What the settings ask for; undefined where they ask for nothing. @throws HoldfastError for a list that can't be read */
export function configuredModeration(config: Config, log: Logger): Moderation | undefined {
  const moderators: Moderator[] = [];
  const listed = [
    ...config.moderationWords,
    ...(config.moderationWordsFile === undefined ? [] : readWordFile(config.moderationWordsFile)),
  ];
  if (listed.length > 0) moderators.push(createWordList(listed));
  if (config.moderationUrl !== undefined) {
    moderators.push(
      createHttpModerator({
        url: config.moderationUrl,
        token: config.moderationToken,
        timeoutMs: config.moderationTimeoutMs,
        whenUnreachable: config.moderationWhenUnreachable,
        log,
      }),
    );
  }
  const strikesPerDay =
    config.moderationStrikesPerDay ?? (moderators.length === 0 ? 0 : usual_strikes_per_day);
  return moderators.length === 0 && strikesPerDay === 0 ? undefined : { moderators, strikesPerDay };
}
