import { z } from 'zod';
import { mapping } from './mapping.ts';

const text = z.string().trim().min(1).max(500);
const name = z.string().regex(/^[a-z][a-z0-9_]{0,49}$/, { error: 'a name such as prompt' });
const labelled = { name, label: text, required: z.boolean() };

const input = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    ...labelled,
    max_length: z.int().min(1).max(100_000),
    multiline: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('text_list'),
    ...labelled,
    max_items: z.int().min(1).max(100),
    max_length: z.int().min(1).max(10_000),
  }),
  z.strictObject({ type: z.literal('image'), ...labelled }),
  z.strictObject({
    type: z.literal('choice'),
    ...labelled,
    choices: z
      .array(z.strictObject({ value: text, label: text }))
      .min(1)
      .max(200),
    default: z.string().nullable(),
  }),
  z.strictObject({
    type: z.literal('number'),
    ...labelled,
    min: z.number(),
    max: z.number(),
    step: z.number(),
    default: z.number().nullable(),
  }),
]);

const template = z.strictObject({
  id: name,
  label: text,
  description: z.string().max(500),
  inputs: z.array(input).max(50),
});

const seconds = z.int().min(1).max(3_600);
const usd = z.number().min(0).max(10_000);

const model = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,79}$/, { error: 'lower case letters, digits, . _ and -' }),
    name: text,
    description: z.string().max(500),
    kind: z.enum(['video', 'image']),
    provider: text,
    provider_model: text,
    templates: z.array(template).min(1).max(20),
    aspect_ratios: z.array(z.enum(['9:16', '1:1', '16:9'])).min(1),
    seconds: z.strictObject({ min: seconds, max: seconds, default: seconds }).nullable(),
    allowed_seconds: z.array(seconds).min(1).nullable(),
    submit_timeout_seconds: z.int().min(1).max(300),
    deadline_seconds: z.int().min(10).max(86_400),
    run_timeout_seconds: z.int().min(10).max(86_400).nullable(),
    max_attempts: z.int().min(1).max(10),
    poll_seconds: z.number().min(0.1).max(600),
    provider_price_usd: usd.nullable(),
    /** Where that was read, and on which day. A file from before these were known leaves them out. */
    provider_price_source: z.string().trim().min(1).max(200).nullable().default(null),
    provider_price_read_on: z.iso.date().nullable().default(null),
    max_unknown_cost_usd: usd.nullable(),
    fallback_model_id: z.string().nullable(),
    mapping: mapping.nullable(),
    offered: z.boolean(),
    price: z.strictObject({
      credits_per_unit: z.int().min(0).max(1_000_000_000),
      policy: z.enum(['reserve', 'prepaid', 'postpaid']),
    }),
  })
  .superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  });

/** The catalogue as a file that an operator edits. What it doesn't name stays as it is. */
export const catalogueFile = z.strictObject({ version: z.literal(1), models: z.array(model).max(1_000) });
export type CatalogueFile = z.infer<typeof catalogueFile>;
export type CatalogueModel = CatalogueFile['models'][number];

/** What the table would refuse, as a sentence. */
function problemOf(value: {
  kind: 'video' | 'image';
  id: string;
  seconds: { min: number; max: number; default: number } | null;
  allowed_seconds: number[] | null;
  fallback_model_id: string | null;
}): string | null {
  if ((value.kind === 'image') !== (value.seconds === null)) return 'a video has seconds, an image has none';
  if (value.fallback_model_id === value.id) return 'a model is no fallback of its own';
  if (value.seconds === null)
    return value.allowed_seconds === null ? null : 'an image has no allowed_seconds';
  const { min, max } = value.seconds;
  if (min > value.seconds.default || value.seconds.default > max) return 'min <= default <= max in seconds';
  const allowed = value.allowed_seconds;
  if (allowed === null) return null;
  const ascending = allowed.every((each, index) => index === 0 || each > (allowed[index - 1] ?? 0));
  if (
    !ascending ||
    allowed[0] !== min ||
    allowed.at(-1) !== max ||
    !allowed.includes(value.seconds.default)
  ) {
    return 'allowed_seconds go up from min to max, and contain the default';
  }
  return null;
}
