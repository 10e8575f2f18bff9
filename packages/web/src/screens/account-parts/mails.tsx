import type { MailPreferences, Me } from '@holdfast/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/api.ts';
import { deliveryQueries } from '../../api/delivery-queries.ts';
import { queryClient } from '../../api/queries.ts';
import { Notice } from '../../parts/notice.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Await, Bone } from '../../parts/states.tsx';
import { Switch } from '../../parts/switch.tsx';
import { mailWords as words } from '../../words/delivery.ts';

const topics = ['ready', 'failed', 'news'] as const;
const { queryKey } = deliveryQueries.mailPreferences;

/** Which mails come. A switch shows what was pressed at once, and goes back where it could not be kept. */
export function Mails({ person }: { person: Me }) {
  const wanted = useQuery(deliveryQueries.mailPreferences);
  const choose = useMutation({
    mutationFn: (choice: Partial<MailPreferences>) => api.chooseMails(choice),
    onMutate: async (choice) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData(queryKey);
      if (before) queryClient.setQueryData(queryKey, { ...before, ...choice });
      return before;
    },
    onError: (_error, _choice, before) => queryClient.setQueryData(queryKey, before),
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
  return (
    <Section title={words.title} note={words.note}>
      <div className="grid gap-3">
        {!person.email_verified && (
          <Notice>
            {words.noAddress}{' '}
            {person.email && (
              <Link
                to="/verify-email"
                className="rounded font-medium text-accent underline underline-offset-3"
              >
                {words.verify}
              </Link>
            )}
          </Notice>
        )}
        <ProblemNotice error={choose.error} />
        <Await query={wanted} loading={<Bone className="h-48 rounded-2xl" />}>
          {(preferences) => (
            <Card className="divide-y divide-line">
              {topics.map((topic) => (
                <Switch
                  key={topic}
                  {...words.topics[topic]}
                  checked={preferences[topic]}
                  onChange={(on) => choose.mutate({ [topic]: on })}
                />
              ))}
            </Card>
          )}
        </Await>
      </div>
    </Section>
  );
}
