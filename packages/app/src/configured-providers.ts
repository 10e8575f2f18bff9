import type { Config } from './platform/config.ts';
import type { Logger } from './platform/logger.ts';
import type { Provider } from './providers/port.ts';

/** The providers that the settings give what they need. */
export function configuredProviders(_config: Config, _log: Logger): readonly Provider[] {
  return [];
}
