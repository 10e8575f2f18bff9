import { join } from 'node:path';
import { systemClock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import { createFalProvider } from './providers/fal/adapter.ts';
import { createKieProvider } from './providers/kie/adapter.ts';
import type { Provider } from './providers/port.ts';
import { createReplicateProvider } from './providers/replicate/adapter.ts';
import { createStudioProvider } from './providers/studio/adapter.ts';

/** The providers that the settings give what they need. The renderer that comes along needs nothing, the others a key. */
export function configuredProviders(config: Config): readonly Provider[] {
  const common = { allowPrivateAddresses: config.allowPrivateResults, clock: systemClock };
  const providers: Provider[] = [
    createStudioProvider({
      workDirectory: join(config.dataDirectory, 'work'),
      concurrency: config.workerConcurrency,
    }),
  ];
  if (config.kieApiKey !== undefined) {
    providers.push(
      createKieProvider({
        ...common,
        apiKey: config.kieApiKey,
        baseUrl: config.kieBaseUrl,
        uploadBaseUrl: config.kieUploadUrl,
        webhookKey: config.kieWebhookKey ?? null,
        usdPerCredit: config.kieUsdPerCredit,
      }),
    );
  }
  if (config.falKey !== undefined) {
    providers.push(
      createFalProvider({
        ...common,
        apiKey: config.falKey,
        adminKey: config.falAdminKey ?? null,
        queueBaseUrl: config.falQueueUrl,
        restBaseUrl: config.falRestUrl,
        apiBaseUrl: config.falApiUrl,
        jwksUrl: config.falJwksUrl,
        listIsComplete: config.falListIsComplete,
      }),
    );
  }
  if (config.replicateApiToken !== undefined) {
    providers.push(
      createReplicateProvider({
        ...common,
        apiToken: config.replicateApiToken,
        baseUrl: config.replicateBaseUrl,
        webhookSecret: config.replicateWebhookSecret ?? null,
      }),
    );
  }
  return providers;
}
