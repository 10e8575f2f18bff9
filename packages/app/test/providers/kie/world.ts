import { startKieEmulator } from '../../../emulators/kie/emulator.ts';
import type { KieEmulatorOptions } from '../../../emulators/kie/emulator.ts';
import type { Service } from '../../../emulators/shared/service.ts';
import { createKieProvider } from '../../../src/providers/kie/adapter.ts';
import type { KieOptions } from '../../../src/providers/kie/api.ts';
import type { Provider } from '../../../src/providers/port.ts';

/** The adapter as it goes into production, against an emulator that makes things at once. */
export async function kieWorld(
  emulated: KieEmulatorOptions = {},
  options: Partial<KieOptions> = {},
): Promise<{ service: Service; provider: Provider }> {
  const service = await startKieEmulator({
    apiKey: 'a-key',
    webhookKey: 'a-webhook-key',
    ...emulated,
    knobs: { queuedMs: 0, runMs: 0, limited: false, ...emulated.knobs },
  });
  const provider = createKieProvider({
    apiKey: 'a-key',
    baseUrl: service.url,
    uploadBaseUrl: service.url,
    webhookKey: 'a-webhook-key',
    usdPerCredit: 0.005,
    allowPrivateAddresses: true,
    ...options,
  });
  return { service, provider };
}
