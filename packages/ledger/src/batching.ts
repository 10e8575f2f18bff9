import type { Connection } from './connection.ts';
import { LedgerError, RetryableError } from './errors.ts';
import type { Value } from './input.ts';
import { outcomeColumns, outcomeRow, stampText } from './outcome.ts';
import { textOrNull, textOf, textsOf, type Row } from './rows.ts';
import { errorOfState } from './sql-errors.ts';

/** The calls that are batched, and which of their parameters stands where in an item: behind its number and its kind. */
const none = -1;
const batchedCalls: Record<string, number[] | undefined> = {
  // account, key, hold, amount, final, lease_seconds, late_seconds, over_capture, fault, grace_seconds, labels
  place_hold: [0, 1, none, 2, none, 3, 4, 5, none, none, 6, 7, 8],
  capture: [0, 1, 2, 3, 4, none, none, none, 5, 6, 7, 8, 9],
  release: [0, 1, 2, none, none, none, none, none, 3, 4, 5, 6, 7],
};

/** The usual items come in one row, column by column; each other item in a row of its own. */
const columns = ['n', 'seq', 'hold', 'amount', 'lot', 'total', 'held', 'upcoming', 'hold_amount'];
const moreColumns = ['hold_state', 'captured', 'released', 'at', 'lease_until'];
const statement = `select ${[...columns, ...moreColumns].map((name) => `b.${name}::text as ${name}s`).join(', ')},
  (b.other).n::text as n, (b.other).error_state, (b.other).error_message, (b.other).error_data::text as error_data,
  ${outcomeColumns}
  from ledger.run_batch($1::text::ledger.item[]) b cross join lateral (select (b.other).outcome as o) x`;

/** Fewer items than this are not worth two commits. */
const worthSharing = 100;

type Pending = {
  name: string;
  values: Value[];
  account: string;
  /** The item as Postgres reads it, behind its number. */
  fields: string;
  resolve: (row: Row) => void;
  reject: (error: unknown) => void;
};

/**
 * Gathers concurrent holds, captures and releases for at most a millisecond or a full batch and sends them as one
 * statement. Items of one account keep their order: an account whose items are under way waits for the next batch.
 */
export function batched(
  db: Connection,
  { maxItems = 400, maxWaitMs = 1, writers = 2 }: { maxItems?: number; maxWaitMs?: number; writers?: number },
): Connection {
  const waiting = new Map<string, Pending[]>();
  const underWay = new Set<string>();
  let count = 0;
  let busy = 0;
  let timer: NodeJS.Timeout | undefined;

  /** The writers that are free share what waits; but the items of one account go together, since only one can write them. */
  function take(): Pending[] {
    const share = Math.min(maxItems, Math.max(worthSharing, Math.ceil(count / (writers - busy))));
    const batch: Pending[] = [];
    for (const [account, items] of waiting) {
      if (batch.length >= share) break;
      if (underWay.has(account)) continue;
      batch.push(...items.splice(0, maxItems - batch.length));
      if (items.length === 0) waiting.delete(account);
      else {
        // its turn comes again behind the others
        waiting.delete(account);
        waiting.set(account, items);
      }
    }
    count -= batch.length;
    return batch;
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    while (busy < writers && waiting.size > 0) {
      const batch = take();
      if (batch.length === 0) return;
      busy += 1;
      void write(batch);
    }
  }

  async function write(batch: Pending[]): Promise<void> {
    for (const { account } of batch) underWay.add(account);
    const answer = await writeTogether(db, batch);
    for (const { account } of batch) underWay.delete(account);
    busy -= 1;
    // the next batch goes first: while the database works on it, the callers hear of this one
    flush();
    answer();
  }

  function enqueue(item: Pending): void {
    const items = waiting.get(item.account);
    if (items === undefined) waiting.set(item.account, [item]);
    else items.push(item);
    count += 1;
    if (busy >= writers) return;
    if (count >= maxItems) flush();
    else timer ??= setTimeout(flush, maxWaitMs);
  }

  return {
    ...db,
    write: (name, values) =>
      batchedCalls[name] === undefined
        ? db.write(name, values)
        : new Promise<Row>((resolve, reject) => {
            const account = String(values[0]);
            enqueue({ name, values, account, fields: fieldsOf(name, values), resolve, reject });
          }),
  };
}

