import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { auth } from '../api/auth.ts';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { LocalMail } from '../parts/local-mail.tsx';
import { ProblemNotice } from '../parts/problem.tsx';
import { WelcomeFrame } from '../shell/welcome-frame.tsx';
import { welcomeWords } from '../words/welcome.ts';

const words = welcomeWords.forgot;

export function ForgotPassword() {
  const [email, setEmail] = useState('');
  const ask = useMutation({ mutationFn: () => auth.requestReset(email.trim()) });
  const back = (
    <Link
      to="/sign-in"
      className="font-medium text-accent underline underline-offset-3 hover:text-accent-hover"
    >
      {words.back}
    </Link>
  );
  if (ask.isSuccess) {
    return (
      <WelcomeFrame title={words.sentTitle} lead={words.sent(email.trim())} below={back}>
        <LocalMail />
      </WelcomeFrame>
    );
  }
  return (
    <WelcomeFrame title={words.title} lead={words.lead} below={back}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          ask.mutate();
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
        <ProblemNotice error={ask.error} />
        <Button type="submit" look="primary" size="large" busy={ask.isPending}>
          {words.submit}
        </Button>
      </form>
    </WelcomeFrame>
  );
}
