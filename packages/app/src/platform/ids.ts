import { randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new identifier: the type's prefix, an underscore, 26 characters of Crockford base32 (48 bits of milliseconds, then 80
 * random bits). Sorting by it sorts by time of creation, so that indexes grow at one end.
 */
export function newId(prefix: string, now = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  let bits = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let i = 0; i < 26; i += 1) {
    text = alphabet[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return `${prefix}_${text}`;
}

/** A secret that can't be guessed: 128 random bits, url-safe. */
export function newToken(): string {
  return randomBytes(16).toString('base64url');
}
