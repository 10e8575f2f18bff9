import type { Reconciliation } from '@holdfast/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import { queryClient } from '../../api/queries.ts';
import { formatMoney } from '../../lib/format.ts';
import { Button } from '../../parts/button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { deskWords } from '../../words/operator-payments.ts';
import { ReasonDialog } from './reason-dialog.tsx';

const words = deskWords.books;

/** Compare first, repair after. */
export function Books() {
  const [repairing, setRepairing] = useState(false);
  const compare = useMutation({
    mutationFn: (reason: string | null) =>
      api.paymentDesk.reconcile(
        reason === null ? { dry_run: true, days: 30 } : { dry_run: false, days: 30, reason },
      ),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['operator', 'payments'] }),
  });
  return (
    <Section
      title={words.title}
      note={words.note}
      aside={
        <div className="flex flex-wrap gap-2">
          <Button size="small" busy={compare.isPending} onClick={() => compare.mutate(null)}>
            {words.dryRun}
          </Button>
          {compare.data?.dry_run && compare.data.findings.length + compare.data.undelivered > 0 && (
            <Button size="small" look="primary" onClick={() => setRepairing(true)}>
              {words.repair}
            </Button>
          )}
        </div>
      }
    >
      <ProblemNotice error={compare.error} />
      {compare.data && <Found found={compare.data} />}
      {repairing && (
        <ReasonDialog
          title={words.repairTitle}
          text={words.repairText}
          act={words.repair}
          doing={(reason) => compare.mutateAsync(reason)}
          onClose={() => setRepairing(false)}
        />
      )}
    </Section>
  );
}

function Found({ found }: { found: Reconciliation }) {
  const lost = found.undelivered > 0 && (
    <p className="text-sm text-held">{words.undelivered(found.undelivered, found.dry_run)}</p>
  );
  if (found.findings.length === 0)
    return (
      <div className="grid gap-3">
        <Notice tone="good">{words.agree}</Notice>
        {lost}
      </div>
    );
  return (
    <div className="grid gap-3" data-testid="differences">
      {lost}
      <p className="text-sm text-ink-2">{words.found(found.findings.length, found.repaired)}</p>
      <Card>
        <ul className="divide-y divide-line">
          {found.findings.map((each) => (
            <li
              key={`${each.kind}${each.id}`}
              className="flex flex-wrap justify-between gap-x-6 gap-y-1 px-4 py-3 text-sm sm:px-5"
            >
              <div className="min-w-0">
                <p className="font-medium">{words.kinds[each.kind] ?? each.kind}</p>
                <p className="font-mono text-2xs break-all text-ink-3">
                  {each.id} · {each.person ?? '–'}
                </p>
              </div>
              <div className="ml-auto text-right tabular-nums">
                {each.amount !== null && each.currency && <p>{formatMoney(each.amount, each.currency)}</p>}
                <p className={each.repaired ? 'text-xs text-accent' : 'text-xs text-ink-3'}>
                  {each.repaired ? words.repaired : (each.problem ?? words.open)} ·{' '}
                  {words.age(each.age_seconds)}
                </p>
              </div>
            </li>
          ))}
        </ul>
      </Card>
    </div>
  );
}
