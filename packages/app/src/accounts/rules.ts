import type { Locale } from '../platform/locale.ts';

export type Role = 'creator' | 'operator';
export type Scope = 'read' | 'write';

export const everyScope: readonly Scope[] = ['read', 'write'];

/** The person's own row, with the mail address where they have one. */
export interface Person {
  readonly id: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly name: string;
  readonly role: Role;
  /** What they chose to be told things in; null where they chose nothing. */
  readonly locale: Locale | null;
  /** When the sign-up credits were granted. */
  readonly welcomedAt: Date | null;
  readonly createdAt: Date;
}

/** Shorter passwords are refused; the longest is 128, as hashing costs by length. */
export const passwordMinLength = 10;
export const passwordMaxLength = 128;

const tooCommon = new Set([
  'password12',
  'password123',
  'password1234',
  '1234567890',
  '12345678910',
  '0123456789',
  'qwertyuiop',
  'qwerty123456',
  'iloveyou12',
  'letmein123',
  'administrator',
  'changeme123',
]);

/** Why a password can't be taken, or null. Length is checked elsewhere. */
export function passwordWeakness(password: string, email: string): string | null {
  const lower = password.toLowerCase();
  if (new Set(lower).size < 4) return 'It repeats too few characters.';
  if (tooCommon.has(lower)) return 'It is one of the passwords that are tried first.';
  if (lower === email.toLowerCase()) return 'It is the mail address.';
  return null;
}

/** Whether what a new person starts with can be granted now. */
export function isDueWelcome(
  person: Pick<Person, 'welcomedAt' | 'email' | 'emailVerified'>,
  needsVerifiedEmail: boolean,
): boolean {
  if (person.welcomedAt) return false;
  return !needsVerifiedEmail || person.email === null || person.emailVerified;
}

/** Scopes as a key's row keeps them. Unknown ones grant nothing. */
export function scopesOf(permissions: string | null): readonly Scope[] {
  if (permissions === null) return [];
  const parsed = JSON.parse(permissions) as { holdfast?: unknown };
  const named = Array.isArray(parsed.holdfast) ? parsed.holdfast : [];
  return everyScope.filter((scope) => named.includes(scope));
}
