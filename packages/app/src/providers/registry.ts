import type { Provider } from './port.ts';

/** The providers this process can reach, by id. */
export interface ProviderRegistry {
  /** @throws Error for one that isn't configured: where that can happen, `has` is asked first */
  get(id: string): Provider;
  has(id: string): boolean;
  all(): readonly Provider[];
}

export function createRegistry(providers: readonly Provider[]): ProviderRegistry {
  const byId = new Map(providers.map((provider) => [provider.id, provider]));
  if (byId.size !== providers.length) throw new Error('two providers have the same id');
  return {
    get(id) {
      const provider = byId.get(id);
      if (provider === undefined) throw new Error(`no provider "${id}" is configured here`);
      return provider;
    },
    has: (id) => byId.has(id),
    all: () => providers,
  };
}
