import type { StripeEvent } from '@holdfast/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import { queries, queryClient } from '../../api/queries.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Segmented } from '../../parts/segmented.tsx';
import { Await, Bone } from '../../parts/states.tsx';
import { deskWords } from '../../words/operator-payments.ts';

const words = deskWords.events;
type Shown = 'waiting' | 'all';

/** What Stripe has said; what isn't done first, each with its raw body and a replay. */
export function Events() {
  const [shown, setShown] = useState<Shown>('waiting');
  const [open, setOpen] = useState<string | null>(null);
  const events = useQuery(queries.deskEvents(shown));
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
            { value: 'all', label: words.all },
          ]}
          onChange={setShown}
        />
      }
    >
      <Await query={events} loading={<Bone className="h-32 rounded-2xl" />}>
        {({ items }) => (
          <Card>
            {items.length === 0 ? (
              <p className="px-5 py-4 text-sm text-ink-3">
                {shown === 'waiting' ? words.empty : words.emptyAll}
              </p>
            ) : (
              <ul className="divide-y divide-line" data-testid="events">
                {items.map((event) => (
                  <Row key={event.id} event={event} onOpen={() => setOpen(event.id)} />
                ))}
              </ul>
            )}
          </Card>
        )}
      </Await>
      {open !== null && <Body id={open} onClose={() => setOpen(null)} />}
    </Section>
  );
}

function Row({ event, onOpen }: { event: StripeEvent; onOpen: () => void }) {
  const replay = useMutation({
    mutationFn: () => api.paymentDesk.replay(event.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['operator', 'payments'] }),
  });
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 px-4 py-3 text-sm sm:px-5">
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
        <ProblemNotice error={replay.error} />
      </div>
      <div className="flex gap-2">
        <Button size="small" look="quiet" onClick={onOpen}>
          {words.show}
        </Button>
        <Button size="small" busy={replay.isPending} onClick={() => replay.mutate()}>
          {words.replay}
        </Button>
      </div>
    </li>
  );
}

function Body({ id, onClose }: { id: string; onClose: () => void }) {
  const event = useQuery({
    queryKey: ['operator', 'payments', 'event', id],
    queryFn: () => api.paymentDesk.event(id),
  });
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
