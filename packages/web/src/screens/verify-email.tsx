import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { auth } from '../api/auth.ts';
import { isSignedOut } from '../api/errors.ts';
import { queries, queryClient } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { LocalMail } from '../parts/local-mail.tsx';
import { ProblemNotice } from '../parts/problem.tsx';
import { Await, Bone } from '../parts/states.tsx';
import { WelcomeFrame } from '../shell/welcome-frame.tsx';
import { welcomeWords } from '../words/welcome.ts';

const words = welcomeWords.verify;

/** Both sides of verification: waiting for the mail, and coming back from the link in it. */
export function VerifyEmail() {
  const { done, error } = useSearch({ from: '/verify-email' });
  useEffect(() => {
    if (!done) return;
    void queryClient.invalidateQueries({ queryKey: ['me'] });
    void queryClient.invalidateQueries({ queryKey: ['credits'] });
  }, [done]);

  if (error) {
    return (
      <WelcomeFrame title={words.badTitle} lead={words.bad}>
        <Button asChild look="primary" size="large" className="w-full">
          <Link to="/sign-in" search={{ next: '/verify-email' }}>
            {welcomeWords.signIn.submit}
          </Link>
        </Button>
      </WelcomeFrame>
    );
  }
  return done ? <Verified /> : <Waiting />;
}

function Verified() {
  return (
    <WelcomeFrame title={words.doneTitle} lead={words.done}>
      <Button asChild look="primary" size="large" className="w-full">
        <Link to="/create">{words.goOn}</Link>
      </Button>
    </WelcomeFrame>
  );
}

function Waiting() {
  // The link may be opened on another device: this page notices by itself.
  const me = useQuery({ ...queries.me, staleTime: 0, refetchInterval: 5_000 });
  const resend = useMutation({ mutationFn: auth.sendVerification });
  if (isSignedOut(me.error)) {
    return (
      <WelcomeFrame title={words.title} lead={words.bad}>
        <Button asChild look="primary" size="large" className="w-full">
          <Link to="/sign-in" search={{ next: '/verify-email' }}>
            {welcomeWords.signIn.submit}
          </Link>
        </Button>
      </WelcomeFrame>
    );
  }
  if (me.data?.email_verified) return <Verified />;
  return (
    <WelcomeFrame title={words.title}>
      <Await query={me} loading={<Bone className="h-24" />}>
        {(person) => (
          <div className="grid gap-4 text-sm text-ink-2">
            <p>
              {words.pending(person.email ?? '')}{' '}
              {person.credits_waiting_for_verification > 0 &&
                words.waiting(person.credits_waiting_for_verification)}
            </p>
            <LocalMail />
            {resend.isSuccess && <output>{words.resent}</output>}
            <ProblemNotice error={resend.error} />
            <div className="flex flex-wrap gap-2">
              <Button busy={resend.isPending} onClick={() => resend.mutate(person.email ?? '')}>
                {words.resend}
              </Button>
              <Button asChild look="quiet">
                <Link to="/create">{words.later}</Link>
              </Button>
            </div>
          </div>
        )}
      </Await>
    </WelcomeFrame>
  );
}
