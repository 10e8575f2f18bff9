import {
  operatorOrder,
  operatorOrderList,
  operatorReason,
  reconcileRequest,
  reconciliation,
  stripeEvent,
  stripeEventBody,
  stripeEventList,
} from '@holdfast/client';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { listEvents, readEvent } from '../../payments/event-log.ts';
import { findOrder, listOrders } from '../../payments/order-queries.ts';
import type { Order } from '../../payments/order-queries.ts';
import { reconcile } from '../../payments/reconcile.ts';
import { repairByHand, replayByHand } from '../../operations/payment-actions.ts';
import { NotFoundError } from '../../platform/errors.ts';
import { caller } from '../access.ts';
import { plain } from '../plain.ts';
import type { App, HttpServices } from '../services.ts';
import { orderOf } from './payments.ts';

const tags = ['Operator'];
const config = { access: 'session' } as const;
const params = z.object({ id: z.string().max(80) });
const page_size = 50;

/** Money as operators see it: orders, what Stripe said, what differs. By session alone, and to nobody else there is such a page. */
export function registerOperatorPayments(app: App, services: HttpServices): void {
  const { payments, db } = services;

  app.get('/api/operator/payments/orders', {
    config,
    schema: {
      tags,
      summary: 'Orders of everybody, newest first',
      querystring: z.strictObject({
        state: z.enum(['pending', 'paid', 'failed', 'expired']).optional(),
        person: z.string().max(80).optional(),
        cursor: z.string().max(80).optional(),
      }),
      response: { 200: operatorOrderList },
    },
    handler: async (request) => {
      refuseOthers(request);
      const { state, person, cursor } = request.query;
      const orders = await listOrders(db, {
        limit: page_size,
        ...(state ? { state } : {}),
        ...(person ? { personId: person } : {}),
        ...(cursor ? { before: cursor } : {}),
      });
      return {
        items: orders.map(deskOrder),
        next: orders.length === page_size ? (orders.at(-1)?.id ?? null) : null,
      };
    },
  });

  app.get('/api/operator/payments/orders/:id', {
    config,
    schema: { tags, summary: 'One order of anybody', params, response: { 200: operatorOrder } },
    handler: async (request) => {
      refuseOthers(request);
      const order = await findOrder(db, { id: request.params.id });
      if (order === null) throw new NotFoundError('order');
      return deskOrder(order);
    },
  });

  app.get('/api/operator/payments/events', {
    config,
    schema: {
      tags,
      summary: 'What Stripe has said, newest first; `waiting` is what is not done',
      querystring: z.strictObject({
        state: z.enum(['received', 'done', 'ignored', 'parked', 'unmatched', 'waiting']).optional(),
        cursor: z.string().max(255).optional(),
      }),
      response: { 200: stripeEventList },
    },
    handler: async (request) => {
      refuseOthers(request);
      const { state, cursor } = request.query;
      const events = await listEvents(db, {
        limit: page_size,
        ...(state ? { state } : {}),
        ...(cursor ? { before: cursor } : {}),
      });
      return { items: plain(events), next: events.length === page_size ? (events.at(-1)?.id ?? null) : null };
    },
  });

  app.get('/api/operator/payments/events/:id', {
    config,
    schema: {
      tags,
      summary: 'One event with its body, as it came',
      params,
      response: { 200: stripeEventBody },
    },
    handler: async (request) => {
      refuseOthers(request);
      return plain(await readEvent(db, request.params.id));
    },
  });

  app.post('/api/operator/payments/events/:id/replay', {
    config,
    schema: {
      tags,
      summary: 'Handle an event again from what was kept',
      params,
      body: operatorReason,
      response: { 200: stripeEvent },
    },
    handler: async (request) => {
      refuseOthers(request);
      const by = { operator: caller(request).id, reason: request.body.reason };
      await replayByHand(payments, by, request.params.id);
      const { body: _, ...event } = await readEvent(db, request.params.id);
      return plain(event);
    },
  });

  app.post('/api/operator/payments/reconcile', {
    config,
    schema: {
      tags,
      summary: 'Compare Stripe’s books with ours; a dry run changes nothing',
      body: reconcileRequest,
      response: { 200: reconciliation },
    },
    handler: async (request) => {
      refuseOthers(request);
      const { dry_run: dryRun, days, reason = '' } = request.body;
      const found = dryRun
        ? await reconcile(payments, { dryRun, days, reason: 'operator' })
        : await repairByHand(payments, { operator: caller(request).id, reason }, { days });
      return plain({
        id: found.id,
        dry_run: found.dryRun,
        repaired: found.repaired,
        undelivered: found.undelivered,
        findings: found.findings.map((each) => ({
          kind: each.kind,
          id: each.id,
          person: each.personId,
          amount: each.amount,
          currency: each.currency,
          age_seconds: each.ageSeconds,
          repaired: each.repaired,
          problem: each.problem,
        })),
      });
    },
  });
}

function deskOrder(order: Order) {
  return Object.assign(orderOf(order), { person: order.personId, object: order.objectId });
}

function refuseOthers(request: FastifyRequest): void {
  if (caller(request).role !== 'operator') throw new NotFoundError('page');
}
