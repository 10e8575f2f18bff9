import type { Generation } from '@holdfast/client';
import { useEffect, useState } from 'react';
import { noValues, valuesFrom, type Values } from './form.ts';

const storageKey = 'holdfast.draft';

function stored(): Values {
  try {
    const text = sessionStorage.getItem(storageKey);
    return text ? { ...noValues, ...(JSON.parse(text) as Values) } : noValues;
  } catch {
    return noValues;
  }
}

/** What is being written, kept for the life of the tab: a reload or a look at the library loses nothing. */
export function useDraft(from: Generation | undefined) {
  const [values, setValues] = useState<Values>(() => (from ? valuesFrom(from.input) : stored()));
  useEffect(() => {
    try {
      sessionStorage.setItem(storageKey, JSON.stringify(values));
    } catch {
      // A full or forbidden storage only means that a reload starts afresh.
    }
  }, [values]);
  return [values, setValues] as const;
}
