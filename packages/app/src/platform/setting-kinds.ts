import { isIP } from 'node:net';
import { z } from 'zod';

/** One environment variable: what it is called, what it may be, what it is when unset, and what it does. */
export interface Setting<T> {
  readonly variable: string;
  readonly about: string;
  readonly schema: z.ZodType<T, string>;
  /** Undefined where unset is a value of its own. */
  readonly fallback: T;
  /** How the fallback reads in a list, where it isn't the value itself. */
  readonly fallbackText?: string;
  /** Never shown. */
  readonly secret?: boolean;
}

export function setting<T>(
  variable: string,
  about: string,
  schema: z.ZodType<T, string>,
  fallback: NoInfer<T>,
  more: Partial<Setting<T>> = {},
): Setting<T> {
  return { variable, about, schema, fallback, ...more };
}

export function optional<T>(
  variable: string,
  about: string,
  schema: z.ZodType<T, string>,
  more: Partial<Setting<T | undefined>> = {},
): Setting<T | undefined> {
  return { variable, about, schema, fallback: undefined, fallbackText: 'unset', ...more };
}

export const words = z.string();

export function integer(least: number, most: number): z.ZodType<number, string> {
  const sentence = `a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, { error: sentence })
    .transform(Number)
    .pipe(z.number().min(least, { error: sentence }).max(most, { error: sentence }));
}

export function credits(least: bigint): z.ZodType<bigint, string> {
  const sentence = `a whole number of credits from ${least} to 1000000000`;
  return z
    .string()
    .regex(/^\d{1,10}$/, { error: sentence })
    .transform(BigInt)
    .pipe(z.bigint().min(least, { error: sentence }).max(1_000_000_000n, { error: sentence }));
}

export function url(protocols: readonly string[], sentence: string): z.ZodType<string, string> {
  return z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), { error: sentence });
}

/** Where a service answers: paths are put behind it, so it ends without a slash. */
export const serviceUrl = url(['http:', 'https:'], 'an address such as https://api.example.com').transform(
  (text) => text.replace(/\/+$/, ''),
);

/** A decimal number in its usual form; for factors and prices of vendors, never for credits. */
export function decimal(least: number, most: number): z.ZodType<number, string> {
  const sentence = `a number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/, { error: sentence })
    .transform(Number)
    .pipe(z.number().min(least, { error: sentence }).max(most, { error: sentence }));
}

export const postgresUrl = url(
  ['postgres:', 'postgresql:'],
  'an address such as postgres://user:password@host:5432/database',
);

export const yesOrNo = z
  .enum(['yes', 'no', 'true', 'false', '1', '0', 'on', 'off'], { error: 'yes or no' })
  .transform((text) => ['yes', 'true', '1', 'on'].includes(text));

export const addresses = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine((parts) => parts.every(isAddress), {
    error: 'a list of addresses or networks with commas between, such as 10.0.0.1,192.168.0.0/16 or loopback',
  });

function isAddress(text: string): boolean {
  if (text === 'loopback') return true;
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
