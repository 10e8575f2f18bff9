/** What a view becomes in JSON: amounts are integers, instants are text. */
export type Plain<T> = T extends bigint
  ? number
  : T extends Date
    ? string
    : T extends readonly (infer Item)[]
      ? Plain<Item>[]
      : T extends object
        ? { -readonly [Key in keyof T]: Plain<T[Key]> }
        : T;

/**
 * Writes a view out for JSON: `bigint` as an exact integer, `Date` as ISO 8601 in UTC.
 * @throws RangeError for an amount beyond ±(2^53 - 1), which no account can hold
 */
export function plain<T>(value: T): Plain<T> {
  return convert(value) as Plain<T>;
}

function convert(value: unknown): unknown {
  if (typeof value === 'bigint') return exact(value);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(convert);
  const written: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) written[name] = convert(field);
  return written;
}

function exact(amount: bigint): number {
  const number = Number(amount);
  if (!Number.isSafeInteger(number))
    throw new RangeError(`${amount} credits can not be written exactly in JSON`);
  return number;
}