function fieldsOf(name: string, values: Value[]): string {
  let fields = `,${name}`;
  for (const index of batchedCalls[name] ?? []) {
    const value = values[index];
    fields += value === null || value === undefined ? ',' : `,${fieldOf(value)}`;
  }
  return fields;
}

/** One field of a row within an array: what is not plain is quoted twice. */
function fieldOf(value: string | number | boolean): string {
  const text = String(value);
  return /^[\w:.+ -]+$/.test(text) ? text : escaped(`"${escaped(text)}"`);
}

const escaped = (text: string): string => text.replaceAll(/["\\]/g, String.raw`\$&`);

/** @returns what tells the callers */
async function writeTogether(db: Connection, batch: Pending[]): Promise<() => void> {
  let rows: Row[];
  try {
    rows = await db.rows(statement, [`{${batch.map(({ fields }, n) => `"(${n}${fields})"`).join(',')}}`]);
  } catch (error) {
    if (isAboutAnItem(error)) return writeSingly(db, batch);
    return () => {
      for (const item of batch) item.reject(error);
    };
  }
  return () => {
    for (const row of rows) {
      if (textOrNull(row, 'ns') === null) tellOther(batch, row);
      else tellUsual(batch, row);
    }
  };
}

function tellOther(batch: Pending[], row: Row): void {
  const item = batch[Number(textOf(row, 'n'))];
  const state = textOrNull(row, 'error_state');
  if (state === null) item?.resolve(outcomeRow(row));
  else item?.reject(errorOfState(state, textOf(row, 'error_message'), textOf(row, 'error_data')));
}

function tellUsual(batch: Pending[], row: Row): void {
  const of = (name: string): string[] => textsOf(row, `${name}s`);
  const [seqs, holds, amounts, lots] = [of('seq'), of('hold'), of('amount'), of('lot')];
  const [totals, helds, upcomings, holdAmounts] = [
    of('total'),
    of('held'),
    of('upcoming'),
    of('hold_amount'),
  ];
  const [states, captureds, releaseds] = [of('hold_state'), of('captured'), of('released')];
  const [ats, leases] = [of('at'), of('lease_until')];
  for (const [index, n] of of('n').entries()) {
    const item = batch[Number(n)];
    if (item === undefined) continue;
    const [amount, lot] = [amounts[index] ?? '', lots[index] ?? ''];
    item.resolve({
      account: item.account,
      operation: seqs[index],
      kind: item.name,
      at: stampText(ats[index]),
      replayed: 'false',
      refusal: null,
      refusal_data: null,
      amount,
      total: totals[index],
      held: helds[index],
      debt: '0',
      upcoming: upcomings[index],
      hold: holds[index],
      hold_amount: holdAmounts[index],
      hold_state: states[index],
      captured: captureds[index],
      released: releaseds[index],
      lease_until: stampText(leases[index]),
      // what was pinned, or what was taken
      places: item.name === 'place_hold' ? `{${lot}}` : item.name === 'capture' ? `{${lot},-2}` : '{}',
      amounts:
        item.name === 'place_hold'
          ? `{${amount}}`
          : item.name === 'capture'
            ? `{-${amount},${amount}}`
            : '{}',
      detail: null,
    });
  }
}

/** Misuse, or a value that the database can't read (class 22): one item's, which must not harm its neighbours. */
function isAboutAnItem(error: unknown): boolean {
  if (error instanceof LedgerError) return !(error instanceof RetryableError);
  const state = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof state === 'string' && state.startsWith('22');
}

async function writeSingly(db: Connection, batch: Pending[]): Promise<() => void> {
  for (const item of batch) {
    await db.write(item.name, item.values).then(item.resolve, item.reject);
  }
  return () => undefined;
}
