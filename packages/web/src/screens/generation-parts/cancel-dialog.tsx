import type { Generation } from '@holdfast/client';
import { useMutation } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import { creditsMoved, queries, queryClient } from '../../api/queries.ts';
import { useAttemptKey } from '../../lib/use-attempt-key.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { generationWords as words } from '../../words/generation.ts';

/** Says what cancelling means for the credits before it is done. */
export function CancelDialog({
  generation,
  open,
  onClose,
}: {
  generation: Generation;
  open: boolean;
  onClose: () => void;
}) {
  const attempt = useAttemptKey();
  const cancel = useMutation({
    mutationFn: () => api.cancelGeneration(generation.id, { idempotencyKey: attempt.key() }),
    onSuccess: (now) => {
      attempt.settled();
      queryClient.setQueryData(queries.generation(now.id).queryKey, now);
      void creditsMoved();
      onClose();
    },
    onError: attempt.failed,
  });
  const consequence = generation.status === 'queued' ? words.cancelQueued : words.cancelRunning;
  return (
    <Dialog
      open={open && generation.can_cancel}
      title={words.cancelTitle}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{words.keep}</Button>
          <Button look="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
            {words.doCancel}
          </Button>
        </>
      }
    >
      <p>{consequence(generation.receipt.held)}</p>
      {cancel.isError && (
        <div className="mt-3">
          <ProblemNotice error={cancel.error} />
        </div>
      )}
    </Dialog>
  );
}
