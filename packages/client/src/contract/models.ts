import { z } from 'zod';
import { credits } from './common.ts';

export const kind = z.enum(['video', 'image']);
export const aspectRatio = z.enum(['9:16', '1:1', '16:9']);

/** One input of a model with its limits, enough to draw a form and to check it before sending. */
export const modelInput = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text'),
    name: z.string(),
    label: z.string(),
    required: z.boolean(),
    max_length: z.int(),
    multiline: z.boolean(),
  }),
  z.object({
    type: z.literal('text_list'),
    name: z.string(),
    label: z.string(),
    required: z.boolean(),
    max_items: z.int(),
    max_length: z.int(),
  }),
  z.object({ type: z.literal('image'), name: z.string(), label: z.string(), required: z.boolean() }),
  z.object({
    type: z.literal('choice'),
    name: z.string(),
    label: z.string(),
    required: z.boolean(),
    choices: z.array(z.object({ value: z.string(), label: z.string() })),
    default: z.string().nullable(),
  }),
  z.object({
    type: z.literal('number'),
    name: z.string(),
    label: z.string(),
    required: z.boolean(),
    min: z.number(),
    max: z.number(),
    step: z.number(),
    default: z.number().nullable(),
  }),
]);
export type ModelInput = z.infer<typeof modelInput>;

/** A thing one can make with a model: which of the model's inputs it uses. `prompt`, `reels`, `neurocard`, `photo`. */
export const modelTemplate = z.object({
  id: z.string(),
  label: z.string(),
  description: z.string(),
  inputs: z.array(modelInput),
});

export const model = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  kind,
  provider: z.string(),
  templates: z.array(modelTemplate),
  aspect_ratios: z.array(aspectRatio),
  /** Null for images. `choices` where not every whole second between the limits can be had. */
  duration_seconds: z
    .object({ min: z.int(), max: z.int(), default: z.int(), choices: z.array(z.int()).optional() })
    .nullable(),
  price: z.object({
    version: z.string(),
    unit: z.enum(['second', 'piece']),
    credits_per_unit: credits,
    policy: z.enum(['reserve', 'prepaid', 'postpaid']),
  }),
  /** What people should expect today; null until there are enough recent runs to say. */
  typical_wait_seconds: z.object({ from: z.int(), to: z.int() }).nullable(),
  /** False while its provider is paused: asking for it is refused, with the reason. */
  available: z.boolean(),
});
export type Model = z.infer<typeof model>;

export const modelList = z.object({ items: z.array(model) });

/** How a model does today. `GET /api/model-status`, for everybody. */
export const modelStatus = z.object({
  id: z.string(),
  name: z.string(),
  kind,
  /**
   * `degraded`: it works, and fails more often than it should. `recovering`: it was out, and is being tried. `waiting`: what is asked for waits for it, and nothing is charged meanwhile. `paused`: it can't be
   * asked for.
   */
  status: z.enum(['working', 'degraded', 'recovering', 'waiting', 'paused']),
  /** 0 to 1, of what ended in the last 24 hours and was not the person's own doing; null where nothing did. */
  success_rate: z.number().min(0).max(1).nullable(),
  /** From being picked up to the file, over the last 24 hours; null where nothing was delivered. */
  median_seconds: z.number().nullable(),
});
export type ModelStatus = z.infer<typeof modelStatus>;

export const modelStatusList = z.object({ items: z.array(modelStatus) });
