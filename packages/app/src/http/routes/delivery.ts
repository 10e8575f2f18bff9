import {
  deliveryList,
  deliveryPage,
  generation,
  mailPreferences,
  mailPreferencesRequest,
  newTelegramLink,
  newWebhook,
  pageQuery,
  telegramAccount,
  telegramLink,
  webhookList,
  webhookRequest,
  webhookSecret,
} from '@holdfast/client';
import { z } from 'zod';
import { completeLink, linkedAccount, readLink, startLink } from '../../accounts/telegram-link.ts';
import { mergeAccounts } from '../../credits/undelivered.ts';
import { deliveriesOf, deliveriesTo, replayDelivery } from '../../delivery/list-deliveries.ts';
import { readPreferences, setPreference, topics } from '../../delivery/mail/unsubscribe.ts';
import {
  addEndpoint,
  listEndpoints,
  removeEndpoint,
  rotateSecret,
} from '../../delivery/webhooks/endpoints.ts';
import { unlockGeneration } from '../../generations/end/give-back.ts';
import { getGeneration } from '../../generations/view/read.ts';
import { NotFoundError } from '../../platform/errors.ts';
import { caller } from '../access.ts';
import { speaking } from '../locale.ts';
import { plain } from '../plain.ts';
import type { App, HttpServices } from '../services.ts';

const tags = ['Delivery'];
/** Where it is none of ours by its form, it is not even looked for. */
const params = z.object({ id: z.string().min(1).max(80) });
const id_form = /^[a-z]{3}_[0-9a-z]{26}$/;

function known(id: string, what: string): string {
  if (!id_form.test(id)) throw new NotFoundError(what);
  return id;
}
const nothing = z.strictObject({}).nullish();
const done = z.object({ done: z.literal(true) });

/** How results reach people: their deliveries, webhooks, locked files, Telegram, and which mails they want. */
export function registerDeliveryRoutes(app: App, services: HttpServices): void {
  const { db, generations } = services;

  app.get('/api/generations/:id/deliveries', {
    config: { access: 'read' },
    schema: { tags, summary: 'How it was handed over', params, response: { 200: deliveryList } },
    handler: async (request) => {
      const { id: personId } = caller(request);
      const { id } = await getGeneration(generations, personId, request.params.id);
      return { items: plain(await deliveriesOf(db, personId, id)) };
    },
  });

  app.post('/api/generations/:id/unlock', {
    config: { access: 'write' },
    schema: {
      tags,
      summary: 'Open files whose credits went back',
      description: 'Charges what was refunded. Once: asked again it does nothing.',
      params,
      body: nothing,
      response: { 200: generation },
    },
    handler: async (request) => {
      const speaks = speaking(generations, request);
      const personId = caller(request).id;
      const about = { personId, generationId: (await getGeneration(speaks, personId, request.params.id)).id };
      await unlockGeneration(speaks, about);
      return plain(await getGeneration(speaks, about.personId, about.generationId));
    },
  });

  registerWebhooks(app, services);
  registerTelegramLink(app, services);

  app.get('/api/notifications', {
    config: { access: 'read' },
    schema: { tags, summary: 'Which mails are sent', response: { 200: mailPreferences } },
    handler: (request) => readPreferences(db, caller(request).id),
  });

  app.put('/api/notifications', {
    config: { access: 'session' },
    schema: {
      tags,
      summary: 'Choose which mails are sent',
      body: mailPreferencesRequest,
      response: { 200: mailPreferences },
    },
    handler: async (request) => {
      const personId = caller(request).id;
      for (const topic of topics) {
        const wanted = request.body[topic];
        if (wanted !== undefined) await setPreference(db, { personId, channel: 'mail', topic, wanted });
      }
      return readPreferences(db, personId);
    },
  });
}

