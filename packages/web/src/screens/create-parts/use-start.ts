import { ApiError, ConnectionError, type GenerationInput, type Quote } from '@holdfast/client';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { api } from '../../api/api.ts';
import { creditsMoved, queries, queryClient } from '../../api/queries.ts';
import { newIdempotencyKey } from '@holdfast/client';

/** The server's price is higher than the one on the button: it takes a second press. */
export class PriceRoseError extends Error {
  readonly quote: Quote;
  constructor(quote: Quote) {
    super('The price rose.');
    this.name = 'PriceRoseError';
    this.quote = quote;
  }
}

type Request = { model: string; input: GenerationInput; shown: number };
type Attempt = { fingerprint: string; quote: Quote; key: string };

/**
 * From a press to a running generation: a quote for exactly these inputs, compared with the price on the button, then the start by that
 * quote. A press that got no answer is repeated with the same quote and key, so it can't start twice.
 */
export function useStart() {
  const navigate = useNavigate();
  const attempt = useRef<Attempt | null>(null);
  return useMutation({
    mutationFn: async ({ model, input, shown }: Request) => {
      const fingerprint = JSON.stringify([model, input]);
      if (attempt.current?.fingerprint !== fingerprint) {
        attempt.current = {
          fingerprint,
          quote: await api.quote({ model, input }, { idempotencyKey: newIdempotencyKey() }),
          key: newIdempotencyKey(),
        };
      }
      const { quote, key } = attempt.current;
      if (quote.credits > shown) throw new PriceRoseError(quote);
      return api.generate({ quote: quote.id }, { idempotencyKey: key });
    },
    onSuccess: async (generation) => {
      attempt.current = null;
      queryClient.setQueryData(queries.generation(generation.id).queryKey, generation);
      void creditsMoved();
      void queryClient.invalidateQueries({ queryKey: ['generations', 'list'] });
      await navigate({ to: '/generations/$id', params: { id: generation.id } });
    },
    onError: (error) => {
      if (error instanceof ConnectionError || error instanceof PriceRoseError) return;
      attempt.current = null;
      if (error instanceof ApiError && error.code === 'insufficient_credits') void creditsMoved();
      if (error instanceof ApiError && error.code === 'model_unavailable') {
        void queryClient.invalidateQueries({ queryKey: queries.models.queryKey });
      }
    },
  });
}
