import { randomBytes } from 'node:crypto';
import { HoldfastClient } from '@holdfast/client';
import { HoldfastError } from '../../platform/errors.ts';

export interface DemoPerson {
  readonly email: string;
  readonly password: string;
  /** The API as this person, by a key of their own. */
  readonly client: HoldfastClient;
}

/**
 * Signs a person up as the web app does, and makes them an API key, which is how a program works for them from then on.
 * @param baseUrl where the server listens: its public address may not be reachable from the machine itself
 * @param origin the public address, which the sign-in compares
 */
export async function signUpDemoPerson(baseUrl: string, origin: string): Promise<DemoPerson> {
  const email = 'demo@holdfast.example';
  const password = randomBytes(9).toString('base64url');
  const response = await fetch(`${baseUrl}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ name: 'Demo', email, password }),
  });
  if (!response.ok) {
    throw new HoldfastError(
      'demo_sign_up_failed',
      `The demo person could not sign up: the server answered ${response.status} ${await response.text()}`,
    );
  }
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const session = new HoldfastClient({ baseUrl, headers: { cookie, origin } });
  const { key } = await session.createKey({ name: 'demo', scopes: ['read', 'write'] });
  return { email, password, client: new HoldfastClient({ baseUrl, apiKey: key }) };
}
