import type { Provider } from '../../src/providers/port.ts';

/** A provider that is never asked to do anything: for tests in which nothing works generations. */
export function idleProvider(id: string, options: { paid?: boolean } = {}): Provider {
  const never = () => {
    throw new Error(`${id} was not to be asked`);
  };
  return {
    id,
    capabilities: {
      idempotentSubmit: true,
      cancel: true,
      webhooks: false,
      balance: false,
      list: false,
      paid: options.paid ?? false,
      concurrencyPerMachine: 1,
    },
    submit: never,
    status: never,
    fetchOutput: never,
    classify: () => 'UNKNOWN',
  };
}
