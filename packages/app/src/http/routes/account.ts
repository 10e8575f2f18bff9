import { apiKeyList, apiKeyRequest, localeChoice, me, newApiKey, publicSettings } from '@holdfast/client';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { setLocale } from '../../accounts/commands.ts';
import { createApiKey, listApiKeys, revokeApiKey } from '../../accounts/api-keys.ts';
import { isDueWelcome, passwordMinLength } from '../../accounts/rules.ts';
import { caller } from '../access.ts';
import { isLocalRequest } from '../origins.ts';
import { plain } from '../plain.ts';
import type { App, HttpServices } from '../services.ts';

const tags = ['Account'];

export function registerAccountRoutes(app: App, services: HttpServices): void {
  const { accounts, credits, settings } = services;

  app.get('/api/settings', {
    schema: { tags, summary: 'What to know before anyone signs in', response: { 200: publicSettings } },
    handler: async (request) => ({
      sign_up_credits: plain(credits.settings.signUpCredits),
      sign_up_credits_need_verified_email: accounts.settings.signUpCreditsNeedVerifiedEmail,
      credit_expiry_months: credits.settings.expiryMonths,
      max_upload_bytes: settings.maxUploadBytes,
      password_min_length: passwordMinLength,
      pricing_url: settings.pricingUrl,
      telegram: settings.telegram,
      local_mail_url:
        settings.localMail && isLocalRequest(request, settings.publicUrl) ? '/local-mail' : null,
    }),
  });

  app.get('/api/me', {
    config: { access: 'read' },
    schema: { tags, summary: 'Who is signed in', response: { 200: me } },
    handler: async (request, reply) => {
      for (const cookie of await refreshedCookies(services, request)) reply.header('set-cookie', cookie);
      const person = caller(request);
      const waits =
        person.welcomedAt === null && !isDueWelcome(person, accounts.settings.signUpCreditsNeedVerifiedEmail);
      return {
        id: person.id,
        email: person.email,
        email_verified: person.emailVerified,
        name: person.name,
        role: person.role,
        locale: person.locale,
        credits_waiting_for_verification: waits ? plain(credits.settings.signUpCredits) : 0,
        created_at: person.createdAt.toISOString(),
      };
    },
  });

  app.put('/api/me/locale', {
    config: { access: 'write' },
    schema: {
      tags,
      summary: 'What to be told things in',
      description: 'Null: what the browser prefers, by Accept-Language.',
      body: localeChoice,
      response: { 200: localeChoice },
    },
    handler: async (request) => {
      const { locale } = request.body;
      await setLocale(accounts, caller(request).id, locale);
      return { locale };
    },
  });

  app.get('/api/keys', {
    config: { access: 'session' },
    schema: { tags, summary: 'API keys', response: { 200: apiKeyList } },
    handler: async (request) => ({ items: plain(await listApiKeys(accounts, caller(request).id)) }),
  });

  app.post('/api/keys', {
    config: { access: 'session' },
    schema: { tags, summary: 'Make an API key', body: apiKeyRequest, response: { 201: newApiKey } },
    handler: async (request, reply) => {
      const { name, scopes, expires_in_days } = request.body;
      const made = await createApiKey(accounts, {
        personId: caller(request).id,
        name,
        scopes,
        expiresInDays: expires_in_days ?? null,
      });
      return reply.code(201).send(plain(made));
    },
  });

  app.delete('/api/keys/:id', {
    config: { access: 'session' },
    schema: {
      tags,
      summary: 'Revoke an API key',
      params: z.object({ id: z.string().max(80) }),
      response: { 200: z.object({ revoked: z.literal(true) }) },
    },
    handler: async (request) => {
      await revokeApiKey(accounts, caller(request).id, request.params.id);
      return { revoked: true as const };
    },
  });
}

/** A session that is used lives on: once a day its end moves, and the browser's cookie with it. */
async function refreshedCookies(services: HttpServices, request: FastifyRequest): Promise<string[]> {
  if (request.identity?.via !== 'session') return [];
  const headers = new Headers({ cookie: request.headers.cookie ?? '' });
  const { api } = await services.accounts.signIn();
  const answer = await api.getSession({ headers, returnHeaders: true });
  return answer.headers.getSetCookie();
}
