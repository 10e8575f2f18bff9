import type { AutoTopUp, Catalogue } from '@holdfast/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import { queries, queryClient } from '../../api/queries.ts';
import { formatMoney, minorDigits } from '../../lib/format.ts';
import { Button } from '../../parts/button.tsx';
import { controlLook, Field, TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { paymentWords } from '../../words/payments.ts';
import { useCurrency } from '../payment-parts/use-currency.ts';

const words = paymentWords.topUp;

/** Off by default; on with a threshold, a pack and a cap. */
export function TopUp() {
  const catalogue = useQuery(queries.catalogue);
  const set = useQuery(queries.autoTopUp);
  if (!catalogue.data || set.data === undefined) return null;
  // Whoever has it on can always turn it off.
  if (!catalogue.data.auto_top_up && set.data?.enabled !== true) return null;
  return (
    <Section title={words.title} note={words.note}>
      <Form key={String(set.data?.enabled)} catalogue={catalogue.data} known={set.data} />
    </Section>
  );
}

function Form({ catalogue, known }: { catalogue: Catalogue; known: AutoTopUp | null }) {
  const [shown] = useCurrency(catalogue);
  const currency = known?.currency ?? shown;
  const unit = 10 ** minorDigits(currency);
  const [threshold, setThreshold] = useState(String(known?.threshold ?? 50));
  const [pack, setPack] = useState(known?.pack ?? catalogue.packs[0]?.id ?? '');
  const [cap, setCap] = useState(String((known?.monthly_cap ?? 5_000) / unit));
  const save = useMutation({
    mutationFn: (enabled: boolean) =>
      api.setAutoTopUp({
        enabled,
        pack,
        currency,
        threshold: Number(threshold),
        monthly_cap: Math.round(Number(cap) * unit),
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['payments', 'auto-top-up'] }),
  });
  const on = known?.enabled ?? false;
  return (
    <Card className="grid gap-4 p-5">
      {on && known?.paused_reason && (
        <Notice tone="bad">
          {known.paused_reason === 'dispute' ? words.paused.dispute : words.paused.other}
        </Notice>
      )}
      <form
        className="grid gap-4 sm:grid-cols-3 sm:items-end"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(true);
        }}
      >
        <TextField
          label={words.threshold}
          type="number"
          min={0}
          required
          value={threshold}
          onChange={(event) => setThreshold(event.target.value)}
        />
        <Field label={words.pack}>
          {({ id }) => (
            <select
              id={id}
              className={`${controlLook} h-10 pointer-coarse:h-11`}
              value={pack}
              onChange={(event) => setPack(event.target.value)}
            >
              {catalogue.packs.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.name} · {formatMoney(each.prices[currency] ?? 0, currency)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <TextField
          label={words.cap(currency)}
          type="number"
          min={1}
          step="0.01"
          required
          value={cap}
          onChange={(event) => setCap(event.target.value)}
        />
        <div className="flex flex-wrap items-center gap-2 sm:col-span-3">
          <span className="mr-auto text-sm text-ink-3 tabular-nums">
            {on ? words.on : words.off}
            {known &&
              on &&
              ` · ${words.spent(formatMoney(known.spent_this_month, currency), formatMoney(known.monthly_cap, currency))}`}
          </span>
          {on && (
            <Button size="small" look="quiet" busy={save.isPending} onClick={() => save.mutate(false)}>
              {words.turnOff}
            </Button>
          )}
          <Button size="small" type="submit" busy={save.isPending}>
            {on ? words.save : words.turnOn}
          </Button>
        </div>
      </form>
      <ProblemNotice error={save.error} />
    </Card>
  );
}
