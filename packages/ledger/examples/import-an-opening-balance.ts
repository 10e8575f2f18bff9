/** Bring balances over from elsewhere: a lot per old grant, with its own dates; what expired there expires at once here. */
import type { Example } from './example.ts';

export const example: Example = async ({ ledger, print }) => {
  const old = [
    { id: 1, left: 40n, created: '2025-01-10', expires: '2025-07-10' },
    { id: 2, left: 75n, created: '2026-06-01', expires: '2999-12-01' },
  ];
  await ledger.openAccount({ account: 'joe', reference: 'import' });
  for (const grant of old) {
    const imported = await ledger.grant({
      account: 'joe',
      // run it again after a crash: the same key grants nothing twice
      key: `import ${grant.id}`,
      amount: grant.left,
      effectiveAt: new Date(grant.created),
      expiresAt: new Date(grant.expires),
      reference: 'import',
    });
    print(`lot ${imported.lot}: ${imported.amount} brought over, ${imported.balance.available} available`);
  }
};
