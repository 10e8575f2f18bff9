import type { Facts, Violation } from '../facts.ts';

/** The ledger proves itself. */
export function ledgerIsWhole({ ledger }: Facts): Violation[] {
  if (ledger.violations === 0 && ledger.differences.length === 0) return [];
  const first = ledger.differences.slice(0, 5).join('; ');
  return [
    {
      check: 'ledger',
      sentence: `the ledger has ${ledger.violations} violations: ${first}`,
      generationId: null,
    },
  ];
}
