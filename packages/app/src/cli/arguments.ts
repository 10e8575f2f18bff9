import { InvalidArgumentError } from 'commander';

export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

/** The same, or the word "setting": as the settings say. */
export function wholeNumberOrSetting(least: number, most: number) {
  const number = wholeNumber(least, most);
  return (text: string): number | 'setting' => (text === 'setting' ? text : number(text));
}

/** Commander takes a null for an option that was left empty. */
export function orNone<T>(parse: (text: string) => T) {
  return (text: string): T | 'none' => (text === 'none' ? 'none' : parse(text));
}

export function nullForNone<T>(value: T | 'none'): T | null {
  return value === 'none' ? null : value;
}

export function dollars(text: string): number {
  if (/^[0-9]{1,7}(\.[0-9]{1,6})?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give dollars, such as 25 or 7.50.');
}

export function callLimit(text: string): { count: number; seconds: number } | 'none' | 'default' {
  if (text === 'none' || text === 'default') return text;
  const [, count, seconds] = /^([1-9][0-9]{0,5})\/([1-9][0-9]{0,4})$/.exec(text) ?? [];
  if (count !== undefined && seconds !== undefined) return { count: Number(count), seconds: Number(seconds) };
  throw new InvalidArgumentError('Give calls and seconds, such as 20/10; none; or default.');
}
