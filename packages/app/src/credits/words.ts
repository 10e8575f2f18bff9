import type { StatementLine } from '@holdfast/ledger';

const grantWords: Readonly<Record<string, string>> = {
  sign_up: 'Welcome credits',
  support: 'Credits from support',
  apology: 'Credits, with our apologies',
};

/** One sentence for people about a movement of their credit. */
export function describeMovement(line: Pick<StatementLine, 'kind' | 'amount' | 'reference'>): string {
  const amount = `${line.amount} ${line.amount === 1n ? 'credit' : 'credits'}`;
  switch (line.kind) {
    case 'open_account':
      return 'Account opened';
    case 'close_account':
      return 'Account closed';
    case 'grant':
      return `${grantWords[line.reference ?? ''] ?? (line.reference?.startsWith('ord_') ? 'Credits bought' : 'Credits added')}: ${amount}`;
    case 'place_hold':
      return `${amount} held for a generation`;
    case 'extend_hold':
      return 'A hold was extended';
    case 'capture':
      return `${amount} charged for what was delivered`;
    case 'release':
      return `${amount} released: you were not charged`;
    case 'refund':
      return `${amount} refunded`;
    case 'charge':
      return `${amount} charged`;
    case 'repay':
      return `${amount} used to repay debt`;
    case 'void_lot':
      return `${amount} withdrawn`;
    case 'change_expiry':
      return 'The expiry of credits was changed';
    case 'clawback':
      return `${amount} taken back with a refunded payment`;
    case 'merge_out':
      return `${amount} moved to another account`;
    case 'merge_in':
      return `${amount} moved here from another account`;
    case 'freeze':
      return 'Account frozen';
    case 'thaw':
      return 'Account thawed';
    case 'start_lot':
      return `${amount} became spendable`;
    case 'expire_lot':
      return `${amount} expired`;
    case 'expire_hold':
      return `${amount} released when a hold ended`;
    default:
      throw new Error(`unknown kind of operation ${String(line.kind satisfies never)}`);
  }
}
