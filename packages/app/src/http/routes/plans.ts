import {
  autoTopUpAnswer,
  autoTopUpRequest,
  changePreview,
  changeRequest,
  planAction,
  previewRequest,
  subscriptionAnswer,
} from '@holdfast/client';
import { actOnPlan, changePlan, previewChange } from '../../payments/plans.ts';
import type { ChangePreview } from '../../payments/plans.ts';
import { readPlan } from '../../payments/read-plan.ts';
import { readAutoTopUp, setAutoTopUp } from '../../payments/top-up.ts';
import type { AutoTopUp } from '../../payments/top-up.ts';
import { caller } from '../access.ts';
import { plain } from '../plain.ts';
import type { App, HttpServices } from '../services.ts';

const tags = ['Payments'];

export function registerPlanRoutes(app: App, services: HttpServices): void {
  const { payments } = services;

  app.get('/api/payments/subscription', {
    config: { access: 'read' },
    schema: { tags, summary: 'The plan; null where there is none', response: { 200: subscriptionAnswer } },
    handler: async (request) => ({ subscription: plain(await readPlan(payments, caller(request).id)) }),
  });

  app.post('/api/payments/subscription/preview', {
    config: { access: 'write', idempotency: 'own' },
    schema: {
      tags,
      summary: 'What another plan would cost and bring, now and from then on',
      body: previewRequest,
      response: { 200: changePreview },
    },
    handler: async (request) =>
      previewOf(await previewChange(payments, caller(request).id, request.body.plan)),
  });

  app.post('/api/payments/subscription/change', {
    config: { access: 'write' },
    schema: {
      tags,
      summary: 'Change the plan exactly as previewed',
      body: changeRequest,
      response: { 200: changePreview },
    },
    handler: async (request) => {
      const { plan, at, due } = request.body;
      return previewOf(
        await changePlan(payments, caller(request).id, { plan, at: new Date(at), due: BigInt(due) }),
      );
    },
  });

  app.post('/api/payments/subscription/action', {
    config: { access: 'write' },
    schema: {
      tags,
      summary: 'Cancel at the end of what is paid for, keep after all, pause, go on',
      body: planAction,
      response: { 200: subscriptionAnswer },
    },
    handler: async (request) => {
      await actOnPlan(payments, caller(request).id, request.body.action);
      return { subscription: plain(await readPlan(payments, caller(request).id)) };
    },
  });

  app.get('/api/payments/auto-top-up', {
    config: { access: 'read' },
    schema: {
      tags,
      summary: 'Automatic top-up; null where it was never set',
      response: { 200: autoTopUpAnswer },
    },
    handler: async (request) => {
      const found = await readAutoTopUp(payments, caller(request).id);
      return { auto_top_up: found === null ? null : autoTopUpOf(found) };
    },
  });

  app.put('/api/payments/auto-top-up', {
    // A card is charged without asking again: never by a key.
    config: { access: 'session' },
    schema: {
      tags,
      summary: 'Turn automatic top-up on or off',
      body: autoTopUpRequest,
      response: { 200: autoTopUpAnswer },
    },
    handler: async (request) => {
      const { enabled, threshold, pack, currency, monthly_cap } = request.body;
      const set = await setAutoTopUp(payments, caller(request).id, {
        enabled,
        threshold: BigInt(threshold),
        pack,
        currency,
        monthlyCap: BigInt(monthly_cap),
      });
      return { auto_top_up: autoTopUpOf(set) };
    },
  });
}

function previewOf(preview: ChangePreview) {
  return plain({
    plan: preview.plan,
    from: preview.from,
    kind: preview.kind,
    policy: preview.policy,
    currency: preview.currency,
    due: preview.due,
    credits_now: preview.creditsNow,
    monthly_credits: preview.monthlyCredits,
    monthly_amount: preview.monthlyAmount,
    effective_at: preview.effectiveAt,
    next_billing_at: preview.nextBillingAt,
    at: preview.at,
  });
}

function autoTopUpOf(found: AutoTopUp) {
  return plain({
    enabled: found.enabled,
    threshold: found.threshold,
    pack: found.pack,
    currency: found.currency,
    monthly_cap: found.monthlyCap,
    spent_this_month: found.spentThisMonth,
    paused_reason: found.pausedReason,
  });
}
