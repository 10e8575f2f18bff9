import { z } from 'zod';
import { instant } from './common.ts';

/** `read` sees everything of its person's; `write` also spends: quotes, generations, uploads. */
export const apiKeyScope = z.enum(['read', 'write']);
export type ApiKeyScope = z.infer<typeof apiKeyScope>;

/** `POST /api/keys`. Only a signed-in person makes keys; a key can't make another. */
export const apiKeyRequest = z.strictObject({
  name: z.string().trim().min(1).max(32),
  scopes: z.array(apiKeyScope).min(1).max(2).default(['read', 'write']),
  /** Whole days, 1 to 365; null or absent: until it is revoked. */
  expires_in_days: z.int().min(1).max(365).nullish(),
});
export type ApiKeyRequest = z.input<typeof apiKeyRequest>;

export const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  /** Its first characters, to recognise it by. */
  start: z.string(),
  scopes: z.array(apiKeyScope),
  /** To the minute. */
  last_used_at: instant.nullable(),
  expires_at: instant.nullable(),
  created_at: instant,
});
export type ApiKey = z.infer<typeof apiKey>;

/** The only answer that ever contains the key itself. */
export const newApiKey = apiKey.extend({ key: z.string() });
export type NewApiKey = z.infer<typeof newApiKey>;
export const apiKeyList = z.object({ items: z.array(apiKey) });
