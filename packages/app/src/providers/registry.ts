import type { Provider } from './port.ts';

/** The providers this process can reach, by id. */
export interface ProviderRegistry {
  /** @throws Error for an id that isn't configured: callers check `has` where that can happen */
  get(id: string): Provider;
  has(id: string): boolean;
  all(): readonly Provider[];
}

export declare function createRegistry(providers: readonly Provider[]): ProviderRegistry;
