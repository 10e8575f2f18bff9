import { useMutation, useQuery } from '@tanstack/react-query';
import { auth } from '../../api/auth.ts';
import { queries, queryClient } from '../../api/queries.ts';
import { Button } from '../../parts/button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Await, Bone } from '../../parts/states.tsx';
import { accountWords } from '../../words/account.ts';

const words = accountWords.sessions;
const refresh = () => queryClient.invalidateQueries({ queryKey: queries.sessions.queryKey });

export function Sessions() {
  const present = useQuery(queries.session);
  const sessions = useQuery(queries.sessions);
  const end = useMutation({ mutationFn: auth.revokeSession, onSuccess: refresh });
  const endOthers = useMutation({ mutationFn: auth.revokeOtherSessions, onSuccess: refresh });
  const here = present.data?.session.token;
  const several = (sessions.data?.length ?? 0) > 1;
  return (
    <Section
      title={words.title}
      note={words.note}
      aside={
        several && (
          <Button size="small" busy={endOthers.isPending} onClick={() => endOthers.mutate()}>
            {words.endOthers}
          </Button>
        )
      }
    >
      <ProblemNotice error={end.error ?? endOthers.error} />
      <Await query={sessions} loading={<Bone className="h-20 rounded-2xl" />}>
        {(items) => (
          <Card>
            <ul className="divide-y divide-line">
              {items.map((session) => (
                <li
                  key={session.id}
                  className="flex items-center justify-between gap-4 px-4 py-3 text-sm sm:px-5"
                >
                  <div className="min-w-0">
                    <p className="truncate font-medium">{deviceInWords(session.userAgent)}</p>
                    <p className="text-xs text-ink-3">
                      {words.seen} <Moment at={new Date(session.createdAt)} />
                      {session.ipAddress && ` · ${session.ipAddress}`}
                    </p>
                  </div>
                  {session.token === here ? (
                    <span className="text-xs font-medium text-accent">{words.here}</span>
                  ) : (
                    <Button size="small" busy={end.isPending} onClick={() => end.mutate(session.token)}>
                      {words.end}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </Card>
        )}
      </Await>
    </Section>
  );
}

const browsers: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** Good enough to recognise one's own devices; nothing depends on it. */
function deviceInWords(userAgent: string | null | undefined): string {
  const browser = browsers.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1];
  const system = systems.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1];
  if (browser && system) return words.on(browser, system);
  return browser ?? system ?? userAgent?.slice(0, 40) ?? words.unknown;
}
