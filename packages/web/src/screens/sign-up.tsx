import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { auth } from '../api/auth.ts';
import { queries, queryClient } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ProblemNotice } from '../parts/problem.tsx';
import { WelcomeFrame } from '../shell/welcome-frame.tsx';
import { welcomeWords } from '../words/welcome.ts';

const words = welcomeWords.signUp;

export function SignUp() {
  const { next } = useSearch({ from: '/sign-up' });
  const navigate = useNavigate();
  const router = useRouter();
  const settings = useQuery(queries.settings);
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const verifyFirst = settings.data?.sign_up_credits_need_verified_email ?? false;

  const signUp = useMutation({
    mutationFn: () => auth.signUp(name.trim() || (email.split('@')[0] ?? ''), email.trim(), password),
    onSuccess: async () => {
      queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== 'settings' });
      if (verifyFirst) await navigate({ to: '/verify-email', search: { next } });
      else router.history.push(next ?? '/create');
    },
  });

  return (
    <WelcomeFrame
      title={words.title}
      lead={
        settings.data &&
        (verifyFirst ? words.leadVerified : words.lead)(
          settings.data.sign_up_credits,
          settings.data.credit_expiry_months,
        )
      }
      below={
        <>
          {words.have}{' '}
          <Link
            to="/sign-in"
            search={{ next }}
            className="font-medium text-accent underline underline-offset-3 hover:text-accent-hover"
          >
            {words.signIn}
          </Link>
        </>
      }
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          signUp.mutate();
        }}
      >
        <TextField
          label={welcomeWords.name}
          name="name"
          autoComplete="name"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={welcomeWords.email}
          name="email"
          type="email"
          autoComplete="email"
          required
          maxLength={254}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <PasswordField
          label={welcomeWords.password}
          autoComplete="new-password"

          value={password}
          onChange={setPassword}
        />
        <ProblemNotice error={signUp.error} />
        <Button type="submit" look="primary" size="large" busy={signUp.isPending}>
          {words.submit}
        </Button>
      </form>
    </WelcomeFrame>
  );
}
