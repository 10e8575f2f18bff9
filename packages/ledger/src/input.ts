import { MisuseError } from './errors.ts';
import type { Expiry, Write } from './types/requests.ts';
import type { Metadata } from './types/words.ts';

const maxAmount = 1_000_000_000_000_000n;

/** What can be sent as a parameter by any driver. */
export type Value = string | number | boolean | null;

export function amountValue(amount: unknown, name = 'amount'): string {
  if (typeof amount !== 'bigint' || amount < 0n || amount > maxAmount) {
    throw new MisuseError('amount_invalid', `${name} is a bigint from 0 to ${maxAmount}`, {
      field: name,
      amount: String(amount).slice(0, 100),
    });
  }
  return amount.toString();
}

export function optionalAmount(amount: unknown, name = 'amount'): string | null {
  return amount === undefined || amount === null ? null : amountValue(amount, name);
}

/** Text that Postgres can store and give back unchanged. */
export function textValue(value: unknown, name: string, longest: number): string {
  if (
    typeof value !== 'string' ||
    value === '' ||
    value.length > longest ||
    value.includes('\0') ||
    !value.isWellFormed()
  ) {
    throw new MisuseError(
      name === 'key' ? 'key_invalid' : 'request_invalid',
      `${name} is a text of 1 to ${longest} characters`,
      { field: name },
    );
  }
  return value;
}

export function idValue(value: unknown, name: 'hold' | 'lot'): string {
  if (typeof value !== 'string' || !/^[1-9][0-9]{0,17}$/.test(value)) {
    throw new MisuseError(name === 'hold' ? 'hold_not_found' : 'lot_not_found', `no such ${name}`, {
      [name]: String(value).slice(0, 100),
    });
  }
  return value;
}

export function wholeNumber(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new MisuseError('request_invalid', `${name} is a whole number`, {
      field: name,
      value: String(value).slice(0, 100),
    });
  }
  return value;
}

export function timeValue(value: unknown, name: string): string {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
    throw new MisuseError('request_invalid', `${name} is a valid Date`, { field: name });
  }
  return value.toISOString();
}

export function optionalTime(value: unknown, name: string): string | null {
  return value === undefined || value === null ? null : timeValue(value, name);
}

/** [expires_at, valid_for] */
export function expiryValues(expiry: Expiry, name: string): [string | null, string | null] {
  if (expiry.validFor === undefined) {
    return [optionalTime(expiry.expiresAt, `${name}expiresAt`), null];
  }
  const { months = 0, days = 0, seconds = 0 } = expiry.validFor;
  for (const part of [months, days, seconds]) {
    if (wholeNumber(part, `${name}validFor`) < 0 || part > 10_000_000_000) {
      throw new MisuseError('request_invalid', `${name}validFor is out of range`, {
        field: `${name}validFor`,
      });
    }
  }
  return [null, `${months} months ${days} days ${seconds} seconds`];
}

export function metadataValue(metadata: Metadata | undefined): string | null {
  if (metadata === undefined || metadata === null) {
    return null;
  }
  let text: string | undefined;
  try {
    text = JSON.stringify(metadata);
  } catch (error) {
    throw new MisuseError(
      'request_invalid',
      'metadata is a JSON object of at most 8 KB',
      { field: 'metadata' },
      error,
    );
  }
  if (
    typeof metadata !== 'object' ||
    text === undefined ||
    text.length > 8192 ||
    text.includes(String.raw`\u0000`)
  ) {
    throw new MisuseError('request_invalid', 'metadata is a JSON object of at most 8 KB', {
      field: 'metadata',
    });
  }
  return text;
}

/** [reference, metadata, event_at]: the last parameters of every write. */
export function labels(request: Pick<Write, 'reference' | 'metadata' | 'eventAt'>): Value[] {
  return [
    request.reference === undefined ? null : textValue(request.reference, 'reference', 200),
    metadataValue(request.metadata),
    optionalTime(request.eventAt, 'eventAt'),
  ];
}

/** [account, key]: the first parameters of every write. */
export function target(request: Pick<Write, 'account' | 'key'>): Value[] {
  return [textValue(request.account, 'account', 200), textValue(request.key, 'key', 200)];
}
