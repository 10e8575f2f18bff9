import type { Connection } from './connection.ts';
import { RetryableError } from './errors.ts';
import type { Value } from './input.ts';
import { outcomeColumns, textOrNull, textOf, type Row } from './rows.ts';
import { errorOfState } from './sql-errors.ts';

/** The calls that are batched, and what their parameters are called in a batch. */
const labels = ['reference', 'metadata', 'event_at'];
const batchedCalls: Record<string, string[] | undefined> = {
  place_hold: ['account', 'key', 'amount', 'lease_seconds', 'late_seconds', 'over_capture', ...labels],
  capture: ['account', 'key', 'hold', 'amount', 'final', 'fault', 'grace_seconds', ...labels],
  release: ['account', 'key', 'hold', 'fault', 'grace_seconds', ...labels],
};

const statement = `select b.n::text as n, b.error_state, b.error_message, b.error_data::text as error_data, ${outcomeColumns}
  from ledger.batch($1::text::jsonb) b cross join lateral (select (b.outcome).*) o`;

type Pending = {
  name: string;
  values: Value[];
  resolve: (row: Row) => void;
  reject: (error: unknown) => void;
};

/**
 * Gathers concurrent holds, captures and releases for at most a millisecond or a full batch and sends them as one
 * statement. Items of one account keep their order: an account whose items are under way waits for the next batch.
 */
export function batched(
  db: Connection,
  { maxItems = 200, maxWaitMs = 1, writers = 2 }: { maxItems?: number; maxWaitMs?: number; writers?: number },
): Connection {
  const waiting = new Map<string, Pending[]>();
  const underWay = new Set<string>();
  let count = 0;
  let busy = 0;
  let timer: NodeJS.Timeout | undefined;

  function take(): Pending[] {
    const batch: Pending[] = [];
    for (const [account, items] of waiting) {
      if (batch.length >= maxItems) break;
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
    const accounts = new Set(batch.map((item) => String(item.values[0])));
    for (const account of accounts) underWay.add(account);
    try {
      await writeTogether(db, batch);
    } finally {
      for (const account of accounts) underWay.delete(account);
      busy -= 1;
      flush();
    }
  }

  function enqueue(item: Pending): void {
    const account = String(item.values[0]);
    const items = waiting.get(account);
    if (items === undefined) waiting.set(account, [item]);
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
            enqueue({ name, values, resolve, reject });
          }),
  };
}

function itemOf({ name, values }: Pending, n: number): Record<string, unknown> {
  const item: Record<string, unknown> = { n, kind: name };
  for (const [index, field] of (batchedCalls[name] ?? []).entries()) {
    const value = values[index];
    item[field] = field === 'metadata' && typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
  }
  return item;
}

async function writeTogether(db: Connection, batch: Pending[]): Promise<void> {
  let rows: Row[];
  try {
    rows = await db.rows(statement, [JSON.stringify(batch.map(itemOf))]);
  } catch (error) {
    if (error instanceof RetryableError) {
      for (const item of batch) item.reject(error);
    } else {
      await writeSingly(db, batch);
    }
    return;
  }
  for (const row of rows) {
    const item = batch[Number(textOf(row, 'n'))];
    const state = textOrNull(row, 'error_state');
    if (state === null) item?.resolve(row);
    else item?.reject(errorOfState(state, textOf(row, 'error_message'), textOf(row, 'error_data')));
  }
}

/** One item that the database would not even read must not harm its neighbours. */
async function writeSingly(db: Connection, batch: Pending[]): Promise<void> {
  for (const item of batch) {
    await db.write(item.name, item.values).then(item.resolve, item.reject);
  }
}
