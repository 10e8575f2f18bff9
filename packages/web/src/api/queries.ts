import { ApiError, type Order } from '@holdfast/client';
import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query';
import type { LibrarySearch } from '../search.ts';
import { api } from './api.ts';
import { auth } from './auth.ts';

/** A refusal will be the same the second time; silence may not be. */
function worthRetrying(failures: number, error: Error): boolean {
  if (error instanceof ApiError && error.status < 500) return false;
  return failures < 2;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: worthRetrying,
      retryDelay: (attempt) => Math.min(600 * 2 ** attempt, 5_000),
      staleTime: 5_000,
    },
    mutations: { networkMode: 'always' },
  },
});

export const queries = {
  settings: queryOptions({ queryKey: ['settings'], queryFn: () => api.settings(), staleTime: 300_000 }),
  me: queryOptions({ queryKey: ['me'], queryFn: () => api.me(), staleTime: 60_000 }),
  models: queryOptions({ queryKey: ['models'], queryFn: () => api.models(), staleTime: 30_000 }),
  modelStatus: queryOptions({
    queryKey: ['models', 'status'],
    queryFn: () => api.modelStatus(),
    staleTime: 10_000,
    refetchInterval: 30_000,
  }),
  balance: queryOptions({
    queryKey: ['credits', 'balance'],
    queryFn: () => api.balance(),
    // While something is held, the balance moves without this page's doing.
    refetchInterval: (query) => ((query.state.data?.held ?? 0) > 0 ? 5_000 : 60_000),
  }),
  lots: queryOptions({ queryKey: ['credits', 'lots'], queryFn: () => api.lots({ all: true }) }),
  holds: queryOptions({ queryKey: ['credits', 'holds'], queryFn: () => api.holds({ state: 'open' }) }),
  history: infiniteQueryOptions({
    queryKey: ['credits', 'history'],
    queryFn: ({ pageParam }) => api.history({ cursor: pageParam, limit: 25 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  }),
  library: (filter: LibrarySearch) =>
    infiniteQueryOptions({
      queryKey: ['generations', 'list', filter],
      queryFn: ({ pageParam }) => api.generations({ ...filter, cursor: pageParam, limit: 24 }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next ?? undefined,
      refetchInterval: (query) =>
        query.state.data?.pages.some((page) => page.items.some((item) => !item.final)) ? 3_000 : false,
    }),
  generation: (id: string) =>
    queryOptions({ queryKey: ['generations', 'one', id], queryFn: () => api.generation(id) }),
  deskEvents: (shown: 'waiting' | 'unmatched' | 'all') =>
    queryOptions({
      queryKey: ['operator', 'payments', 'events', shown],
      queryFn: () => api.paymentDesk.events(shown === 'all' ? {} : { state: shown }),
      refetchInterval: 15_000,
    }),
  deskEvent: (id: string) =>
    queryOptions({
      queryKey: ['operator', 'payments', 'event', id],
      queryFn: () => api.paymentDesk.event(id),
    }),
  deskOrder: (id: string) =>
    queryOptions({
      queryKey: ['operator', 'payments', 'order', id],
      queryFn: () => api.paymentDesk.order(id),
    }),
  deskOrders: (shown: Order['state'] | 'all') =>
    infiniteQueryOptions({
      queryKey: ['operator', 'payments', 'orders', shown],
      queryFn: ({ pageParam }) =>
        api.paymentDesk.orders({ cursor: pageParam, ...(shown === 'all' ? {} : { state: shown }) }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
  catalogue: queryOptions({ queryKey: ['catalogue'], queryFn: () => api.catalogue(), staleTime: 60_000 }),
  orders: queryOptions({
    queryKey: ['payments', 'orders'],
    queryFn: () => api.orders(),
    refetchInterval: (query) => (query.state.data?.some(({ state }) => state === 'pending') ? 5_000 : false),
  }),
  /** Asks how it stands until it is known. */
  watchedOrder: (id: string) =>
    queryOptions({
      queryKey: ['payments', 'order', id],
      queryFn: () => api.checkOrder(id),
      refetchInterval: (query) => (query.state.data?.state === 'pending' ? 2_000 : false),
      staleTime: 0,
    }),
  subscription: queryOptions({ queryKey: ['payments', 'subscription'], queryFn: () => api.subscription() }),
  autoTopUp: queryOptions({ queryKey: ['payments', 'auto-top-up'], queryFn: () => api.autoTopUp() }),
  session: queryOptions({ queryKey: ['auth', 'session'], queryFn: auth.session }),
  sessions: queryOptions({ queryKey: ['auth', 'sessions'], queryFn: auth.sessions }),
  operatorOverview: queryOptions({
    queryKey: ['operator', 'overview'],
    queryFn: () => api.operatorOverview(),
    refetchInterval: 10_000,
  }),
  apiKeys: queryOptions({ queryKey: ['auth', 'api-keys'], queryFn: () => api.keys() }),
};

/** After anything that can have moved credits. */
export async function creditsMoved(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ['credits'] });
}
