import { newIdempotencyKey, NotFoundError, type Webhook } from '@holdfast/client';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/api.ts';
import { deliveryQueries } from '../api/delivery-queries.ts';
import { queryClient } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Notice } from '../parts/notice.tsx';
import { Card, Page, Section } from '../parts/page.tsx';
import { ProblemNotice } from '../parts/problem.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import { Await, Bone, Empty } from '../parts/states.tsx';
import { webhookWords } from '../words/delivery.ts';
import { DeliveryRow } from './webhook-parts/delivery-row.tsx';
import { SecretOnce } from './webhook-parts/secret-once.tsx';

const words = webhookWords.screen;
const refresh = () => queryClient.invalidateQueries({ queryKey: deliveryQueries.webhooks.queryKey });

/** One webhook: what it was told, with every attempt, and its secret. */
export function WebhookScreen() {
  const { id } = useParams({ from: '/private/webhooks/$id' });
  const webhooks = useQuery(deliveryQueries.webhooks);
  return (
    <Page title={words.title} aside={<BackToAccount />}>
      <Await query={webhooks} loading={<Bone className="h-64 rounded-2xl" />}>
        {(items) => {
          const webhook = items.find((each) => each.id === id);
          return webhook ? <Shown webhook={webhook} /> : <Missing />;
        }}
      </Await>
    </Page>
  );
}

function BackToAccount() {
  return (
    <Button asChild>
      <Link to="/account">{words.back}</Link>
    </Button>
  );
}

function Shown({ webhook }: { webhook: Webhook }) {
  const [asking, setAsking] = useState<'rotate' | 'remove' | null>(null);
  const rotate = useMutation({
    mutationFn: () => api.webhooks.rotate(webhook.id, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: async () => {
      setAsking(null);
      await refresh();
    },
  });
  return (
    <div className="grid gap-8">
      <div className="grid gap-3">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="min-w-0 font-mono text-sm break-all">{webhook.url}</p>
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => setAsking('rotate')}>{words.rotate}</Button>
            <Button look="danger" onClick={() => setAsking('remove')}>
              {words.remove}
            </Button>
          </div>
        </div>
        {webhook.disabled && (
          <Notice tone="bad" title={words.offTitle}>
            {words.offText(webhook.disabled_reason ?? webhookWords.off)}
          </Notice>
        )}
        {rotate.data && <SecretOnce secret={rotate.data.secret} onDone={() => rotate.reset()} />}
      </div>
      <Deliveries id={webhook.id} />
      <Dialog
        open={asking === 'rotate'}
        title={words.rotateTitle}
        onClose={() => setAsking(null)}
        actions={
          <>
            <Button onClick={() => setAsking(null)}>{words.keep}</Button>
            <Button look="primary" busy={rotate.isPending} onClick={() => rotate.mutate()}>
              {words.rotate}
            </Button>
          </>
        }
      >
        <p>{words.rotateText}</p>
        <ProblemNotice error={rotate.error} />
      </Dialog>
      <RemoveDialog id={webhook.id} open={asking === 'remove'} onClose={() => setAsking(null)} />
    </div>
  );
}

function RemoveDialog({ id, open, onClose }: { id: string; open: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => api.webhooks.remove(id, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: async () => {
      await navigate({ to: '/account' });
      await refresh();
    },
  });
  return (
    <Dialog
      open={open}
      title={words.removeTitle}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{words.keep}</Button>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            {words.remove}
          </Button>
        </>
      }
    >
      <p>{words.removeText}</p>
      <ProblemNotice error={remove.error} />
    </Dialog>
  );
}

function Deliveries({ id }: { id: string }) {
  const list = useInfiniteQuery(deliveryQueries.webhookDeliveries(id));
  if (list.error instanceof NotFoundError) return <Missing />;
  return (
    <Section title={words.deliveries} note={words.deliveriesNote}>
      <Await query={list} loading={<Bone className="h-40 rounded-2xl" />}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          return (
            <>
              <Card>
                {items.length === 0 ? (
                  <p className="px-5 py-4 text-sm text-ink-3">{words.none}</p>
                ) : (
                  <ul className="divide-y divide-line">
                    {items.map((delivery) => (
                      <DeliveryRow key={delivery.id} delivery={delivery} />
                    ))}
                  </ul>
                )}
              </Card>
              {items.length > 0 && <ShowMore query={list} end={words.end} />}
            </>
          );
        }}
      </Await>
    </Section>
  );
}

function Missing() {
  return <Empty title={words.missingTitle}>{words.missing}</Empty>;
}
