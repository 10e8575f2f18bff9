import { useMutation } from '@tanstack/react-query';
import { Link, useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { auth } from '../api/auth.ts';
import { queryClient } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ProblemNotice } from '../parts/problem.tsx';
import { WelcomeFrame } from '../shell/welcome-frame.tsx';
import { welcomeWords } from '../words/welcome.ts';

const words = welcomeWords.signIn;
const link = 'font-medium text-accent underline underline-offset-3 hover:text-accent-hover';

export function SignIn() {
  const { next } = useSearch({ from: '/sign-in' });
  const router = useRouter();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => auth.signIn(email.trim(), password),
    onSuccess: () => {
      queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== 'settings' });
      router.history.push(next ?? '/create');
    },
  });
  return (
    <WelcomeFrame
      title={words.title}
      below={
        <>
          {words.none}{' '}
          <Link to="/sign-up" search={{ next }} className={link}>
            {words.signUp}
          </Link>
        </>
      }
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <TextField
          label={welcomeWords.email}
          name="email"
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <div>
          <PasswordField
            label={welcomeWords.password}
            autoComplete="current-password"
            value={password}
            onChange={setPassword}
          />
          <p className="mt-1.5 text-sm">
            <Link to="/forgot-password" className={link}>
              {words.forgot}
            </Link>
          </p>
        </div>
        <ProblemNotice error={signIn.error} />
        <Button type="submit" look="primary" size="large" busy={signIn.isPending}>
          {words.submit}
        </Button>
      </form>
    </WelcomeFrame>
  );
}
