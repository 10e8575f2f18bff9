import {
  buyCreditsRequest,
  catalogue,
  checkout,
  order,
  orderList,
  paymentCheck,
  portal,
  portalRequest,
  subscribeRequest,
} from '@holdfast/client';
import type { Order as OrderAnswer } from '@holdfast/client';
import { z } from 'zod';
import { buyPack, checkOrder, openPortal, readOrder, subscribe } from '../../payments/buy.ts';
import { currentOffers } from '../../payments/catalogue.ts';
import { paymentMode } from '../../payments/deps.ts';
import { topUpsOffered } from '../../payments/top-up.ts';
import { iPaidBut } from '../../payments/i-paid.ts';
import { listOrders } from '../../payments/order-queries.ts';
import type { Order } from '../../payments/order-queries.ts';
import type { Offer } from '../../payments/rules.ts';
import { caller } from '../access.ts';
import { plain } from '../plain.ts';
import type { App, HttpServices } from '../services.ts';

const tags = ['Payments'];
const params = z.object({ id: z.string().max(80) });

export function registerPaymentRoutes(app: App, services: HttpServices): void {
  const { payments } = services;

  app.get('/api/catalogue', {
    schema: { tags, summary: 'What is sold, and for how much', response: { 200: catalogue } },
    handler: async () => {
      const offers = await currentOffers(services.db);
      return plain({
        mode: paymentMode(payments),
        currencies: [...new Set(offers.flatMap(({ prices }) => Object.keys(prices)))].toSorted(),
        packs: offers.filter(({ kind }) => kind === 'pack').map(packOf),
        plans: offers.filter(({ kind }) => kind === 'plan').map(planOf),
        change_policy: payments.settings.changePolicy,
        auto_top_up: topUpsOffered(payments),
      });
    },
  });

  app.post('/api/payments/buy-credits', {
    config: { access: 'write' },
    schema: {
      tags,
      summary: 'Open a checkout for a pack',
      description: 'Nothing is granted before it is paid.',
      body: buyCreditsRequest,
      response: { 200: checkout },
    },
    handler: async (request) => {
      const { credit_package, success_url, cancel_url, currency, save_card } = request.body;
      const bought = await buyPack(payments, {
        personId: caller(request).id,
        product: credit_package,
        currency,
        successUrl: success_url,
        cancelUrl: cancel_url,
        saveCard: save_card,
      });
      return { checkout_url: bought.checkoutUrl, order: bought.order.id };
    },
  });

  app.post('/api/payments/subscribe', {
    config: { access: 'write' },
    schema: {
      tags,
      summary: 'Open a checkout for a plan',
      body: subscribeRequest,
      response: { 200: checkout },
    },
    handler: async (request) => {
      const { plan, success_url, cancel_url, currency } = request.body;
      const bought = await subscribe(payments, {
        personId: caller(request).id,
        product: plan,
        currency,
        successUrl: success_url,
        cancelUrl: cancel_url,
      });
      return { checkout_url: bought.checkoutUrl, order: bought.order.id };
    },
  });

  app.post('/api/payments/portal', {
    config: { access: 'write' },
    schema: {
      tags,
      summary: 'Open the portal: cards and invoices',
      body: portalRequest,
      response: { 200: portal },
    },
    handler: async (request) => ({
      url: await openPortal(payments, caller(request).id, request.body.return_url),
    }),
  });

  app.get('/api/payments/orders', {
    config: { access: 'read' },
    schema: { tags, summary: 'Orders, newest first; at most 50', response: { 200: orderList } },
    handler: async (request) => ({
      items: (await listOrders(services.db, { personId: caller(request).id, limit: 50 })).map(orderOf),
    }),
  });

  app.get('/api/payments/orders/:id', {
    config: { access: 'read' },
    schema: { tags, summary: 'How an order stands', params, response: { 200: order } },
    handler: async (request) => orderOf(await readOrder(payments, caller(request).id, request.params.id)),
  });

  app.post('/api/payments/orders/:id/check', {
    config: { access: 'write', idempotency: 'own' },
    schema: {
      tags,
      summary: 'Ask whether an order is paid, and grant it at once where it is',
      params,
      response: { 200: order },
    },
    handler: async (request) => orderOf(await checkOrder(payments, caller(request).id, request.params.id)),
  });

  app.post('/api/payments/check', {
    config: { access: 'write', idempotency: 'own' },
    schema: {
      tags,
      summary: 'I paid but have no credits',
      description:
        'Compares one’s payments with one’s credits, repairs what is missing, and says what was found.',
      response: { 200: paymentCheck },
    },
    handler: async (request) => {
      const { outcome, credits, says, orders } = await iPaidBut(payments, caller(request).id);
      return { outcome, credits: plain(credits), says, orders: orders.map(orderOf) };
    },
  });
}

function packOf(offer: Offer) {
  return {
    id: offer.productId,
    name: offer.name,
    description: offer.description,
    credits: offer.credits,
    bonus_credits: offer.bonusCredits,
    lot_months: offer.lotMonths,
    prices: offer.prices,
  };
}

function planOf(offer: Offer) {
  return {
    id: offer.productId,
    name: offer.name,
    description: offer.description,
    tier: offer.tier ?? 'free',
    monthly_credits: offer.credits,
    rollover_months: offer.rolloverMonths ?? 0,
    max_running: offer.maxRunning,
    prices: offer.prices,
  };
}

export function orderOf(found: Order): OrderAnswer {
  return plain({
    id: found.id,
    kind: found.kind,
    state: found.state,
    product: found.productName,
    currency: found.currency,
    amount: found.amountTotal,
    discount: found.amountDiscount,
    tax: found.amountTax,
    returned: found.returned,
    credits: found.credits,
    checkout_url: found.state === 'pending' ? found.checkoutUrl : null,
    document_url: found.documentUrl,
    test: !found.livemode,
    created_at: found.createdAt,
    paid_at: found.paidAt,
  });
}
