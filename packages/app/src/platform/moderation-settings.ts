import { z } from 'zod';
import { integer, optional, setting, url, words } from './setting-kinds.ts';

/** What people ask for can be looked at before a paid provider sees it. Off unless one of these is set. */
export const moderationSettings = {
  moderationWords: setting<string[]>(
    'MODERATION_WORDS',
    'Words that a request may not contain, with commas between; bad* is every word that begins so.',
    z.string().transform((text) => text.split(',').map((word) => word.trim())),
    [],
    { fallbackText: 'none' },
  ),
  moderationWordsFile: optional(
    'MODERATION_WORDS_FILE',
    'The same from a file: one in each line, # begins a remark. Read at the start.',
    words,
  ),
  moderationUrl: optional(
    'MODERATION_URL',
    'A service that is asked before anything is submitted: POST {text, image?: {content_type, data}}, answered by {allowed, reason}.',
    url(['http:', 'https:'], 'an address such as https://moderation.example.com/check'),
  ),
  moderationToken: optional(
    'MODERATION_TOKEN',
    'Sent to it as a bearer token.',
    z.string().min(8, { error: 'at least 8 characters' }),
    { secret: true },
  ),
  moderationTimeoutMs: setting(
    'MODERATION_TIMEOUT_MS',
    'How long it may take to answer, in milliseconds.',
    integer(100, 7_000),
    4_000,
  ),
  moderationWhenUnreachable: setting<'allow' | 'wait'>(
    'MODERATION_WHEN_UNREACHABLE',
    'Where it gives no answer: allow (submit without one), or wait (try again until the deadline).',
    z.enum(['allow', 'wait'], { error: 'allow or wait' }),
    'wait',
  ),
  moderationStrikesPerDay: optional(
    'MODERATION_STRIKES_PER_DAY',
    'Refusals of one person in a day, by us or by providers, after which their new requests are paused; 0 is never. Unset: 10, where any moderation is set.',
    integer(0, 1_000),
  ),
} as const;