function registerWebhooks(app: App, services: HttpServices): void {
  const { db, settings } = services;

  app.get('/api/webhooks', {
    config: { access: 'read' },
    schema: { tags, summary: 'Your webhooks', response: { 200: webhookList } },
    handler: async (request) => ({ items: plain(await listEndpoints(db, caller(request).id)) }),
  });

  app.post('/api/webhooks', {
    config: { access: 'session' },
    schema: {
      tags,
      summary: 'Add a webhook',
      description:
        'Called at the end of every generation, signed as Standard Webhooks say, and again for a day where it does not answer.',
      body: webhookRequest,
      response: { 201: newWebhook },
    },
    handler: async (request, reply) => {
      const wanted = {
        personId: caller(request).id,
        url: request.body.url,
        allowPrivate: settings.webhooksAllowPrivate,
      };
      return reply.code(201).send(plain(await addEndpoint(db, wanted)));
    },
  });

  app.delete('/api/webhooks/:id', {
    config: { access: 'session' },
    schema: { tags, summary: 'Remove a webhook', params, response: { 200: done } },
    handler: async (request) => {
      await removeEndpoint(db, caller(request).id, known(request.params.id, 'webhook'));
      return { done: true as const };
    },
  });

  app.post('/api/webhooks/:id/rotate', {
    config: { access: 'session' },
    schema: {
      tags,
      summary: 'A new secret',
      description: 'The one before signs along for a day.',
      params,
      body: nothing,
      response: { 200: webhookSecret },
    },
    handler: async (request) => rotateSecret(db, caller(request).id, known(request.params.id, 'webhook')),
  });

  app.get('/api/webhooks/:id/deliveries', {
    config: { access: 'read' },
    schema: {
      tags,
      summary: 'What a webhook was told, with every attempt',
      params,
      querystring: pageQuery.strict(),
      response: { 200: deliveryPage },
    },
    handler: async (request) =>
      plain(
        await deliveriesTo(db, {
          personId: caller(request).id,
          endpointId: known(request.params.id, 'webhook'),
          before: request.query.cursor ?? null,
          limit: request.query.limit,
        }),
      ),
  });

  app.post('/api/deliveries/:id/replay', {
    config: { access: 'write' },
    schema: {
      tags,
      summary: 'Send to a webhook again',
      description: 'Under the same id, so that the receiver can tell a copy.',
      params,
      body: nothing,
      response: { 200: done },
    },
    handler: async (request) => {
      await replayDelivery(db, caller(request).id, known(request.params.id, 'delivery'));
      return { done: true as const };
    },
  });
}

/** Confirmed on both sides: here by somebody who is signed in, from a page of ours, and in Telegram by whoever got the code. */
function registerTelegramLink(app: App, services: HttpServices): void {
  const { db, credits } = services;

  app.get('/api/telegram', {
    config: { access: 'session' },
    schema: { tags, summary: 'The linked Telegram account', response: { 200: telegramAccount } },
    handler: async (request) => ({ account: await linkedAccount(db, caller(request).id) }),
  });

  app.post('/api/telegram-links', {
    config: { access: 'session' },
    schema: {
      tags,
      summary: 'Start linking a Telegram account',
      body: nothing,
      response: { 201: newTelegramLink },
    },
    handler: async (request, reply) => {
      const link = await startLink(db, caller(request).id);
      const start = `link_${link.code}`;
      const bot = (await services.bot?.()) ?? null;
      return reply.code(201).send({
        ...plain(link),
        command: `/start ${start}`,
        bot: bot?.username ?? null,
        url: bot?.url == null ? null : `${bot.url}?start=${start}`,
      });
    },
  });

  app.get('/api/telegram-links/:id', {
    config: { access: 'session' },
    schema: { tags, summary: 'How far linking is', params, response: { 200: telegramLink } },
    handler: async (request) => {
      const link = await readLink(db, caller(request).id, known(request.params.id, 'link'));
      if (link === null) throw new NotFoundError('link');
      return plain(link);
    },
  });

  app.post('/api/telegram-links/:id/complete', {
    config: { access: 'session' },
    schema: {
      tags,
      summary: 'Confirm the link',
      description: 'The two become one person with one wallet. Only after it was confirmed in Telegram.',
      params,
      body: nothing,
      response: { 200: done },
    },
    handler: async (request) => {
      const id = known(request.params.id, 'link');
      await completeLink(db, { id, personId: caller(request).id }, async (tx, from, into) => {
        await mergeAccounts(credits, tx, { from, into, key: `link/${id}` });
      });
      return { done: true as const };
    },
  });
}
