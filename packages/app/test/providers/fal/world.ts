import { startFalEmulator } from '../../../emulators/fal/emulator.ts';
import type { FalEmulatorOptions } from '../../../emulators/fal/emulator.ts';
import type { Service } from '../../../emulators/shared/service.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { createFalProvider } from '../../../src/providers/fal/adapter.ts';
import type { FalOptions } from '../../../src/providers/fal/api.ts';
import type { Provider } from '../../../src/providers/port.ts';

/** The adapter as it goes into production, against an emulator that makes things at once. */
export async function falWorld(
  emulated: FalEmulatorOptions = {},
  options: Partial<FalOptions> = {},
): Promise<{ service: Service; provider: Provider }> {
  const service = await startFalEmulator({
    apiKey: 'a-key',
    listsUnfinished: true,
    ...emulated,
    knobs: { queuedMs: 0, runMs: 0, ...emulated.knobs },
  });
  const provider = createFalProvider({
    apiKey: 'a-key',
    adminKey: 'a-key',
    queueBaseUrl: service.url,
    restBaseUrl: service.url,
    apiBaseUrl: service.url,
    jwksUrl: `${service.url}/.well-known/jwks.json`,
    listIsComplete: true,
    allowPrivateAddresses: true,
    clock: systemClock,
    ...options,
  });
  return { service, provider };
}
