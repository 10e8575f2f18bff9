import { startReplicateEmulator } from '../../../emulators/replicate/emulator.ts';
import type { ReplicateEmulatorOptions } from '../../../emulators/replicate/emulator.ts';
import type { Service } from '../../../emulators/shared/service.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import type { Provider } from '../../../src/providers/port.ts';
import { createReplicateProvider } from '../../../src/providers/replicate/adapter.ts';
import type { ReplicateOptions } from '../../../src/providers/replicate/api.ts';

/** The adapter as it goes into production, against an emulator that makes things at once. */
export async function replicateWorld(
  emulated: ReplicateEmulatorOptions = {},
  options: Partial<ReplicateOptions> = {},
): Promise<{ service: Service; provider: Provider }> {
  const service = await startReplicateEmulator({
    apiToken: 'a-token',
    ...emulated,
    knobs: { queuedMs: 0, runMs: 0, ...emulated.knobs },
  });
  const provider = createReplicateProvider({
    apiToken: 'a-token',
    baseUrl: service.url,
    webhookSecret: null,
    allowPrivateAddresses: true,
    clock: systemClock,
    ...options,
  });
  return { service, provider };
}
