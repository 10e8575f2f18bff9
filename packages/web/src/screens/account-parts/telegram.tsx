import type { NewTelegramLink } from '@holdfast/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import { api } from '../../api/api.ts';
import { deliveryQueries } from '../../api/delivery-queries.ts';
import { creditsMoved, queryClient } from '../../api/queries.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Await, Bone } from '../../parts/states.tsx';
import { accountWords } from '../../words/account.ts';

const words = accountWords.telegram;

/** Links a Telegram account: a code for the bot, and a confirmation on both sides. */
export function Telegram() {
  const account = useQuery(deliveryQueries.telegramAccount);
  return (
    <Section title={words.title} note={words.note}>
      <Card className="p-4 text-sm sm:p-5">
        <Await query={account} loading={<Bone className="h-9 w-40" />}>
          {(linked) =>
            linked === null ? (
              <Linking />
            ) : (
              <p className="flex items-center gap-2" data-testid="telegram-linked">
                <CircleCheck aria-hidden className="size-4 shrink-0 text-accent" />
                {words.done(linked.name, linked.username)}
              </p>
            )
          }
        </Await>
      </Card>
    </Section>
  );
}

function Linking() {
  const now = useNow();
  const start = useMutation({ mutationFn: () => api.startTelegramLink() });
  const link = start.data;
  const state = useQuery(deliveryQueries.telegramLink(link?.id));
  const complete = useMutation({
    mutationFn: () => api.completeTelegramLink(link?.id ?? ''),
    onSuccess: async () => {
      await creditsMoved();
      await queryClient.invalidateQueries({ queryKey: ['generations'] });
      await queryClient.invalidateQueries({ queryKey: deliveryQueries.telegramAccount.queryKey });
    },
  });
  const over = link !== undefined && new Date(link.expires_at).getTime() <= now.getTime();
  const confirmed = state.data?.confirmed === true && !over;
  return (
    <div className="grid gap-4">
      <ProblemNotice error={start.error ?? complete.error ?? state.error} />
      {over && <p className="text-ink-2">{words.over}</p>}
      {(!link || over) && (
        <Button
          className="justify-self-start"
          busy={start.isPending}
          onClick={() => {
            complete.reset();
            start.mutate();
          }}
        >
          {words.start}
        </Button>
      )}
      {link && !over && !confirmed && <Code link={link} />}
      {confirmed && (
        <div className="grid gap-3">
          <p>{words.confirm(state.data?.telegram_name ?? '')}</p>
          <p className="text-ink-3">{words.means}</p>
          <div className="flex flex-wrap gap-2">
            <Button look="primary" busy={complete.isPending} onClick={() => complete.mutate()}>
              {words.complete}
            </Button>
            <Button onClick={() => start.reset()}>{words.notMe}</Button>
          </div>
        </div>
      )}
    </div>
  );
}

function Code({ link }: { link: NewTelegramLink }) {
  return (
    <>
      <p>{link.bot === null ? words.send : words.sendTo(link.bot)}</p>
      <p className="flex flex-wrap items-center gap-3">
        <code className="rounded-lg bg-stage px-3 py-2 break-all">{link.command}</code>
        <CopyButton text={link.command} label={words.title} />
        {link.url !== null && (
          <Button asChild size="small">
            <a href={link.url} target="_blank" rel="noreferrer">
              {words.open}
            </a>
          </Button>
        )}
      </p>
      <output className="text-ink-3">{words.waiting}</output>
    </>
  );
}
