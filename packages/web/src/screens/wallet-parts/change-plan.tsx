import type { ChangePreview } from '@holdfast/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import { creditsMoved, queryClient } from '../../api/queries.ts';
import { creditsInWords, formatDay, formatMoney } from '../../lib/format.ts';
import { useAttemptKey } from '../../lib/use-attempt-key.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Bone } from '../../parts/states.tsx';
import { paymentWords } from '../../words/payments.ts';

const words = paymentWords.preview;

/** What a change costs and brings, in money and in credits, before it is confirmed; confirmed exactly as shown, or refused. */
export function ChangePlan({ plan, name, onClose }: { plan: string; name: string; onClose: () => void }) {
  const attempt = useAttemptKey();
  const preview = useQuery({
    queryKey: ['payments', 'preview', plan],
    queryFn: () => api.previewPlan(plan),
    gcTime: 0,
    staleTime: Infinity,
  });
  const change = useMutation({
    mutationFn: ({ at, due }: ChangePreview) =>
      api.changePlan({ plan, at, due }, { idempotencyKey: attempt.key() }),
    onSuccess: async () => {
      attempt.settled();
      await Promise.all([creditsMoved(), queryClient.invalidateQueries({ queryKey: ['payments'] })]);
      onClose();
    },
    onError: (error) => {
      attempt.failed(error);
      void preview.refetch();
    },
  });
  const shown = preview.data;
  return (
    <Dialog
      open
      title={`${words.title}: ${name}`}
      onClose={onClose}
      actions={
        <>
          <Button look="quiet" onClick={onClose}>
            {words.cancel}
          </Button>
          {shown && shown.kind !== 'none' && (
            <Button look="primary" busy={change.isPending} onClick={() => change.mutate(shown)}>
              {confirmWords(shown)}
            </Button>
          )}
        </>
      }
    >
      {shown ? <Facts preview={shown} /> : preview.error ? null : <Bone className="h-32" />}
      <div className="mt-3">
        <ProblemNotice error={change.error ?? preview.error} />
      </div>
    </Dialog>
  );
}

function confirmWords(preview: ChangePreview): string {
  if (preview.kind === 'now') return words.confirm(formatMoney(preview.due, preview.currency));
  return preview.kind === 'undo' ? words.confirmUndo : words.confirmLater;
}

function Facts({ preview }: { preview: ChangePreview }) {
  const now = useNow(false);
  if (preview.kind === 'none') return <p>{words.none}</p>;
  const rows: [string, string][] = [
    [words.money, formatMoney(preview.due, preview.currency)],
    [words.credits, creditsInWords(preview.credits_now)],
    [words.keep, words.stays],
    [
      words.from,
      preview.kind === 'now' || preview.kind === 'undo'
        ? words.now
        : formatDay(new Date(preview.effective_at), now),
    ],
    [words.after, words.afterValue(preview.monthly_amount, preview.currency, preview.monthly_credits)],
  ];
  return (
    <dl className="divide-y divide-line" data-testid="plan-preview">
      {rows.map(([name, value]) => (
        <div key={name} className="flex justify-between gap-4 py-2">
          <dt className="text-ink-3">{name}</dt>
          <dd className="text-right font-medium text-ink tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
