import type { Account } from './account.ts';
import { listOf } from './lists.ts';

type Fields = Record<string, unknown>;

/** A copy of an answer with what was asked for put in place of its ids, and lists that are left out unless asked for. */
export function expanded(account: Account, answer: unknown, paths: readonly string[]): unknown {
  const copy: unknown = structuredClone(answer);
  for (const path of paths) expandPath(account, copy, path.split('.'));
  return copy;
}

function expandPath(account: Account, at: unknown, [head = '', ...rest]: string[]): void {
  if (Array.isArray(at)) {
    for (const each of at) expandPath(account, each, [head, ...rest]);
    return;
  }
  if (at === null || typeof at !== 'object' || head === '') return;
  const fields = at as Fields;
  const value = fields[head];
  if (value === undefined) fields[head] = leftOut(account, fields, head);
  else if (typeof value === 'string') fields[head] = structuredClone(find(account, value)) ?? value;
  expandPath(account, fields[head], rest);
}

function leftOut(account: Account, object: Fields, name: string): unknown {
  const id = String(object['id']);
  if (object['object'] === 'checkout.session' && name === 'line_items') {
    return structuredClone(listOf(account.wishes.get(id)?.lines ?? [], {}));
  }
  if (object['object'] === 'invoice' && name === 'payments') {
    return structuredClone(listOf(account.invoicePayments.values(), {}, ({ invoice }) => invoice === id));
  }
  if (object['object'] === 'charge' && name === 'refunds') {
    return structuredClone(listOf(account.refunds.values(), {}, ({ charge }) => charge === id));
  }
  return undefined;
}

function find(account: Account, id: string): unknown {
  const {
    customers,
    products,
    prices,
    sessions,
    intents,
    charges,
    refunds,
    disputes,
    invoices,
    subscriptions,
    methods,
  } = account;
  for (const map of [
    customers,
    products,
    prices,
    sessions,
    intents,
    charges,
    refunds,
    disputes,
    invoices,
    subscriptions,
    methods,
  ]) {
    const found = map.get(id);
    if (found !== undefined) return found;
  }
  return undefined;
}
