import type { Delivery, Generation } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { deliveryQueries } from '../../api/delivery-queries.ts';
import { DeliveryState } from '../../parts/delivery-state.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Card } from '../../parts/page.tsx';
import { deliveryWords as words } from '../../words/delivery.ts';

/** How the result reached its person, channel by channel. Nothing while there is nothing to say. */
export function HandedOver({ generation }: { generation: Generation }) {
  const { data } = useQuery({ ...deliveryQueries.of(generation.id), enabled: generation.final });
  if (data === undefined || data.length === 0) return null;
  return (
    <Card className="p-4 sm:p-5">
      <h2 className="mb-2 text-sm font-semibold">{words.title}</h2>
      <ul className="grid gap-2 text-sm" data-testid="handed-over">
        {data.map((delivery) => (
          <li key={delivery.id} className="flex items-baseline justify-between gap-x-4">
            <span className="min-w-0">
              <span className="text-ink-2">
                <Channel delivery={delivery} />
                {delivery.event !== 'succeeded' && delivery.event !== generation.status
                  ? ` · ${words.event[delivery.event]}`
                  : ''}
              </span>{' '}
              <DeliveryState delivery={delivery} />
            </span>
            <Moment
              at={delivery.finished_at ?? delivery.created_at}
              className="shrink-0 text-xs text-ink-3 tabular-nums"
            />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Channel({ delivery }: { delivery: Delivery }) {
  const name = words.channel[delivery.channel];
  if (delivery.webhook === null) return name;
  return (
    <Link
      to="/webhooks/$id"
      params={{ id: delivery.webhook }}
      className="rounded text-accent underline underline-offset-3"
    >
      {name}
    </Link>
  );
}
