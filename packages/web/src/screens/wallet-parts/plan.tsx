import type { Catalogue, Subscription } from '@holdfast/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import { queries, queryClient } from '../../api/queries.ts';
import { formatDay } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../parts/button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { paymentWords } from '../../words/payments.ts';
import { ChangePlan } from './change-plan.tsx';

const words = paymentWords.plan;

const unpaid = new Set(['past_due', 'incomplete', 'unpaid']);

/** The plan, what becomes of it, and what can be done about it. */
export function PlanSection() {
  const catalogue = useQuery(queries.catalogue);
  const subscription = useQuery(queries.subscription);
  if (!catalogue.data || catalogue.data.mode === 'off' || subscription.data === undefined) return null;
  return (
    <Section id="plan" title={words.title}>
      {subscription.data === null ? (
        <Card className="flex flex-wrap items-center justify-between gap-3 px-5 py-4 text-sm text-ink-2">
          {words.none}
          <Button asChild size="small">
            <Link to="/pricing">{words.see}</Link>
          </Button>
        </Card>
      ) : (
        <Standing subscription={subscription.data} catalogue={catalogue.data} />
      )}
    </Section>
  );
}

function Standing({ subscription, catalogue }: { subscription: Subscription; catalogue: Catalogue }) {
  const now = useNow(false);
  const [wanted, setWanted] = useState<string | null>(null);
  const act = useMutation({
    mutationFn: (action: 'cancel' | 'keep' | 'pause' | 'unpause') => api.planAction(action),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['payments'] }),
  });
  const { cancel_at_period_end: ending, paused, paid_plan, paid_until } = subscription;
  const nameOf = (id: string) => catalogue.plans.find((plan) => plan.id === id)?.name ?? id;
  const day = (at: string) => formatDay(new Date(at), now);
  const others = catalogue.plans.filter(({ id }) => id !== subscription.plan);
  return (
    <div className="grid gap-3">
      {unpaid.has(subscription.status) && <Notice tone="bad">{words.due}</Notice>}
      <Card className="p-5 text-sm">
        <p className="text-lg font-semibold" data-testid="plan-name">
          {subscription.name}
        </p>
        <p className="text-ink-2">
          {paused
            ? words.paused
            : ending
              ? words.ends(day(subscription.period_end))
              : words.renews(day(subscription.period_end))}
        </p>
        {paid_plan && paid_until && (
          <p className="text-ink-3">{words.until(nameOf(paid_plan), day(paid_until))}</p>
        )}
        <div className="mt-4 flex flex-wrap gap-2">
          {others.map((plan) => (
            <Button key={plan.id} size="small" onClick={() => setWanted(plan.id)}>
              {words.changeTo(plan.name)}
            </Button>
          ))}
          <Button
            size="small"
            look="quiet"
            busy={act.isPending}
            onClick={() => act.mutate(paused ? 'unpause' : 'pause')}
          >
            {paused ? words.unpause : words.pause}
          </Button>
          <Button
            size="small"
            look="quiet"
            busy={act.isPending}
            onClick={() => act.mutate(ending ? 'keep' : 'cancel')}
          >
            {ending ? words.keep : words.cancel}
          </Button>
        </div>
      </Card>
      <ProblemNotice error={act.error} />
      {wanted !== null && <ChangePlan plan={wanted} name={nameOf(wanted)} onClose={() => setWanted(null)} />}
    </div>
  );
}
