import type { ApiKey } from '@holdfast/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import { queries, queryClient } from '../../api/queries.ts';
import { newIdempotencyKey } from '@holdfast/client';
import { formatDay, formatMoment } from '../../lib/format.ts';
import { Button } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Await, Bone, Empty } from '../../parts/states.tsx';
import { accountWords } from '../../words/account.ts';

const words = accountWords.keys;
const refresh = () => queryClient.invalidateQueries({ queryKey: queries.apiKeys.queryKey });

/** Keys for programs: made, listed, revoked. The secret is shown once. */
export function ApiKeys() {
  const keys = useQuery(queries.apiKeys);
  const [doomed, setDoomed] = useState<ApiKey | null>(null);
  return (
    <Section
      title={words.title}
      note={words.note}
      aside={
        <a
          href="/api/docs"
          className="rounded text-sm font-medium text-accent underline underline-offset-3 hover:text-accent-hover"
        >
          {words.docs}
        </a>
      }
    >
      <CreateKey />
      <Await query={keys} loading={<Bone className="h-24 rounded-2xl" />}>
        {(items) => (
          <Card>
            {items.length === 0 ? (
              <Empty title={words.emptyTitle}>{words.empty}</Empty>
            ) : (
              <ul className="divide-y divide-line">
                {items.map((key) => (
                  <li
                    key={key.id}
                    className="flex items-center justify-between gap-4 px-4 py-3 text-sm sm:px-5"
                  >
                    <div className="min-w-0">
                      <p className="truncate font-medium">
                        {key.name || words.unnamed}{' '}
                        {key.start && (
                          <span className="ml-1 font-mono text-xs font-normal text-ink-3">{key.start}…</span>
                        )}
                      </p>
                      <p className="text-xs text-ink-3">
                        {words.created} <Moment at={key.created_at} format={formatDay} />,{' '}
                        {key.last_used_at ? (
                          <>
                            {words.used} <Moment at={key.last_used_at} format={formatMoment} />
                          </>
                        ) : (
                          words.never
                        )}
                      </p>
                    </div>
                    <Button size="small" look="danger" onClick={() => setDoomed(key)}>
                      {words.revoke}
                    </Button>
                  </li>
                ))}
              </ul>
            )}
          </Card>
        )}
      </Await>
      <RevokeDialog apiKey={doomed} onClose={() => setDoomed(null)} />
    </Section>
  );
}

function CreateKey() {
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: () => api.createKey({ name: name.trim() }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: async () => {
      setName('');
      await refresh();
    },
  });
  return (
    <div className="mb-3 grid gap-3">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <div className="min-w-52 flex-1">
          <TextField
            label={words.name}
            placeholder={words.namePlaceholder}
            required
            maxLength={32}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <Button type="submit" className="h-10 pointer-coarse:h-11" busy={create.isPending}>
          {words.create}
        </Button>
      </form>
      <ProblemNotice error={create.error} />
      {create.data && (
        <Notice
          tone="good"
          title={words.madeTitle}
          action={
            <Button size="small" onClick={() => create.reset()}>
              {words.done}
            </Button>
          }
        >
          <p>{words.made}</p>
          <p className="mt-2 flex items-center gap-1 rounded-lg bg-surface px-3 py-1.5">
            <code className="min-w-0 flex-1 text-xs break-all text-ink" data-testid="new-key">
              {create.data.key}
            </code>
            <CopyButton text={create.data.key} label={words.title} />
          </p>
        </Notice>
      )}
    </div>
  );
}

function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey | null; onClose: () => void }) {
  const revoke = useMutation({
    mutationFn: (id: string) => api.revokeKey(id, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: async () => {
      onClose();
      await refresh();
    },
  });
  return (
    <Dialog
      open={apiKey !== null}
      title={words.revokeTitle(apiKey?.name || words.unnamed)}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{words.keep}</Button>
          <Button look="danger" busy={revoke.isPending} onClick={() => apiKey && revoke.mutate(apiKey.id)}>
            {words.revoke}
          </Button>
        </>
      }
    >
      <p>{words.revokeText}</p>
      <ProblemNotice error={revoke.error} />
    </Dialog>
  );
}
