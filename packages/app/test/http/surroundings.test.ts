import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld } from '../support/http-world.ts';

let http: HttpWorld;
let web: string;

beforeAll(async () => {
  web = await mkdtemp(join(tmpdir(), 'holdfast-web-'));
  await mkdir(join(web, 'assets'));
  await writeFile(join(web, 'index.html'), '<!doctype html><title>Holdfast</title>');
  await writeFile(join(web, 'assets/app-abc123.js'), 'export {};');
  http = await createHttpWorld({ webDirectory: web });
});
afterAll(async () => {
  await http.close();
  await rm(web, { recursive: true, force: true });
});

describe('the web app', () => {
  test.each(['/', '/create', '/generations/gen_1', '/wallet?tab=lots'])(
    '%s is its first page',
    async (path) => {
      const page = await http.ask('GET', path);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toMatch(/^text\/html/);
      expect(page.headers.get('cache-control')).toBe('no-cache');
      expect(await page.text()).toContain('<title>Holdfast</title>');
    },
  );

  test('its built files are kept for ever, and one that is missing is not a page', async () => {
    const script = await http.ask('GET', '/assets/app-abc123.js');
    expect(script.headers.get('content-type')).toMatch(/javascript/);
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect((await http.ask('GET', '/assets/app-gone.js')).status).toBe(404);
    expect((await http.ask('GET', '/api/create')).status).toBe(404);
  });
});

describe('headers', () => {
  test.each(['/', '/api/settings', '/api/nothing', '/api/docs', '/healthz', '/api/%zz'])(
    '%s',
    async (path) => {
      const { headers } = await http.ask('GET', path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('x-request-id')).toMatch(/^req_/);
      expect(headers.get('strict-transport-security')).toBeNull();
    },
  );

  test('behind TLS the browser is told to stay there', async () => {
    const tls = await createHttpWorld({ env: { PUBLIC_URL: 'https://video.example.com' } });
    const { headers } = await tls.ask('GET', '/api/settings');
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=31536000/);
    await tls.close();
  });
});

describe('the description of the API', () => {
  test('is OpenAPI 3.1 whose references all lead somewhere', async () => {
    const response = await http.ask('GET', '/api/openapi.json');
    const text = await response.text();
    const document = JSON.parse(text) as {
      openapi: string;
      paths: Record<
        string,
        Record<string, { responses: object; summary: string; parameters?: { name: string }[] }>
      >;
      components: { schemas: Record<string, object> };
    };
    expect(document.openapi).toBe('3.1.0');
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(references.length).toBeGreaterThan(20);
    expect(references.filter((name) => !(name in document.components.schemas))).toEqual([]);
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const operation of Object.values(methods)) {
        expect(operation.summary).toEqual(expect.any(String));
        expect(Object.keys(operation.responses)).toContain('default');
        const named = (operation.parameters ?? []).map(({ name }) => name);
        for (const [, parameter] of path.matchAll(/\{(\w+)\}/g)) expect(named).toContain(parameter);
      }
    }
    expect(document.paths['/api/generations']?.['post']?.parameters?.map(({ name }) => name)).toEqual([
      'Idempotency-Key',
    ]);
  });

  test('is a page for people too, without a script', async () => {
    const page = await (await http.ask('GET', '/api/docs')).text();
    expect(page).toContain('/api/generations');
    expect(page).toContain('Idempotency-Key');
    expect(page).not.toMatch(/<script|style=|https:\/\/cdn/);
    expect((await http.ask('GET', '/api/docs/style.css')).headers.get('content-type')).toMatch(/^text\/css/);
  });
});

describe('for whoever runs it', () => {
  test('it is alive and ready', async () => {
    expect(await (await http.ask('GET', '/healthz')).json()).toEqual({ status: 'ok' });
    expect(await (await http.ask('GET', '/readyz')).json()).toEqual({ status: 'ready' });
  });

  test('its numbers are for this machine alone', async () => {
    const person = await http.signUp();
    const wish = {
      model: 'studio-standard',
      input: { template: 'prompt', prompt: 'Hello', duration_seconds: 3 },
    };
    await person.client.generate(wish);
    const numbers = await (await http.ask('GET', '/metrics')).text();
    expect(numbers).toMatch(
      /holdfast_http_request_seconds_count\{method="POST",route="\/api\/generations",status="202"\} 1/,
    );
    expect(numbers).toContain('holdfast_generations_accepted_total{model="studio-standard"} 1');
    expect(numbers).toContain('holdfast_generations_unfinished{status="queued"} 1');
    expect(
      (await http.ask('GET', '/metrics', { headers: { 'x-forwarded-for': '203.0.113.9' } })).status,
    ).toBe(404);
  });

  test('or for who shows the token', async () => {
    const guarded = await createHttpWorld({ env: { METRICS_TOKEN: 'sixteen characters' } });
    const ask = async (headers: Record<string, string>) =>
      (await guarded.ask('GET', '/metrics', { headers })).status;
    expect(await ask({})).toBe(404);
    expect(await ask({ authorization: 'Bearer wrong' })).toBe(404);
    expect(await ask({ authorization: 'Bearer sixteen characters' })).toBe(200);
    await guarded.close();
  });

  test('mails are read on this machine while there is no SMTP server, and nowhere else', async () => {
    const { email } = await http.signUp();
    await expect.poll(async () => (await http.ask('GET', '/local-mail')).text()).toContain(email);
    expect(
      (await http.ask('GET', '/local-mail', { headers: { 'x-forwarded-for': '203.0.113.9' } })).status,
    ).toBe(404);
    expect(await (await http.ask('GET', '/api/settings')).json()).toMatchObject({
      local_mail_url: '/local-mail',
    });
    const away = await http.ask('GET', '/api/settings', { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(await away.json()).toMatchObject({ local_mail_url: null });
  });
});
