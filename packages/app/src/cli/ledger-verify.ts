import type { CreditDeps } from '../credits/deps.ts';
import { table } from './output.ts';
import type { CommandOutput } from './output.ts';
import type { Progress } from './progress.ts';

/** `holdfast ledger verify [account]`: recomputes the ledger from its first operation. */
export async function ledgerVerify(
  ledger: CreditDeps['ledger'],
  options: { account?: string; progress: Progress },
): Promise<CommandOutput & { readonly violations: number }> {
  let line: ReturnType<Progress['line']> | null = null;
  const result = await ledger.verify({
    ...(options.account === undefined ? {} : { account: options.account }),
    onProgress: (seen) => {
      line ??= options.progress.line('verify', Math.max(seen.accountsTotal, 1));
      line.update(seen.accounts, `${seen.operations} operations, ${seen.violations} violations`);
    },
  });
  options.progress.stop();
  const summary = `${result.violations} violations in ${result.operations} operations of ${result.accounts} accounts.`;
  const rows = result.differences.map((each) => [
    each.check,
    each.account,
    each.operation,
    each.lot,
    each.hold,
    each.expected,
    each.found,
  ]);
  return {
    violations: result.violations,
    json: result,
    text:
      result.violations === 0
        ? summary
        : [summary, table(['check', 'account', 'operation', 'lot', 'hold', 'expected', 'found'], rows)].join(
            '\n',
          ),
  };
}
