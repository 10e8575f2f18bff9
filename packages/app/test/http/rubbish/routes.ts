export interface Route {
  readonly method: string;
  readonly path: string;
  readonly access: 'public' | 'read' | 'write' | 'session';
  readonly json?: object;
}

/** What can be made by everybody. */
export const wish = {
  model: 'studio-standard',
  input: { template: 'prompt', prompt: 'Hello', duration_seconds: 3 },
};

/** Every route, with a body that would be accepted. A route that is not here fails the first test. */
const routes: readonly Route[] = [
  { method: 'GET', path: '/api/settings', access: 'public' },
  { method: 'GET', path: '/api/models', access: 'public' },
  { method: 'GET', path: '/api/me', access: 'read' },
  { method: 'GET', path: '/api/keys', access: 'session' },
  { method: 'POST', path: '/api/keys', access: 'session', json: { name: 'ci' } },
  { method: 'DELETE', path: '/api/keys/{id}', access: 'session' },
  { method: 'POST', path: '/api/quotes', access: 'write', json: wish },
  { method: 'POST', path: '/api/generations', access: 'write', json: wish },
  { method: 'GET', path: '/api/generations', access: 'read' },
  { method: 'GET', path: '/api/generations/{id}', access: 'read' },
  { method: 'GET', path: '/api/generations/{id}/events', access: 'read' },
  { method: 'POST', path: '/api/generations/{id}/cancel', access: 'write', json: {} },
  { method: 'POST', path: '/api/generations/{id}/again', access: 'write', json: {} },
  { method: 'GET', path: '/api/credits/balance', access: 'read' },
  { method: 'GET', path: '/api/credits/lots', access: 'read' },
  { method: 'GET', path: '/api/credits/holds', access: 'read' },
  { method: 'GET', path: '/api/credits/history', access: 'read' },
  { method: 'GET', path: '/api/catalogue', access: 'public' },
  {
    method: 'POST',
    path: '/api/payments/buy-credits',
    access: 'write',
    json: { credit_package: 'starter', success_url: '/', cancel_url: '/' },
  },
  {
    method: 'POST',
    path: '/api/payments/subscribe',
    access: 'write',
    json: { plan: 'plan-creator', success_url: '/', cancel_url: '/' },
  },
  { method: 'POST', path: '/api/payments/portal', access: 'write', json: { return_url: '/' } },
  { method: 'GET', path: '/api/payments/orders', access: 'read' },
  { method: 'GET', path: '/api/payments/orders/{id}', access: 'read' },
  { method: 'POST', path: '/api/payments/orders/{id}/check', access: 'write' },
  { method: 'POST', path: '/api/payments/check', access: 'write' },
  { method: 'GET', path: '/api/payments/subscription', access: 'read' },
  {
    method: 'POST',
    path: '/api/payments/subscription/preview',
    access: 'write',
    json: { plan: 'plan-creator' },
  },
  {
    method: 'POST',
    path: '/api/payments/subscription/change',
    access: 'write',
    json: { plan: 'plan-creator', at: '2027-01-01T00:00:00Z', due: 100 },
  },
  {
    method: 'POST',
    path: '/api/payments/subscription/action',
    access: 'write',
    json: { action: 'cancel' },
  },
  { method: 'GET', path: '/api/payments/auto-top-up', access: 'read' },
  {
    method: 'PUT',
    path: '/api/payments/auto-top-up',
    access: 'session',
    json: { enabled: true, threshold: 100, pack: 'starter', currency: 'usd', monthly_cap: 5000 },
  },
  { method: 'POST', path: '/api/uploads', access: 'write' },
  {
    method: 'POST',
    path: '/api/calculate-cost',
    access: 'read',
    json: { kind: 'video', duration_seconds: 3 },
  },
  {
    method: 'POST',
    path: '/api/generate',
    access: 'write',
    json: { kind: 'video', duration_seconds: 3, prompt: 'Hello' },
  },
  { method: 'GET', path: '/api/status/{job_id}', access: 'read' },
  {
    method: 'POST',
    path: '/api/callbacks/completion',
    access: 'public',
    json: { task_id: 'task', status: 'succeeded', output_duration_seconds: 5 },
  },
  {
    method: 'POST',
    path: '/api/v1/generate-video',
    access: 'write',
    json: { model: 'studio-standard', prompt: 'Hello', duration: 3 },
  },
  {
    method: 'POST',
    path: '/api/v1/generate-image',
    access: 'write',
    json: { model: 'studio-image', prompt: 'Hello' },
  },
  { method: 'GET', path: '/api/v1/video-status/{taskId}', access: 'read' },
  { method: 'PUT', path: '/api/me/locale', access: 'write', json: { locale: 'ru' } },
  { method: 'GET', path: '/api/model-status', access: 'public' },
  { method: 'GET', path: '/api/operator/overview', access: 'session' },
  { method: 'GET', path: '/api/operator/payments/orders', access: 'session' },
  { method: 'GET', path: '/api/operator/payments/orders/{id}', access: 'session' },
  { method: 'GET', path: '/api/operator/payments/events', access: 'session' },
  { method: 'GET', path: '/api/operator/payments/events/{id}', access: 'session' },
  {
    method: 'POST',
    path: '/api/operator/payments/events/{id}/replay',
    access: 'session',
    json: { reason: 'a test' },
  },
  {
    method: 'POST',
    path: '/api/operator/payments/reconcile',
    access: 'session',
    json: { dry_run: true, days: 30 },
  },
  ...(['ask', 'release'] as const).map((act) => ({
    method: 'POST',
    path: `/api/operator/generations/{id}/${act}`,
    access: 'session' as const,
    json: { reason: 'a test' },
  })),
  {
    method: 'POST',
    path: '/api/operator/generations/{id}/adopt',
    access: 'session',
    json: { reason: 'a test', task: 'task' },
  },
  {
    method: 'POST',
    path: '/api/operator/generations/{id}/resubmit',
    access: 'session',
    json: { reason: 'a test', attempt: 1, confirm: true },
  },
  {
    method: 'POST',
    path: '/api/operator/orphans/{id}/settle',
    access: 'session',
    json: { reason: 'a test' },
  },
  { method: 'GET', path: '/api/generations/{id}/deliveries', access: 'read' },
  { method: 'POST', path: '/api/generations/{id}/unlock', access: 'write', json: {} },
  { method: 'GET', path: '/api/webhooks', access: 'read' },
  { method: 'POST', path: '/api/webhooks', access: 'session', json: { url: 'https://example.com/hook' } },
  { method: 'DELETE', path: '/api/webhooks/{id}', access: 'session' },
  { method: 'POST', path: '/api/webhooks/{id}/rotate', access: 'session', json: {} },
  { method: 'GET', path: '/api/webhooks/{id}/deliveries', access: 'read' },
  { method: 'POST', path: '/api/deliveries/{id}/replay', access: 'write', json: {} },
  { method: 'GET', path: '/api/telegram', access: 'session' },
  { method: 'POST', path: '/api/telegram-links', access: 'session', json: {} },
  { method: 'GET', path: '/api/telegram-links/{id}', access: 'session' },
  { method: 'POST', path: '/api/telegram-links/{id}/complete', access: 'session', json: {} },
  { method: 'GET', path: '/api/notifications', access: 'read' },
  { method: 'PUT', path: '/api/notifications', access: 'session', json: { ready: false } },
];
export const named = routes.map((route) => Object.assign(route, { name: `${route.method} ${route.path}` }));
export const guarded = named.filter(({ access }) => access !== 'public');

/** Its address, of something that isn't there unless told. */
export function at(route: Pick<Route, 'path'>, id = 'gen_00000000000000000000000000'): string {
  return route.path.replace(/\{\w+\}/, id);
}
