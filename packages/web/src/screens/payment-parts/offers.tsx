import type { Catalogue, Pack, Plan } from '@holdfast/client';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { formatCredits, formatMoney } from '../../lib/format.ts';
import { Button } from '../../parts/button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Segmented } from '../../parts/segmented.tsx';
import { paymentWords as words } from '../../words/payments.ts';
import { useCheckout } from './use-checkout.ts';

type Common = { currency: string; signedIn: boolean };

/** Says so wherever something is bought, as long as no real money moves. */
export function TestMode({ mode }: { mode: Catalogue['mode'] }) {
  if (mode !== 'test') return null;
  return (
    <div data-testid="test-mode">
      <Notice tone="held">{words.testMode}</Notice>
    </div>
  );
}

export function CurrencyChoice({
  catalogue,
  value,
  onChange,
}: {
  catalogue: Catalogue;
  value: string;
  onChange: (currency: string) => void;
}) {
  if (catalogue.currencies.length < 2) return null;
  const choices = catalogue.currencies.map((each) => ({ value: each, label: each.toUpperCase() }));
  return <Segmented label={words.currency} value={value} choices={choices} onChange={onChange} />;
}

export function Packs({
  packs,
  currency,
  signedIn,
  saveCard,
}: Common & { packs: readonly Pack[]; saveCard?: boolean }) {
  const checkout = useCheckout();
  return (
    <div className="grid gap-3">
      <ul className="grid gap-3 sm:grid-cols-3">
        {packs.map((pack) => {
          const amount = pack.prices[currency];
          if (amount === undefined) return null;
          const total = pack.credits + pack.bonus_credits;
          return (
            <Offer
              key={pack.id}
              testId={`pack-${pack.id}`}
              name={pack.name}
              price={formatMoney(amount, currency)}
              lines={[words.packs.life(pack.lot_months), pack.description]}
              head={
                <>
                  {formatCredits(pack.credits)} credits
                  {pack.bonus_credits > 0 && (
                    <span className="ml-2 text-sm font-medium text-accent">
                      {words.packs.bonus(pack.bonus_credits)}
                    </span>
                  )}
                </>
              }
              note={words.packs.each(perCredit(amount, total, currency))}
            >
              <Choose
                signedIn={signedIn}
                busy={checkout.isPending && checkout.variables.id === pack.id}
                label={words.packs.buy(formatMoney(amount, currency))}
                onChoose={() => checkout.mutate({ kind: 'pack', id: pack.id, currency, saveCard })}
              />
            </Offer>
          );
        })}
      </ul>
      <ProblemNotice error={checkout.error} />
    </div>
  );
}

function perCredit(amount: number, credits: number, currency: string): string {
  return new Intl.NumberFormat('en', {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: 3,
    maximumFractionDigits: 3,
  }).format(amount / 100 / credits);
}

export function Plans({
  plans,
  currency,
  signedIn,
  current,
}: Common & { plans: readonly Plan[]; current: string | null }) {
  const checkout = useCheckout();
  return (
    <div className="grid gap-3">
      <ul className="grid gap-3 sm:grid-cols-2">
        {plans.map((plan) => {
          const amount = plan.prices[currency];
          if (amount === undefined) return null;
          return (
            <Offer
              key={plan.id}
              testId={plan.id}
              name={plan.name}
              price={`${formatMoney(amount, currency)} ${words.plans.perMonth}`}
              head={words.plans.monthly(plan.monthly_credits)}
              note={words.plans.rollover(plan.rollover_months)}
              lines={[
                ...(plan.max_running === null ? [] : [words.plans.running(plan.max_running)]),
                plan.description,
              ]}
            >
              {current === null ? (
                <Choose
                  signedIn={signedIn}
                  busy={checkout.isPending && checkout.variables.id === plan.id}
                  label={words.plans.choose(formatMoney(amount, currency))}
                  onChoose={() => checkout.mutate({ kind: 'plan', id: plan.id, currency })}
                />
              ) : (
                <Button asChild className="w-full">
                  <Link to="/wallet" hash="plan">
                    {current === plan.id ? words.plans.yours : words.plans.change}
                  </Link>
                </Button>
              )}
            </Offer>
          );
        })}
      </ul>
      <ProblemNotice error={checkout.error} />
    </div>
  );
}

function Offer({
  name,
  price,
  head,
  note,
  lines,
  testId,
  children,
}: {
  name: string;
  price: string;
  head: ReactNode;
  note: string;
  lines: readonly string[];
  testId: string;
  children: ReactNode;
}) {
  return (
    <li className="flex" data-testid={testId}>
      <Card className="flex w-full flex-col p-5">
        <div className="flex items-baseline justify-between gap-3">
          <h3 className="text-sm font-semibold">{name}</h3>
          <p className="text-sm font-semibold tabular-nums">{price}</p>
        </div>
        <p className="mt-3 text-xl font-semibold tracking-[-0.02em] tabular-nums">{head}</p>
        <p className="text-xs text-ink-3 tabular-nums">{note}</p>
        <ul className="mt-3 mb-5 grid gap-1 text-sm text-ink-2">
          {lines
            .filter((line) => line !== '')
            .map((line) => (
              <li key={line}>{line}</li>
            ))}
        </ul>
        <div className="mt-auto">{children}</div>
      </Card>
    </li>
  );
}

function Choose({
  signedIn,
  busy,
  label,
  onChoose,
}: {
  signedIn: boolean;
  busy: boolean;
  label: string;
  onChoose: () => void;
}) {
  if (!signedIn) {
    return (
      <Button asChild look="primary" className="w-full">
        <Link to="/sign-up" search={{ next: '/pricing' }}>
          {words.signUpFirst}
        </Link>
      </Button>
    );
  }
  return (
    <Button look="primary" className="w-full" busy={busy} onClick={onChoose}>
      {label}
    </Button>
  );
}
