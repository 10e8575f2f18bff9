import fastify, { LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { newId } from '../platform/ids.ts';
import { registerAccess } from './access.ts';
import { registerCompatibility } from './compatibility.ts';
import { registerDocsPage } from './docs-page.ts';
import { registerErrors, sendProblem, toProblem } from './errors.ts';
import { registerIdempotency } from './idempotency.ts';
import { registerInputHygiene } from './input-hygiene.ts';
import type { Metrics } from './metrics.ts';
import { registerOpenApi } from './openapi.ts';
import { registerAddressLimit, registerWriteLimit } from './rate-limits.ts';
import { createRequestCounter } from './request-counter.ts';
import { registerAccountRoutes } from './routes/account.ts';
import { registerAuthRoutes } from './routes/auth.ts';
import { registerCompletionRoutes } from './routes/completion.ts';
import { registerCreditRoutes } from './routes/credits.ts';
import { registerGenerationEvents } from './routes/generation-events.ts';
import { registerGenerationRoutes } from './routes/generations.ts';
import { registerHookRoutes } from './routes/hooks.ts';
import { registerLocalMail } from './routes/local-mail.ts';
import { registerMediaRoutes } from './routes/media.ts';
import { registerModelRoutes } from './routes/models.ts';
import { registerOperationRoutes } from './routes/operations.ts';
import { registerOperatorRoutes } from './routes/operator.ts';
import { registerOperatorPayments } from './routes/operator-payments.ts';
import { registerPaymentRoutes } from './routes/payments.ts';
import { registerPlanRoutes } from './routes/plans.ts';
import { registerQuoteRoutes } from './routes/quotes.ts';
import { registerStripeWebhook } from './routes/stripe-webhook.ts';
import { registerDeliveryRoutes } from './routes/delivery.ts';
import { registerUnsubscribe } from './routes/unsubscribe.ts';
import { registerTelegram } from './routes/telegram.ts';
import { registerUploadRoutes } from './routes/uploads.ts';
import { registerSecurityHeaders, securityHeaders } from './security-headers.ts';
import type { App, HttpServices } from './services.ts';
import { registerWeb } from './web.ts';

/**
 * The HTTP door, ready to listen. Closing it takes no new connections, ends streams of events, and waits for requests under way.
 * @param extend adds routes of the caller's own, with everything that surrounds the others (a bench's)
 */
export async function createHttpServer(
  services: HttpServices,
  metrics: Metrics,
  extend?: (app: App) => void,
): Promise<App> {
  const app: App = createApp(services);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeContentTypeParser('text/plain');

  const counter = createRequestCounter(services);
  registerErrors(app, services);
  registerSecurityHeaders(app, services);
  registerRequestLog(app);
  metrics.watch(app);
  registerAddressLimit(app, services, counter);
  registerAccess(app, services);
  registerWriteLimit(app, services, counter);
  registerInputHygiene(app);
  registerIdempotency(app, services);

  await registerOpenApi(app, services);
  registerDocsPage(app);
  registerOperationRoutes(app, services);
  await registerAuthRoutes(app, services, counter);
  registerAccountRoutes(app, services);
  registerModelRoutes(app, services);
  registerQuoteRoutes(app, services);
  registerGenerationRoutes(app, services);
  registerGenerationEvents(app, services);
  registerCreditRoutes(app, services);
  registerPaymentRoutes(app, services);
  registerPlanRoutes(app, services);
  registerStripeWebhook(app, services);
  registerOperatorPayments(app, services);
  await registerUploadRoutes(app, services);
  registerOperatorRoutes(app, services);
  registerCompatibility(app, services);
  registerCompletionRoutes(app, services);
  registerMediaRoutes(app, services);
  registerLocalMail(app, services);
  registerTelegram(app, services);
  registerDeliveryRoutes(app, services);
  await registerUnsubscribe(app, services);
  await registerHookRoutes(app, services);
  extend?.(app);
  await registerWeb(app, services);

  app.addHook('preClose', async () => services.watcher.stop());
  app.addHook('onClose', async () => counter.stop());
  await app.ready();
  return app;
}

function createApp(services: HttpServices): App {
  const { settings, log } = services;
  return fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
    genReqId: requestIds(),
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    bodyLimit: settings.maxBodyBytes,
    // A slow phone sends 25 MB in this time; a connection that sends nothing is ended sooner by the headers' limit.
    requestTimeout: 120_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false },
    frameworkErrors: (error, request, reply) => {
      const problem = toProblem(error, services);
      reply.headers(securityHeaders(settings.publicUrl));
      sendProblem(request, reply, problem);
    },
  }).withTypeProvider<ZodTypeProvider>();
}

/** Unique without the cost of randomness for each: this process's own name, and a count. */
function requestIds(): () => string {
  const process = newId('req');
  let count = 0;
  return () => {
    count += 1;
    return `${process}.${count.toString(36)}`;
  };
}

/** One line for each answer: what, how, how long, for whom. Never a query (links carry signatures), a header or a body. */
function registerRequestLog(app: App): void {
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        person: request.identity?.person.id,
        address: request.ip,
      },
      'answered',
    );
  });
}
