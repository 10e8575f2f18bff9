import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ensurePerson } from './commands.ts';
import type { AccountDeps } from './deps.ts';
import { UnauthenticatedError } from './errors.ts';
import { findKey, findSession, noteKeyUse } from './queries.ts';
import { everyScope, isDueWelcome, scopesOf } from './rules.ts';
import type { Person, Scope } from './rules.ts';
import { sessionCookieName } from './sign-in-names.ts';

/** Who asks, and by what right. */
export interface Identity {
  readonly person: Person;
  readonly via: 'session' | 'key';
  /** The session's or the key's id. */
  readonly credential: string;
  readonly scopes: readonly Scope[];
}

export interface Credentials {
  readonly cookie?: string | undefined;
  readonly authorization?: string | undefined;
  readonly apiKey?: string | undefined;
}

/**
 * Who these credentials speak for; null where there are none. A key wins over a cookie.
 * One read, and writes only where something is to be healed or a key's last use is to be noted (once a minute).
 * @throws UnauthenticatedError for credentials that are not valid (any more)
 */
export async function identify(deps: AccountDeps, credentials: Credentials): Promise<Identity | null> {
  const key = credentials.apiKey ?? bearer(credentials.authorization);
  if (key !== null) return identifyByKey(deps, key);
  const signed = cookieValue(credentials.cookie, sessionCookieName(deps.settings.publicUrl));
  if (signed === null) return null;
  return identifyBySession(deps, signed);
}

async function identifyByKey(deps: AccountDeps, key: string): Promise<Identity> {
  const found = await findKey(deps.db, hashKey(key));
  if (!found?.usable) {
    throw new UnauthenticatedError('key_invalid', 'This API key is not known, or it was revoked.');
  }
  if (found.expired)
    throw new UnauthenticatedError('key_expired', 'This API key has expired. Make a new one.');
  if (found.stale) await noteKeyUse(deps.db, found.keyId);
  await heal(deps, found);
  return { person: found.person, via: 'key', credential: found.keyId, scopes: scopesOf(found.permissions) };
}

async function identifyBySession(deps: AccountDeps, signed: string): Promise<Identity> {
  const token = verifyCookie(signed, deps.settings.secret);
  const found = token === null ? null : await findSession(deps.db, token);
  if (!found) {
    throw new UnauthenticatedError(
      'session_invalid',
      'This session is not known, or it was ended. Sign in again.',
    );
  }
  if (found.expired) {
    throw new UnauthenticatedError('session_expired', 'This session has expired. Sign in again.');
  }
  await heal(deps, found);
  return { person: found.person, via: 'session', credential: found.sessionId, scopes: everyScope };
}

/** What a crash left undone when this person signed up is done now. */
async function heal(deps: AccountDeps, found: { person: Person; known: boolean }): Promise<void> {
  const due = isDueWelcome(found.person, deps.settings.signUpCreditsNeedVerifiedEmail);
  if (!found.known || due) await ensurePerson(deps, found.person);
}

/** As the key's row keeps it. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

function bearer(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  const match = /^bearer +([\x21-\x7e]{1,200})$/i.exec(authorization);
  if (!match?.[1]) {
    throw new UnauthenticatedError('key_invalid', 'The Authorization header is not "Bearer" and a key.');
  }
  return match[1];
}

function cookieValue(header: string | undefined, name: string): string | null {
  if (header === undefined) return null;
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim() || null;
  }
  return null;
}

/** The token out of `token.signature`, or null where the signature is not ours. */
function verifyCookie(cookie: string, secret: string): string | null {
  let value: string;
  try {
    value = decodeURIComponent(cookie);
  } catch {
    return null;
  }
  const dot = value.lastIndexOf('.');
  if (dot < 1) return null;
  const expected = createHmac('sha256', secret).update(value.slice(0, dot)).digest();
  const given = Buffer.from(value.slice(dot + 1), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected) ? value.slice(0, dot) : null;
}
