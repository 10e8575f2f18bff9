import type { StripeEvent } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api } from '../../api/api.ts';
import { queries } from '../../api/queries.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { Segmented } from '../../parts/segmented.tsx';
import { Await, Bone } from '../../parts/states.tsx';
import { deskWords } from '../../words/operator-payments.ts';
import { inSight } from '../operator-parts/in-sight.ts';
import { ReasonDialog } from './reason-dialog.tsx';

const words = deskWords.events;
type Shown = 'waiting' | 'unmatched' | 'all';

/** What Stripe has said; what isn't done first, each with its raw body and a replay. */
export function Events({ selected }: { selected: string | undefined }) {
  const [shown, setShown] = useState<Shown>('waiting');
  const [open, setOpen] = useState<string | null>(null);
  const [replaying, setReplaying] = useState<string | null>(null);
  const events = useQuery(queries.deskEvents(shown));
  const row = (event: StripeEvent) => (
    <Row
      key={event.id}
      event={event}
      selected={event.id === selected}
      onOpen={() => setOpen(event.id)}
      onReplay={() => setReplaying(event.id)}
    />
  );
  return (
    <Section
      title={words.title}
      note={words.note}
      aside={
        <Segmented
          label={words.title}
          value={shown}
          choices={[
            { value: 'waiting', label: words.waiting },
            { value: 'unmatched', label: words.unmatched },
            { value: 'all', label: words.all },
          ]}
          onChange={setShown}
        />
      }
    >
      <div className="grid gap-3">
        {selected !== undefined && <Wanted id={selected} row={row} />}
        <Await query={events} loading={<Bone className="h-32 rounded-2xl" />}>
          {({ items }) => {
            const others = items.filter(({ id }) => id !== selected);
            return (
              <Card>
                {others.length === 0 ? (
                  <p className="px-5 py-4 text-sm text-ink-3">{words.empty[shown]}</p>
                ) : (
                  <ul className="divide-y divide-line" data-testid="events">
                    {others.map(row)}
                  </ul>
                )}
              </Card>
            );
          }}
        </Await>
      </div>
      {open !== null && <Body id={open} onClose={() => setOpen(null)} />}
      {replaying !== null && (
        <ReasonDialog
          title={words.replayTitle}
          text={words.replayText}
          act={words.replay}
          doing={(reason) => api.paymentDesk.replay(replaying, reason)}
          onClose={() => setReplaying(null)}
        />
      )}
    </Section>
  );
}

/** The one that an alert's link names: whatever is listed, it is above. */
function Wanted({ id, row }: { id: string; row: (event: StripeEvent) => ReactNode }) {
  const event = useQuery(queries.deskEvent(id));
  return (
    <Await query={event} loading={<Bone className="h-20 rounded-2xl" />}>
      {(found) => (
        <Card>
          <ul data-testid="wanted-event">{row(found)}</ul>
        </Card>
      )}
    </Await>
  );
}

function Row({
  event,
  selected,
  onOpen,
  onReplay,
}: {
  event: StripeEvent;
  selected: boolean;
  onOpen: () => void;
  onReplay: () => void;
}) {
  return (
    <li
      {...inSight(
        selected,
        'flex flex-wrap items-start justify-between gap-x-6 gap-y-2 px-4 py-3 text-sm sm:px-5',
      )}
    >
      <div className="min-w-0 flex-1 basis-72">
        <p>
          <span className="font-medium">{event.type}</span>{' '}
          <span className="text-ink-2">{words.states[event.state]}</span>
        </p>
        <p className="text-xs break-words text-ink-3">
          <Moment at={event.received_at} /> · {words.tries(event.attempts)}
          {event.result && ` · ${event.result}`}
        </p>
        <p className="font-mono text-2xs break-all text-ink-3">
          {event.id} · {event.object ?? '–'}
        </p>
      </div>
      <div className="flex gap-2">
        <Button size="small" look="quiet" onClick={onOpen}>
          {words.show}
        </Button>
        <Button size="small" onClick={onReplay}>
          {words.replay}
        </Button>
      </div>
    </li>
  );
}

function Body({ id, onClose }: { id: string; onClose: () => void }) {
  const event = useQuery(queries.deskEvent(id));
  return (
    <Dialog open title={id} onClose={onClose}>
      <Await query={event} loading={<Bone className="h-40" />}>
        {({ body }) => (
          <pre className="max-h-[60vh] overflow-auto rounded-lg bg-sunken p-3 font-mono text-2xs whitespace-pre-wrap break-all">
            {body}
          </pre>
        )}
      </Await>
    </Dialog>
  );
}
