import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { auth } from '../../api/auth.ts';
import { queryClient } from '../../api/queries.ts';
import { Button } from '../../parts/button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { PasswordField } from '../../parts/password-field.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { accountWords } from '../../words/account.ts';

const words = accountWords.password;

export function Password() {
  const [open, setOpen] = useState(false);
  const [present, setPresent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () => auth.changePassword(present, next),
    onSuccess: async () => {
      setOpen(false);
      setPresent('');
      setNext('');
      await queryClient.invalidateQueries({ queryKey: ['auth'] });
    },
  });
  return (
    <Section title={words.title} note={words.note}>
      {change.isSuccess && !open && (
        <div className="mb-3">
          <Notice tone="good">{words.saved}</Notice>
        </div>
      )}
      {open ? (
        <form
          className="grid max-w-sm gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate();
          }}
        >
          <PasswordField
            label={words.present}
            autoComplete="current-password"
            value={present}
            onChange={setPresent}
          />
          <PasswordField
            label={words.next}
            autoComplete="new-password"

            value={next}
            onChange={setNext}
          />
          <ProblemNotice error={change.error} />
          <div className="flex gap-2">
            <Button type="submit" look="primary" busy={change.isPending}>
              {words.save}
            </Button>
            <Button look="quiet" onClick={() => setOpen(false)}>
              {words.cancel}
            </Button>
          </div>
        </form>
      ) : (
        <Button onClick={() => setOpen(true)}>{words.change}</Button>
      )}
    </Section>
  );
}
