import { ApiError } from '@holdfast/client';
import { useMutation } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { auth } from '../api/auth.ts';
import { Button } from '../parts/button.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ProblemNotice } from '../parts/problem.tsx';
import { WelcomeFrame } from '../shell/welcome-frame.tsx';
import { welcomeWords } from '../words/welcome.ts';

const words = welcomeWords.reset;

export function ResetPassword() {
  const { token, error } = useSearch({ from: '/reset-password' });
  const [password, setPassword] = useState('');
  const reset = useMutation({ mutationFn: (good: string) => auth.resetPassword(good, password) });
  const refused = reset.error instanceof ApiError && reset.error.code === 'invalid_token';

  if (!token || error || refused) {
    return (
      <WelcomeFrame title={words.badTitle} lead={words.bad}>
        <Button asChild look="primary" size="large" className="w-full">
          <Link to="/forgot-password">{words.again}</Link>
        </Button>
      </WelcomeFrame>
    );
  }
  if (reset.isSuccess) {
    return (
      <WelcomeFrame title={words.doneTitle} lead={words.done}>
        <Button asChild look="primary" size="large" className="w-full">
          <Link to="/sign-in">{welcomeWords.signIn.submit}</Link>
        </Button>
      </WelcomeFrame>
    );
  }
  return (
    <WelcomeFrame title={words.title}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          reset.mutate(token);
        }}
      >
        <PasswordField
          label={welcomeWords.newPassword}
          autoComplete="new-password"

          value={password}
          onChange={setPassword}
        />
        <ProblemNotice error={reset.error} />
        <Button type="submit" look="primary" size="large" busy={reset.isPending}>
          {words.submit}
        </Button>
      </form>
    </WelcomeFrame>
  );
}
