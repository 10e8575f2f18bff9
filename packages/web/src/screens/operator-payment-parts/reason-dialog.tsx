import { useMutation } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { queryClient } from '../../api/queries.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { deskWords } from '../../words/operator-payments.ts';

const words = deskWords.reason;

/** Asks why, does it, and leaves; what was done and why stands in the operators' log. */
export function ReasonDialog({
  title,
  text,
  act,
  doing,
  onClose,
}: {
  title: string;
  text: string;
  /** What the button says. */
  act: string;
  doing: (reason: string) => Promise<unknown>;
  onClose: () => void;
}) {
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const run = useMutation({
    mutationFn: doing,
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['operator'] });
      onClose();
    },
  });
  const short = reason.trim().length < 3;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (!short) run.mutate(reason.trim());
  };
  return (
    <Dialog open title={title} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4" noValidate>
        <p>{text}</p>
        <TextField
          label={words.label}
          help={words.help}
          error={tried && short ? words.short : null}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          maxLength={500}
        />
        <ProblemNotice error={run.error} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{words.leave}</Button>
          <Button type="submit" look="primary" busy={run.isPending}>
            {act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
