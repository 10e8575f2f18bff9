import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApiKey, listApiKeys, revokeApiKey } from '../../src/accounts/api-keys.ts';
import { setRole } from '../../src/accounts/commands.ts';
import { identify } from '../../src/accounts/identify.ts';
import { cookiesOf, createSignInWorld } from '../support/sign-in.ts';
import type { SignInWorld } from '../support/sign-in.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
let app: SignInWorld;
let personId: string;
let cookie: string;

beforeAll(async () => {
  world = await createWorld();
  app = createSignInWorld(world);
  const body = { name: 'Grace', email: 'grace@example.com', password: 'correct horse battery' };
  const response = await app.post('/sign-up/email', body);
  personId = ((await response.json()) as { user: { id: string } }).user.id;
  cookie = cookiesOf(response);
});
afterAll(async () => {
  await app.settle();
  await world.close();
});

const wish = { name: 'ci', scopes: ['read', 'write'] as const, expiresInDays: null };

test('a key speaks for its person, as a bearer token or in its own header', async () => {
  const { key, start, id } = await createApiKey(app.accounts, { ...wish, personId });
  expect(key).toMatch(/^hf_[A-Za-z]{43}$/);
  expect(key.startsWith(start)).toBe(true);
  for (const credentials of [{ authorization: `Bearer ${key}` }, { apiKey: key }]) {
    const identity = await identify(app.accounts, credentials);
    expect(identity).toMatchObject({
      via: 'key',
      credential: id,
      scopes: ['read', 'write'],
      person: { id: personId },
    });
  }
  const { rows } = await world.admin.query('select * from auth.api_key where id = $1', [id]);
  expect(JSON.stringify(rows)).not.toContain(key);
});

test('a key has the scopes it was made with', async () => {
  const { key } = await createApiKey(app.accounts, { ...wish, scopes: ['read'], personId });
  expect(await identify(app.accounts, { apiKey: key })).toMatchObject({ scopes: ['read'] });
});

test('a key is not limited to ten requests a day', async () => {
  const { key } = await createApiKey(app.accounts, { ...wish, personId });
  for (let use = 0; use < 25; use += 1) expect(await identify(app.accounts, { apiKey: key })).not.toBeNull();
});

test('an expired, a revoked and an unknown key are refused, each by its code', async () => {
  const expired = await createApiKey(app.accounts, { ...wish, expiresInDays: 1, personId });
  await world.admin.query(`update auth.api_key set expires_at = now() - interval '1 second' where id = $1`, [
    expired.id,
  ]);
  await expect(identify(app.accounts, { apiKey: expired.key })).rejects.toMatchObject({
    code: 'key_expired',
  });

  const revoked = await createApiKey(app.accounts, { ...wish, personId });
  await revokeApiKey(app.accounts, personId, revoked.id);
  await expect(identify(app.accounts, { apiKey: revoked.key })).rejects.toMatchObject({
    code: 'key_invalid',
  });
  await expect(identify(app.accounts, { apiKey: 'hf_nonsense' })).rejects.toMatchObject({
    code: 'key_invalid',
  });
  await expect(identify(app.accounts, { authorization: 'Basic eDp5' })).rejects.toMatchObject({
    code: 'key_invalid',
  });
});

test("another person's key can't be revoked, and isn't listed", async () => {
  const mine = await createApiKey(app.accounts, { ...wish, personId });
  await expect(revokeApiKey(app.accounts, 'per_somebodyelse', mine.id)).rejects.toMatchObject({
    code: 'not_found',
  });
  expect(await listApiKeys(app.accounts, 'per_somebodyelse')).toEqual([]);
  expect((await listApiKeys(app.accounts, personId)).map(({ id }) => id)).toContain(mine.id);
});

test("the last use is noted, and a key wins over a session's cookie", async () => {
  const { key, id } = await createApiKey(app.accounts, { ...wish, scopes: ['read'], personId });
  const identity = await identify(app.accounts, { apiKey: key, cookie });
  expect(identity?.via).toBe('key');
  const listed = (await listApiKeys(app.accounts, personId)).find((row) => row.id === id);
  expect(listed?.last_used_at).toBeInstanceOf(Date);
});

test("the library's own doors to keys are closed", async () => {
  const made = await app.post('/api-key/create', { name: 'mine' }, { cookie });
  expect(made.status).toBe(404);
  expect((await app.get('/api-key/list', { cookie })).status).toBe(404);
});

test('an operator is made, and is told apart', async () => {
  await setRole(app.accounts, personId, 'operator');
  expect(await identify(app.accounts, { cookie })).toMatchObject({ person: { role: 'operator' } });
  await expect(setRole(app.accounts, 'per_nobody', 'operator')).rejects.toMatchObject({ code: 'not_found' });
});
