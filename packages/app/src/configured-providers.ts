import { join } from 'node:path';
import type { Config } from './platform/config.ts';
import type { Provider } from './providers/port.ts';
import { createStudioProvider } from './providers/studio/adapter.ts';

/** The providers that the settings give what they need. The renderer that comes along needs nothing. */
export function configuredProviders(config: Config): readonly Provider[] {
  return [
    createStudioProvider({
      workDirectory: join(config.dataDirectory, 'work'),
      concurrency: config.workerConcurrency,
    }),
  ];
}
