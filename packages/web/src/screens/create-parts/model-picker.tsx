import type { Model } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { RadioGroup } from 'radix-ui';
import { queries } from '../../api/queries.ts';
import { cx } from '../../lib/cx.ts';
import { createWords as words } from '../../words/create.ts';
import { statusWords } from '../../words/public.ts';

/** Standard or pro, each with its price, its usual wait today and whether it takes work. */
export function ModelPicker({
  models,
  value,
  onChange,
}: {
  models: readonly Model[];
  value: string;
  onChange: (id: string) => void;
}) {
  return (
    <div>
      <h2 className="mb-1.5 text-sm font-medium">{words.model}</h2>
      <RadioGroup.Root
        aria-label={words.model}
        value={value}
        onValueChange={onChange}
        className="grid gap-2.5 sm:grid-cols-2"
      >
        {models.map((model) => (
          <RadioGroup.Item
            key={model.id}
            value={model.id}
            className="group flex items-start gap-3 rounded-xl border border-line bg-surface p-3.5 text-left shadow-card transition-colors duration-100 hover:border-line-strong data-[state=checked]:border-accent data-[state=checked]:ring-1 data-[state=checked]:ring-accent"
          >
            <span
              aria-hidden
              className="mt-1 grid size-4 shrink-0 place-items-center rounded-full border border-line-strong group-data-[state=checked]:border-accent"
            >
              <RadioGroup.Indicator className="size-2 rounded-full bg-accent" />
            </span>
            <span className="min-w-0 flex-1">
              <span className="flex flex-wrap items-baseline justify-between gap-x-3">
                <span className="text-sm font-semibold">{model.name}</span>
                <span className="text-xs text-ink-2 tabular-nums">
                  {(model.price.unit === 'second' ? words.perSecond : words.perPiece)(
                    model.price.credits_per_unit,
                  )}
                </span>
              </span>
              <span className="mt-0.5 block text-xs text-ink-3">{model.description}</span>
              <Status model={model} />
            </span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
    </div>
  );
}

function Status({ model }: { model: Model }) {
  const wait = model.typical_wait_seconds;
  const statuses = useQuery(queries.modelStatus);
  const today = statuses.data?.find((status) => status.id === model.id);
  const held = model.available && (today?.status === 'waiting' || today?.status === 'recovering');
  return (
    <span className="mt-1.5 flex items-center gap-1.5 text-xs text-ink-2 tabular-nums">
      <span
        aria-hidden
        className={cx(
          'size-1.5 rounded-full',
          !model.available && 'bg-bad',
          held && 'bg-held-fill',
          model.available && !held && (wait ? 'bg-accent' : 'bg-line-strong'),
        )}
      />
      {!model.available && words.pausedLong}
      {held && statusWords.states[today.status]}
      {model.available && !held && (wait ? words.wait(wait.from, wait.to) : words.waitUnknown)}
      {model.available && today?.success_rate != null && (
        <span className="text-ink-3">· {statusWords.rate(today.success_rate)}</span>
      )}
    </span>
  );
}
