import { z } from 'zod';
import { credits } from './common.ts';
import { kind } from './models.ts';

/** The doors that existing front ends already call. Thin routes over the same commands as the API. */
const asked = {
  kind: kind.optional(),
  model: z.string().min(1).max(80).optional(),
  tier: z.enum(['standard', 'pro']).optional(),
  duration_seconds: z.int().min(1).max(3_600).optional(),
  /** How many, where the model makes several. */
  count: z.int().min(1).max(16).optional(),
};

export const calculateCostRequest = z.strictObject(asked);
export const calculateCostAnswer = z.object({
  total_credits: credits,
  credits_per_second: credits.nullable(),
  duration_seconds: z.int().nullable(),
  credits_balance: credits,
  sufficient: z.boolean(),
  shortfall: credits,
});

export const generateRequest = z.strictObject({
  ...asked,
  prompt: z.string().min(1).max(5_000),
  image: z.string().max(80).optional(),
});
export const generateAnswer = z.object({ job_id: z.string(), status: z.literal('PENDING'), credits });

export const jobStatus = z.object({
  job_id: z.string(),
  status: z.enum(['PENDING', 'PROCESSING', 'SUCCESS', 'FAILURE']),
  progress: z.number(),
  video_url: z.string().optional(),
  error: z.string().optional(),
  credits_charged: credits,
  credits_returned: credits,
});

export const generateVideoRequest = z.strictObject({
  prompt: z.string().min(1).max(5_000),
  model: z.string().min(1).max(80),
  duration: z.int().min(1).max(3_600).optional(),
  image: z.string().max(80).optional(),
});
export const taskAccepted = z.object({ taskId: z.string(), status: z.literal('processing') });
export const taskStatus = z.object({
  taskId: z.string(),
  status: z.enum(['processing', 'completed', 'failed']),
  progress: z.number(),
  videoUrl: z.string().optional(),
  error: z.string().optional(),
  creditsCharged: credits,
});
