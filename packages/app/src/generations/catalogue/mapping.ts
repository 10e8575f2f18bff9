import { z } from 'zod';

const place = z
  .string()
  .max(100)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*(\[\d{1,2}\])?$/, { error: 'a name such as image_url, or image_urls[0]' });

const constant = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string(), z.number(), z.boolean()])),
]);

const target = z.union([
  place,
  z.strictObject({
    to: place,
    /** The provider's word for each of ours. What has no word here is handed on as it is. */
    values: z.record(z.string(), constant).optional(),
    /** A number told as text (`"5"`), with a unit behind it where the provider wants one (`"5s"`). */
    text: z.strictObject({ suffix: z.string().max(10) }).optional(),
  }),
]);

/**
 * How a request is put into a provider's words: which input of ours goes where, and what is always added. What isn't named stays here.
 * Data of the model's row, so that an operator follows a provider's changes without a new version.
 */
export const mapping = z.strictObject({
  inputs: z.record(z.string(), target),
  constants: z.record(place, constant).optional(),
});
export type Mapping = z.infer<typeof mapping>;

export interface Mapped {
  readonly input: Record<string, unknown>;
  /** Our inputs that are files, by the provider's place for each. */
  readonly files: Record<string, string>;
}

/**
 * @param input what was asked for, checked and with defaults filled in
 * @param fileInputs names of those inputs of ours whose values are uploads
 * @throws z.ZodError for a mapping that is none
 */
export function applyMapping(
  stored: unknown,
  input: Readonly<Record<string, unknown>>,
  fileInputs: ReadonlySet<string>,
): Mapped {
  const mapped: Mapped = { input: {}, files: {} };
  if (stored === null) {
    for (const [name, value] of Object.entries(input)) {
      mapped.input[name] = value;
      if (fileInputs.has(name) && typeof value === 'string') mapped.files[name] = value;
    }
    return mapped;
  }
  const { inputs, constants = {} } = mapping.parse(stored);
  for (const [to, value] of Object.entries(constants)) put(mapped.input, to, value);
  for (const [name, how] of Object.entries(inputs)) {
    const value = input[name];
    if (value === undefined || value === null) continue;
    const to = typeof how === 'string' ? how : how.to;
    if (fileInputs.has(name)) {
      if (typeof value === 'string') mapped.files[to] = value;
    } else put(mapped.input, to, typeof how === 'string' ? value : translated(value, how));
  }
  return mapped;
}

function translated(
  value: unknown,
  how: { values?: Record<string, unknown>; text?: { suffix: string } },
): unknown {
  const word = how.values?.[String(value)];
  if (word !== undefined) return word;
  if (how.text === undefined || (typeof value !== 'number' && typeof value !== 'string')) return value;
  return `${value}${how.text.suffix}`;
}

function put(input: Record<string, unknown>, to: string, value: unknown): void {
  const [, list, position] = /^(.+)\[(\d{1,2})\]$/.exec(to) ?? [];
  if (list === undefined) {
    input[to] = value;
    return;
  }
  const known = input[list];
  const values: unknown[] = Array.isArray(known) ? [...(known as unknown[])] : [];
  values[Number(position)] = value;
  input[list] = values;
}
