import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from './api.ts';

const under_way_ms = 4_000;
const isUnderWay = ({ state }: { state: string }) => state === 'pending' || state === 'sending';

/** How results are handed over, and where one wants to be told. */
export const deliveryQueries = {
  of: (generationId: string) =>
    queryOptions({
      queryKey: ['deliveries', 'of', generationId],
      queryFn: () => api.deliveries(generationId),
      refetchInterval: (query) => (query.state.data?.some(isUnderWay) ? under_way_ms : false),
    }),
  webhooks: queryOptions({ queryKey: ['webhooks'], queryFn: () => api.webhooks.list() }),
  webhookDeliveries: (id: string) =>
    infiniteQueryOptions({
      queryKey: ['deliveries', 'to', id],
      queryFn: ({ pageParam }) => api.webhooks.deliveries(id, { cursor: pageParam, limit: 25 }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next ?? undefined,
      refetchInterval: (query) =>
        query.state.data?.pages.some((page) => page.items.some(isUnderWay)) ? under_way_ms : 20_000,
    }),
  mailPreferences: queryOptions({ queryKey: ['mail-preferences'], queryFn: () => api.mailPreferences() }),
  telegramAccount: queryOptions({ queryKey: ['telegram-account'], queryFn: () => api.telegramAccount() }),
  telegramLink: (id: string | undefined) =>
    queryOptions({
      queryKey: ['telegram-link', id],
      queryFn: () => api.telegramLink(id ?? ''),
      enabled: id !== undefined,
      refetchInterval: (query) => (query.state.data?.completed ? false : 2_000),
    }),
};
