import type { Delivery } from '@holdfast/client';
import { cx } from '../lib/cx.ts';
import { deliveryWords as words } from '../words/delivery.ts';
import { Moment } from './moment.tsx';

const tones: Record<Delivery['state'], string> = {
  pending: 'text-held',
  sending: 'text-held',
  delivered: 'text-accent',
  refused: 'text-bad',
  uncertain: 'text-held',
};

/** How one delivery stands, why, and when it is tried again. */
export function DeliveryState({ delivery }: { delivery: Delivery }) {
  const tried = delivery.state === 'pending' && delivery.attempts.length > 0;
  return (
    <span className="text-xs text-ink-3">
      <span className={cx('font-medium', tones[delivery.state])}>{words.state[delivery.state]}</span>
      {delivery.reason && delivery.state !== 'delivered' && ` · ${words.reason(delivery.reason)}`}
      {tried && delivery.next_at && (
        <>
          {' · '}
          {words.next} <Moment at={delivery.next_at} />
        </>
      )}
    </span>
  );
}
