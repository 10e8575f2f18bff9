import { newIdempotencyKey, type Webhook } from '@holdfast/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import { deliveryQueries } from '../../api/delivery-queries.ts';
import { queryClient } from '../../api/queries.ts';
import { formatDay } from '../../lib/format.ts';
import { Button } from '../../parts/button.tsx';
import { TextField } from '../../parts/field.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Await, Bone, Empty } from '../../parts/states.tsx';
import { webhookWords as words } from '../../words/delivery.ts';
import { SecretOnce } from '../webhook-parts/secret-once.tsx';

/** Endpoints of one's own programs. Each has a page of its own. */
export function Webhooks() {
  const webhooks = useQuery(deliveryQueries.webhooks);
  return (
    <Section title={words.title} note={words.note}>
      <AddWebhook />
      <Await query={webhooks} loading={<Bone className="h-24 rounded-2xl" />}>
        {(items) => (
          <Card>
            {items.length === 0 ? (
              <Empty title={words.emptyTitle}>{words.empty}</Empty>
            ) : (
              <ul className="divide-y divide-line" data-testid="webhooks">
                {items.map((webhook) => (
                  <Row key={webhook.id} webhook={webhook} />
                ))}
              </ul>
            )}
          </Card>
        )}
      </Await>
    </Section>
  );
}

function Row({ webhook }: { webhook: Webhook }) {
  return (
    <li className="flex items-center justify-between gap-4 px-4 py-3 text-sm sm:px-5">
      <div className="min-w-0">
        <p className="font-medium break-all">{webhook.url}</p>
        <p className="text-xs text-ink-3">
          {words.added} <Moment at={webhook.created_at} format={formatDay} />
          {webhook.disabled && <span className="font-medium text-bad"> · {words.off}</span>}
        </p>
      </div>
      <Button asChild size="small">
        <Link to="/webhooks/$id" params={{ id: webhook.id }}>
          {words.show}
        </Link>
      </Button>
    </li>
  );
}

function AddWebhook() {
  const [url, setUrl] = useState('');
  const add = useMutation({
    mutationFn: () => api.webhooks.add(url.trim(), { idempotencyKey: newIdempotencyKey() }),
    onSuccess: async () => {
      setUrl('');
      await queryClient.invalidateQueries({ queryKey: deliveryQueries.webhooks.queryKey });
    },
  });
  return (
    <div className="mb-3 grid gap-3">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <div className="min-w-52 flex-1">
          <TextField
            label={words.url}
            type="url"
            inputMode="url"
            autoComplete="off"
            placeholder={words.urlPlaceholder}
            required
            maxLength={2_000}
            value={url}
            onChange={(event) => setUrl(event.target.value)}
          />
        </div>
        <Button type="submit" className="h-10 pointer-coarse:h-11" busy={add.isPending}>
          {words.add}
        </Button>
      </form>
      <ProblemNotice error={add.error} />
      {add.data && <SecretOnce secret={add.data.secret} onDone={() => add.reset()} />}
    </div>
  );
}
