import { afterAll, beforeAll, expect, test } from 'vitest';
import { unsubscribeLinks } from '../../src/delivery/mail/unsubscribe.ts';
import { picture } from '../providers/media-files.ts';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld, TestPerson } from '../support/http-world.ts';

let http: HttpWorld;
let ada: TestPerson;
beforeAll(async () => {
  http = await createHttpWorld();
  ada = await http.signUp();
});
afterAll(() => http.close());

const browser = { accept: 'text/html,application/xhtml+xml' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const oneClick = 'List-Unsubscribe=One-Click';

function pathFor(topic: 'ready' | 'failed' | 'news'): string {
  const { secret } = http.context.accounts.settings;
  const url = unsubscribeLinks({ publicUrl: http.url, secret }).urlFor(ada.id, topic);
  return url.slice(http.url.length);
}
const wanted = async () => (await http.ask('GET', '/api/notifications', { as: ada })).json();

test('opening the address stops nothing; its button does, for that kind alone', async () => {
  const opened = await http.ask('GET', pathFor('ready'), { headers: browser });
  expect(opened.status).toBe(200);
  expect(opened.headers.get('cache-control')).toBe('no-store');
  const page = await opened.text();
  expect(page).toContain('Stop these mails?');
  expect(await wanted()).toEqual({ ready: true, failed: true, news: true });
  const action = /action="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const pressed = await http.ask('POST', action, { headers: { ...form, ...browser }, body: '' });
  expect(await pressed.text()).toContain('Mails about what is ready will not come any more.');
  expect(await wanted()).toEqual({ ready: false, failed: true, news: true });
  expect(await (await http.ask('GET', pathFor('ready'), { headers: browser })).text()).toContain(
    'They are stopped',
  );
});

test('one click by a mail program, as a form of either kind, without a session, twice', async () => {
  expect((await http.ask('POST', pathFor('failed'), { headers: form, body: oneClick })).status).toBe(200);
  const parts = new FormData();
  parts.set('List-Unsubscribe', 'One-Click');
  expect((await http.ask('POST', pathFor('news'), { body: parts })).status).toBe(200);
  expect((await http.ask('POST', pathFor('news'), { body: parts })).status).toBe(200);
  expect(await wanted()).toEqual({ ready: false, failed: false, news: false });
  const json = await http.ask('PUT', '/api/notifications', {
    json: { news: true },
    headers: { cookie: ada.cookie, origin: http.url },
  });
  expect(json.status).toBe(200);
  expect(await wanted()).toEqual({ ready: false, failed: false, news: true });
});

test.each([
  '',
  '?token=',
  '?token=rubbish',
  '?token=a.b.c.d',
  '?token=%00%ff',
  `?token=${'x'.repeat(9_000)}`,
  '?token=a&token=b',
])('/unsubscribe%s: told kindly, and nothing is stopped', async (query) => {
  const before = await wanted();
  const opened = await http.ask('GET', `/unsubscribe${query}`, { headers: browser });
  expect(opened.status).toBe(403);
  expect(await opened.text()).toContain('This link does not work');
  const posted = await http.ask('POST', `/unsubscribe${query}`, { headers: form, body: oneClick });
  expect(posted.status).toBe(403);
  expect(posted.headers.get('content-type')).toContain('application/problem+json');
  expect(await wanted()).toEqual(before);
});

test('a token that was changed, or for another kind, is nothing', async () => {
  for (const path of [
    pathFor('ready').replace('.ready.', '.news.'),
    `${pathFor('news')}x`,
    pathFor('news').replace(ada.id, 'per_00000000000000000000000000'),
  ]) {
    expect((await http.ask('POST', path, { headers: form, body: oneClick })).status).toBe(403);
  }
  expect(await wanted()).toMatchObject({ news: true });
});

test('a link to a file that was changed or has run out is a page for people and a problem for programs', async () => {
  const photo = await ada.client.upload(new Blob([new Uint8Array(await picture())]));
  const { pathname, search } = new URL(photo.url);
  const changed = `${pathname}${search.slice(0, -3)}abc`;
  const page = await http.ask('GET', changed, { headers: browser });
  expect([page.status, page.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8']);
  expect(await page.text()).toContain('Open your library');
  const problem = await http.ask('GET', changed);
  expect(await problem.json()).toMatchObject({ code: 'link_invalid' });
  await http.world.clock.advance('3 days');
  const late = await http.ask('GET', `${pathname}${search}`, { headers: browser });
  expect(late.status).toBe(410);
  expect(await late.text()).toContain('The link has expired');
});
