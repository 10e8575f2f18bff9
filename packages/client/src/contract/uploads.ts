import { z } from 'zod';
import { instant } from './common.ts';

/** `POST /api/uploads`: multipart/form-data with one part `file`, at most 25 MB. Re-encoded on arrival. */
export const upload = z.object({
  id: z.string(),
  content_type: z.string(),
  width: z.int(),
  height: z.int(),
  bytes: z.int(),
  sha256: z.string(),
  url: z.string(),
  created_at: instant,
});
export type Upload = z.infer<typeof upload>;
