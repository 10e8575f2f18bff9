import type { Catalogue } from '@holdfast/client';
import { useState } from 'react';

const inEuro = /^(de|fr|es|it|nl|fi|pt-PT|el|et|lv|lt|sk|sl|ga|mt|hr)\b/;

/** The currency to show: what was chosen, else what the reader's language suggests, else dollars, else the first there is. */
export function useCurrency(catalogue: Catalogue | undefined): [string, (currency: string) => void] {
  const [chosen, choose] = useState<string | null>(null);
  const known = catalogue?.currencies ?? [];
  const suggested = /^en-GB\b/.test(navigator.language)
    ? 'gbp'
    : inEuro.test(navigator.language)
      ? 'eur'
      : 'usd';
  const wanted = chosen ?? suggested;
  const value = known.includes(wanted) ? wanted : known.includes('usd') ? 'usd' : (known[0] ?? 'usd');
  return [value, choose];
}
