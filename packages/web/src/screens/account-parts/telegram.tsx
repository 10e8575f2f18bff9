import { useMutation, useQuery } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import { creditsMoved } from '../../api/queries.ts';
import { Button } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { accountWords } from '../../words/account.ts';

const words = accountWords.telegram;

/** Links a Telegram account: a code for the bot, and a confirmation on both sides. */
export function Telegram() {
  const start = useMutation({ mutationFn: () => api.startTelegramLink() });
  const link = start.data;
  const state = useQuery({
    queryKey: ['telegram-link', link?.id],
    queryFn: () => api.telegramLink(link?.id ?? ''),
    enabled: link !== undefined,
    refetchInterval: (query) => (query.state.data?.completed ? false : 2_000),
  });
  const complete = useMutation({
    mutationFn: () => api.completeTelegramLink(link?.id ?? ''),
    onSuccess: async () => {
      await state.refetch();
      await creditsMoved();
    },
  });
  return (
    <Section title={words.title} note={words.note}>
      <Card>
        <div className="grid gap-4 p-4 text-sm sm:p-5">
          <ProblemNotice error={start.error ?? complete.error} />
          {!link && (
            <Button className="justify-self-start" busy={start.isPending} onClick={() => start.mutate()}>
              {words.start}
            </Button>
          )}
          {link && state.data?.completed && <p>{words.done}</p>}
          {link && !state.data?.completed && state.data?.confirmed && (
            <div className="flex flex-wrap items-center gap-3">
              <p>{words.confirm(state.data.telegram_name ?? '')}</p>
              <Button look="primary" busy={complete.isPending} onClick={() => complete.mutate()}>
                {words.complete}
              </Button>
            </div>
          )}
          {link && !state.data?.completed && !state.data?.confirmed && (
            <>
              <p>{words.send}</p>
              <p className="flex flex-wrap items-center gap-3">
                <code className="rounded-lg bg-stage px-3 py-2 break-all">{link.command}</code>
                <CopyButton text={link.command} label={words.title} />
              </p>
              <p className="text-ink-3">{words.waiting}</p>
            </>
          )}
        </div>
      </Card>
    </Section>
  );
}
