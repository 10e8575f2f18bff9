import type { Balance, Model } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { Tooltip } from 'radix-ui';
import type { ReactNode } from 'react';
import { factOf } from '../../api/errors.ts';
import { queries } from '../../api/queries.ts';
import { useNow } from '../../lib/use-now.ts';
import { Amount } from '../../parts/amount.tsx';
import { Button } from '../../parts/button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { createWords as words } from '../../words/create.ts';
import { Breakdown, BreakdownButton } from './breakdown.tsx';
import { PriceRoseError, type useStart } from './use-start.ts';

type Price = { units: number; credits: number };
type Props = {
  model: Model;
  price: Price;
  start: ReturnType<typeof useStart>;
  /** Absent where there is no length to shorten. */
  onShorten?: (seconds: number) => void;
  shortest: number;
};

/** The price on the button, what is left after it, and what stands in the way. Stays at the thumb on a phone. */
export function PricePanel({ model, price, start, onShorten, shortest }: Props) {
  const balance = useQuery(queries.balance).data;
  const shortfall = balance ? Math.max(0, price.credits - balance.available) : 0;
  const rose = start.error instanceof PriceRoseError ? start.error.quote : null;
  const pause = useCooldown(start.error, start.submittedAt);
  const other = !rose && pause === null && start.error && shortfall === 0 ? start.error : null;

  return (
    <div
      data-bar
      className="grid gap-3 max-lg:fixed max-lg:inset-x-0 max-lg:bottom-[calc(3.5rem+env(safe-area-inset-bottom))] max-lg:z-20 max-lg:border-t max-lg:border-line max-lg:bg-paper max-lg:px-4 max-lg:py-3 max-md:shadow-pop md:max-lg:bottom-0 lg:rounded-2xl lg:border lg:border-line lg:bg-surface lg:p-4 lg:shadow-card"
    >
      {balance && shortfall > 0 && (
        <Short
          balance={balance}
          model={model}
          price={price}
          shortfall={shortfall}
          shortest={shortest}
          onShorten={onShorten}
        />
      )}
      {!model.available && <Notice tone="bad">{words.pausedLong}</Notice>}
      {rose && <Notice tone="held">{words.priceChanged(price.credits, rose.credits)}</Notice>}
      {pause !== null && <Notice tone="held">{words.cooldown}</Notice>}
      <ProblemNotice error={other} />
      <WithBreakdown content={<Breakdown model={model} price={price} balance={balance} />}>
        <Button
          type="submit"
          look="primary"
          size="large"
          className="h-14 w-full flex-col gap-0.5 leading-tight"
          busy={start.isPending}
          disabled={shortfall > 0 || !model.available || pause !== null}
          data-testid="create"
        >
          <span className="font-semibold tabular-nums">
            {label({ model, price, rose, pause, pending: start.isPending })}
          </span>
          <span className="text-xs leading-tight font-normal tabular-nums">
            {(model.price.unit === 'second' ? words.buttonPerSecond : words.buttonPerPiece)(
              rose?.credits ?? price.credits,
            )}
          </span>
        </Button>
      </WithBreakdown>
      <div className="flex items-center justify-between text-xs text-ink-2">
        <span>
          {words.after}{' '}
          {balance && shortfall === 0 ? (
            <Amount value={balance.available - price.credits} className="font-semibold text-ink" />
          ) : (
            '–'
          )}
        </span>
        <BreakdownButton>
          <Breakdown model={model} price={price} balance={balance} />
        </BreakdownButton>
      </div>
      <p className="text-xs text-ink-3 max-lg:hidden">{words.rule}</p>
    </div>
  );
}

function label(now: {
  model: Model;
  price: Price;
  rose: { credits: number } | null;
  pause: number | null;
  pending: boolean;
}): string {
  if (now.pending) return words.working;
  if (now.pause !== null) return words.waitCooldown(now.pause);
  if (now.rose) return words.accept(now.rose.credits);
  return words.button(now.model.kind, now.price.credits);
}

/** Seconds until the server takes the next start, counting down; null where it is not waiting. */
function useCooldown(error: unknown, since: number): number | null {
  const wait = factOf(error, 'retry_after_seconds');
  const now = useNow(wait !== null);
  if (wait === null) return null;
  const left = Math.ceil(wait - (now.getTime() - since) / 1_000);
  return left > 0 ? left : null;
}

function WithBreakdown({ content, children }: { content: ReactNode; children: ReactNode }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          side="left"
          align="end"
          sideOffset={28}
          collisionPadding={12}
          className="z-50 hidden w-72 animate-rise rounded-xl border border-line bg-surface p-4 shadow-pop lg:block"
        >
          {content}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

function Short({
  balance,
  model,
  price,
  shortfall,
  shortest,
  onShorten,
}: {
  balance: Balance;
  model: Model;
  price: Price;
  shortfall: number;
  shortest: number;
  onShorten?: (seconds: number) => void;
}) {
  const affordable = Math.floor(balance.available / model.price.credits_per_unit);
  return (
    <Notice
      tone="held"
      title={words.short(shortfall)}
      action={
        onShorten &&
        affordable >= shortest && (
          <Button size="small" onClick={() => onShorten(affordable)}>
            {words.shorten(affordable, affordable * model.price.credits_per_unit)}
          </Button>
        )
      }
    >
      <span data-testid="shortfall">
        {words.shortText(price.credits, balance.available)}{' '}
        {balance.held > 0 && <span className="max-sm:hidden">{words.shortHeld(balance.held)}</span>}
      </span>
    </Notice>
  );
}
