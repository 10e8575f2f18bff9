import { newIdempotencyKey, type Delivery } from '@holdfast/client';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { api } from '../../api/api.ts';
import { queryClient } from '../../api/queries.ts';
import { Button } from '../../parts/button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { DeliveryState } from '../../parts/delivery-state.tsx';
import { deliveryWords, webhookWords } from '../../words/delivery.ts';
import { Attempts } from './attempts.tsx';

const words = webhookWords.screen;

/** One thing that a webhook was told: how it stands, every attempt, and the way to send it again. */
export function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const replay = useMutation({
    mutationFn: () => api.webhooks.replay(delivery.id, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['deliveries'] }),
  });
  const count = delivery.attempts.length;
  return (
    <li className="grid gap-2 px-4 py-3 text-sm sm:px-5" data-testid="delivery">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-medium">{deliveryWords.event[delivery.event]}</span>
            <DeliveryState delivery={delivery} />
          </p>
          <p className="mt-0.5 text-xs text-ink-3">
            <Moment at={delivery.created_at} /> ·{' '}
            <Link
              to="/generations/$id"
              params={{ id: delivery.generation }}
              className="rounded text-accent underline underline-offset-3"
            >
              {words.generation} …{delivery.generation.slice(-6)}
            </Link>
          </p>
        </div>
        <Button size="small" busy={replay.isPending} onClick={() => replay.mutate()}>
          {words.replay}
        </Button>
      </div>
      <ProblemNotice error={replay.error} />
      {count > 0 && (
        <details className="group">
          <summary className="inline-flex items-center gap-1 rounded text-xs text-ink-2 select-none">
            <ChevronRight aria-hidden className="size-3.5 transition-transform group-open:rotate-90" />
            {deliveryWords.attempts(count)}
          </summary>
          <div className="mt-2 pl-4.5">
            <Attempts attempts={delivery.attempts} />
          </div>
        </details>
      )}
    </li>
  );
}
