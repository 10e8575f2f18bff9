import type { OperatorAction, OperatorAnswer } from '@holdfast/client';
import { useMutation } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { api } from '../../api/api.ts';
import { queries, queryClient } from '../../api/queries.ts';
import { useAttemptKey } from '../../lib/use-attempt-key.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { operatorWords } from '../../words/operator.ts';

const words = operatorWords.dialog;

export interface Target {
  readonly act: OperatorAction['act'];
  readonly id: string;
  /** The one that is in doubt. */
  readonly attempt: number | null;
}

/** Says what an action means, asks why, does it, and says what came of it. */
export function ActionDialog({ target, onClose }: { target: Target | null; onClose: () => void }) {
  return (
    <Dialog open={target !== null} title={target === null ? '' : words.titles[target.act]} onClose={onClose}>
      {target !== null && <Form key={`${target.act} ${target.id}`} target={target} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ target, onClose }: { target: Target; onClose: () => void }) {
  const { act } = target;
  const [reason, setReason] = useState('');
  const [task, setTask] = useState('');
  const [confirmed, setConfirmed] = useState(false);
  const [tried, setTried] = useState(false);
  const attempt = useAttemptKey();
  const acting = useMutation({
    mutationFn: (action: OperatorAction) => api.operatorAct(action, { idempotencyKey: attempt.key() }),
    onSuccess: () => {
      attempt.settled();
      return queryClient.invalidateQueries({ queryKey: queries.operatorOverview.queryKey });
    },
    onError: attempt.failed,
  });
  if (acting.data) return <Answered answer={acting.data} onClose={onClose} />;

  const missing =
    reason.trim().length < 3 || (act === 'adopt' && task.trim() === '') || (act === 'resubmit' && !confirmed);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (missing) return;
    acting.mutate(actionOf(target, reason.trim(), task.trim()));
  };
  return (
    <form onSubmit={submit} className="grid gap-4" noValidate>
      <p>{words.texts[act]}</p>
      {act === 'adopt' && (
        <TextField
          label={words.task}
          error={tried && task.trim() === '' ? words.taskMissing : null}
          value={task}
          onChange={(event) => setTask(event.target.value)}
          maxLength={200}
        />
      )}
      <TextField
        label={words.reason}
        help={words.reasonHelp}
        error={tried && reason.trim().length < 3 ? words.reasonShort : null}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        maxLength={500}
      />
      {act === 'resubmit' && (
        <div>
          <label className="flex items-start gap-2.5 text-sm text-ink">
            <input
              type="checkbox"
              className="mt-1 size-4 shrink-0 accent-(--accent)"
              checked={confirmed}
              onChange={(event) => setConfirmed(event.target.checked)}
            />
            {words.confirm}
          </label>
          {tried && !confirmed && (
            <p role="alert" className="mt-1.5 text-sm text-bad">
              {words.confirmMissing}
            </p>
          )}
        </div>
      )}
      <ProblemNotice error={acting.error} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{words.keep}</Button>
        <Button
          type="submit"
          look={act === 'resubmit' || act === 'release' ? 'danger' : 'primary'}
          busy={acting.isPending}
        >
          {operatorWords.acts[act]}
        </Button>
      </div>
    </form>
  );
}

function actionOf({ act, id, attempt }: Target, reason: string, task: string): OperatorAction {
  switch (act) {
    case 'adopt':
      return { act, id, reason, task };
    case 'resubmit':
      return { act, id, reason, attempt: attempt ?? 1, confirm: true };
    case 'ask':
    case 'release':
    case 'settle':
      return { act, id, reason };
    default:
      throw new Error(`unknown action ${String(act satisfies never)}`);
  }
}

function Answered({ answer, onClose }: { answer: OperatorAnswer; onClose: () => void }) {
  return (
    <div className="grid gap-4">
      <Notice tone="good" title={words.outcomes[answer.outcome] ?? words.answered}>
        {answer.detail}
      </Notice>
      <div className="flex justify-end">
        <Button onClick={onClose}>{words.done}</Button>
      </div>
    </div>
  );
}
