import { getMigrations } from 'better-auth/db/migration';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identify } from '../../src/accounts/identify.ts';
import { findPerson } from '../../src/accounts/queries.ts';
import { signInTables } from '../../src/accounts/sign-in.ts';
import { cookiesOf, createSignInWorld } from '../support/sign-in.ts';
import type { SignInWorld } from '../support/sign-in.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
let app: SignInWorld;
const password = 'correct horse battery';
let people = 0;

beforeAll(async () => {
  world = await createWorld();
  app = createSignInWorld(world);
});
afterAll(async () => {
  await app.settle();
  await world.close();
});

async function signUp(at = app) {
  people += 1;
  const email = `person${people}@example.com`;
  const response = await at.post('/sign-up/email', { name: 'Ada', email, password });
  expect(response.status).toBe(200);
  const { user } = (await response.json()) as { user: { id: string } };
  return { email, id: user.id, cookie: cookiesOf(response), response };
}

test('the migrations hold everything that sign-in needs', async () => {
  const missing = await getMigrations(signInTables({ db: world.admin }));
  expect({ created: missing.toBeCreated, added: missing.toBeAdded }).toEqual({ created: [], added: [] });
});

describe('signing up', () => {
  test('makes a person with the same id, welcomes them once, and sends a mail to confirm the address', async () => {
    const { email, id, cookie } = await signUp();
    expect(id).toMatch(/^per_[0-9a-z]{26}$/);
    expect(app.welcomed.filter((person) => person === id)).toEqual([id]);
    const person = await findPerson(world.db, { email });
    expect(person).toMatchObject({ id, email, emailVerified: false, role: 'creator' });
    expect(person?.welcomedAt).toBeInstanceOf(Date);

    const identity = await identify(app.accounts, { cookie });
    expect(identity).toMatchObject({ via: 'session', scopes: ['read', 'write'], person: { id } });
    expect(app.welcomed.filter((other) => other === id)).toHaveLength(1);

    const confirmed = await app.get(await app.linkTo(email));
    expect(confirmed.status).toBe(302);
    expect(await findPerson(world.db, { id })).toMatchObject({ emailVerified: true });
  });

  test('sets a cookie that scripts can not read and other sites do not send', async () => {
    const { response } = await signUp();
    const [cookie] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^holdfast\.session_token=/);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    expect(cookie).not.toContain('Secure');
    const tls = createSignInWorld(world, { publicUrl: 'https://video.example.com' });
    const { handler } = await tls.accounts.signIn();
    const answer = await handler(
      new Request('https://video.example.com/api/auth/sign-up/email', {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'https://video.example.com' },
        body: JSON.stringify({ name: '', email: 'tls@example.com', password }),
      }),
    );
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Secure-holdfast\.session_token=.*Secure/);
    await tls.settle();
  });

  test.each([
    ['short', 'PASSWORD_TOO_SHORT'],
    ['aaaaaaaaaaaaaaa', 'PASSWORD_TOO_WEAK'],
    ['Password123', 'PASSWORD_TOO_WEAK'],
  ])('refuses the password %j', async (weak, code) => {
    const response = await app.post('/sign-up/email', {
      name: '',
      email: 'weak@example.com',
      password: weak,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code });
    expect(await findPerson(world.db, { email: 'weak@example.com' })).toBeNull();
  });

  test('refuses a page of another site', async () => {
    const { cookie } = await signUp();
    const response = await app.post('/sign-out', {}, { cookie, origin: 'https://evil.example' });
    expect(response.status).toBe(403);
    expect(await identify(app.accounts, { cookie })).not.toBeNull();
  });
});

describe('what a crash left undone', () => {
  test('a missing person is made at the next request, and welcomed', async () => {
    const { id, cookie } = await signUp();
    await world.admin.query('delete from holdfast.person where id = $1', [id]);
    const before = app.welcomed.filter((person) => person === id).length;
    await identify(app.accounts, { cookie });
    expect(app.welcomed.filter((person) => person === id)).toHaveLength(before + 1);
    expect((await findPerson(world.db, { id }))?.welcomedAt).toBeInstanceOf(Date);
  });

  test('a welcome that was granted and not noted is asked for again, and no more after that', async () => {
    const { id, cookie } = await signUp();
    await world.admin.query('update holdfast.person set welcomed_at = null where id = $1', [id]);
    await identify(app.accounts, { cookie });
    await identify(app.accounts, { cookie });
    expect(app.welcomed.filter((person) => person === id)).toHaveLength(2);
  });
});

describe('where credits wait for a verified address', () => {
  test('nothing is granted before it is verified, and once after it', async () => {
    const strict = createSignInWorld(world, { signUpCreditsNeedVerifiedEmail: true });
    const { id, email, cookie } = await signUp(strict);
    expect(await identify(strict.accounts, { cookie })).toMatchObject({ person: { welcomedAt: null } });
    expect(strict.welcomed).toEqual([]);
    const link = await strict.linkTo(email);
    await strict.get(link);
    await strict.get(link);
    expect(strict.welcomed).toEqual([id]);
    await strict.settle();
  });
});

describe('sessions', () => {
  test('an ended, an expired and a forged one are told apart from none', async () => {
    expect(await identify(app.accounts, {})).toBeNull();
    expect(await identify(app.accounts, { cookie: 'theme=dark' })).toBeNull();
    const forged = 'holdfast.session_token=abcdefgh.c2lnbmF0dXJl';
    await expect(identify(app.accounts, { cookie: forged })).rejects.toMatchObject({
      code: 'session_invalid',
    });

    const { id, cookie } = await signUp();
    await world.admin.query(
      `update auth.session set expires_at = now() - interval '1 second' where user_id = $1`,
      [id],
    );
    await expect(identify(app.accounts, { cookie })).rejects.toMatchObject({ code: 'session_expired' });

    const other = await signUp();
    await app.post('/sign-out', {}, { cookie: other.cookie });
    await expect(identify(app.accounts, { cookie: other.cookie })).rejects.toMatchObject({
      code: 'session_invalid',
    });
  });

  test('a wrong password and an unknown address get the same answer', async () => {
    const { email } = await signUp();
    const wrong = await app.post('/sign-in/email', { email, password: 'not this one' });
    const unknown = await app.post('/sign-in/email', {
      email: 'nobody@example.com',
      password: 'not this one',
    });
    expect([wrong.status, await wrong.text()]).toEqual([unknown.status, await unknown.text()]);
    expect(wrong.status).toBe(401);
  });
});

describe('a forgotten password', () => {
  test('is replaced by a link that works once, and ends every session', async () => {
    const { email, cookie } = await signUp();
    await app.settle();
    const asked = await app.post('/request-password-reset', { email, redirectTo: '/reset-password' });
    const unknown = await app.post('/request-password-reset', { email: 'nobody@example.com' });
    expect([asked.status, await asked.text()]).toEqual([unknown.status, await unknown.text()]);

    const landed = await app.get(await app.linkTo(email));
    const token = new URL(landed.headers.get('location') ?? '', 'http://x').searchParams.get('token');
    const newPassword = 'another long sentence';
    const changed = await app.post('/reset-password', { newPassword, token });
    expect(changed.status).toBe(200);
    await expect(identify(app.accounts, { cookie })).rejects.toMatchObject({ code: 'session_invalid' });
    expect((await app.post('/reset-password', { newPassword, token })).status).toBe(400);
    expect((await app.post('/sign-in/email', { email, password })).status).toBe(401);
    expect((await app.post('/sign-in/email', { email, password: newPassword })).status).toBe(200);
  });
});
