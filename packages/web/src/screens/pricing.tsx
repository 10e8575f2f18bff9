import type { Model } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { Card, Page, Section } from '../parts/page.tsx';
import { Await, Bone } from '../parts/states.tsx';
import { Shop } from './payment-parts/shop.tsx';
import { paymentWords } from '../words/payments.ts';
import { pricingWords as words } from '../words/public.ts';

/** Prices as they are in force, and the rules in words. */
export function Pricing() {
  const models = useQuery(queries.models);
  const settings = useQuery(queries.settings);
  const catalogue = useQuery(queries.catalogue);
  const sells = catalogue.data !== undefined && catalogue.data.mode !== 'off';
  const rules = [
    ...words.ruleList(settings.data?.credit_expiry_months ?? 6),
    ...(sells ? paymentWords.rules : []),
  ];
  const signUp = settings.data?.sign_up_credits_need_verified_email ? words.signUpVerified : words.signUp;
  return (
    <Page title={words.title}>
      <p className="-mt-3 mb-8 text-base text-ink-2">
        {words.lead}{' '}
        {settings.data &&
          settings.data.sign_up_credits > 0 &&
          signUp(settings.data.sign_up_credits, settings.data.credit_expiry_months)}
      </p>
      <div className="grid gap-10">
        <Shop />
        <Section
          title={words.models}
          aside={
            <Link
              to="/status"
              className="rounded text-sm text-accent underline underline-offset-3 hover:text-accent-hover"
            >
              {words.status}
            </Link>
          }
        >
          <Await query={models} loading={<Bone className="h-48 rounded-2xl" />}>
            {(items) => (
              <Card>
                <ul className="divide-y divide-line">
                  {items.map((model) => (
                    <ModelRow key={model.id} model={model} />
                  ))}
                </ul>
              </Card>
            )}
          </Await>
        </Section>
        <Section title={words.rules}>
          <dl className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
            {rules.map((rule) => (
              <div key={rule.title}>
                <dt className="text-sm font-semibold">{rule.title}</dt>
                <dd className="mt-1 text-sm text-ink-2">{rule.text}</dd>
              </div>
            ))}
          </dl>
        </Section>
      </div>
    </Page>
  );
}

function ModelRow({ model }: { model: Model }) {
  const { unit, credits_per_unit } = model.price;
  const seconds = model.duration_seconds?.default;
  const wait = model.typical_wait_seconds;
  return (
    <li className="flex items-baseline justify-between gap-x-6 px-4 py-3.5 text-sm sm:px-5">
      <div className="min-w-0 max-w-md">
        <p className="font-medium">{model.name}</p>
        <p className="text-xs text-ink-3">
          {model.description}
          {wait && ` · ${words.wait(wait.from, wait.to)}`}
        </p>
      </div>
      <div className="shrink-0 text-right">
        <p className="font-semibold tabular-nums">
          {(unit === 'second' ? words.perSecond : words.perPiece)(credits_per_unit)}
        </p>
        {seconds && unit === 'second' && (
          <p className="text-xs text-ink-3 tabular-nums">
            {words.example(seconds, seconds * credits_per_unit)}
          </p>
        )}
      </div>
    </li>
  );
}
