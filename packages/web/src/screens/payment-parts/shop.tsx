import { useQuery } from '@tanstack/react-query';
import { queries } from '../../api/queries.ts';
import { Section } from '../../parts/page.tsx';
import { paymentWords as words } from '../../words/payments.ts';
import { CurrencyChoice, Packs, Plans, TestMode } from './offers.tsx';
import { useCurrency } from './use-currency.ts';

/** Everything on sale, for whoever looks. Nothing where nothing is sold. */
export function Shop() {
  const catalogue = useQuery(queries.catalogue);
  const me = useQuery({ ...queries.me, retry: false });
  const signedIn = me.data !== undefined;
  const subscription = useQuery({ ...queries.subscription, enabled: signedIn });
  const [currency, setCurrency] = useCurrency(catalogue.data);
  if (!catalogue.data || catalogue.data.mode === 'off') return null;
  const { packs, plans, mode } = catalogue.data;
  const choice = <CurrencyChoice catalogue={catalogue.data} value={currency} onChange={setCurrency} />;
  return (
    <>
      <TestMode mode={mode} />
      {packs.length > 0 && (
        <Section title={words.packs.title} note={words.packs.note} aside={choice}>
          <Packs packs={packs} currency={currency} signedIn={signedIn} />
        </Section>
      )}
      {plans.length > 0 && (
        <Section title={words.plans.title} note={words.plans.note}>
          <Plans
            plans={plans}
            currency={currency}
            signedIn={signedIn}
            current={subscription.data?.plan ?? null}
          />
        </Section>
      )}
    </>
  );
}
