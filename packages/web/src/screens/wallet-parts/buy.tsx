import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { queries } from '../../api/queries.ts';
import { Section } from '../../parts/page.tsx';
import { paymentWords } from '../../words/payments.ts';
import { Packs, TestMode } from '../payment-parts/offers.tsx';
import { useCurrency } from '../payment-parts/use-currency.ts';

const words = paymentWords.buying;

/** The packs, where they are needed. Not shown where nothing is sold. */
export function Buy() {
  const catalogue = useQuery(queries.catalogue);
  const [currency] = useCurrency(catalogue.data);
  const [saveCard, setSaveCard] = useState(false);
  if (!catalogue.data || catalogue.data.mode === 'off' || catalogue.data.packs.length === 0) return null;
  return (
    <Section
      id="buy"
      title={words.title}
      aside={
        <Link to="/pricing" className="rounded text-sm font-medium text-accent underline underline-offset-3">
          {words.all}
        </Link>
      }
    >
      <div className="grid gap-3">
        <TestMode mode={catalogue.data.mode} />
        <Packs packs={catalogue.data.packs} currency={currency} signedIn saveCard={saveCard} />
        {catalogue.data.auto_top_up && (
          <label className="flex items-center gap-2 text-sm text-ink-2">
            <input
              type="checkbox"
              className="size-4 accent-current"
              checked={saveCard}
              onChange={(event) => setSaveCard(event.target.checked)}
            />
            {words.keepCard}
          </label>
        )}
      </div>
    </Section>
  );
}
