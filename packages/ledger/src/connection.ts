import { RetryableError } from './errors.ts';
import { outcomeOf, outcomeRow } from './outcome.ts';
import type { Row } from './rows.ts';
import { typedError } from './sql-errors.ts';
import type { LedgerOptions, Queryable } from './types/connecting.ts';
import type { Value } from './input.ts';

/** How the ledger reaches the database: one statement, typed errors, repeats where a repeat is safe. */
export type Connection = {
  rows(text: string, values: Value[]): Promise<Row[]>;
  row(text: string, values: Value[]): Promise<Row>;
  /** Calls a function that writes. */
  write(name: string, values: Value[]): Promise<Row>;
};

const backOffMs = [5, 25, 100, 250, 500];

export function connect(db: Queryable, options: LedgerOptions, insideTransaction: boolean): Connection {
  const retries = insideTransaction ? 0 : (options.retries ?? 3);

  async function once(text: string, values: Value[]): Promise<Row[]> {
    try {
      const result = await (options.prepare === true ? prepared(db, text, values) : db.query(text, values));
      return result.rows;
    } catch (error) {
      throw typedError(error);
    }
  }

  async function rows(text: string, values: Value[]): Promise<Row[]> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await once(text, values);
      } catch (error) {
        if (!(error instanceof RetryableError) || attempt >= retries) {
          throw error;
        }
        const ms = backOffMs[Math.min(attempt, backOffMs.length - 1)] ?? 500;
        await new Promise((resolve) => {
          setTimeout(resolve, ms * (0.5 + Math.random()));
        });
      }
    }
  }

  async function row(text: string, values: Value[]): Promise<Row> {
    const [first] = await rows(text, values);
    if (first === undefined) {
      throw new TypeError('the database answered without a row');
    }
    return first;
  }

  return {
    rows,
    row,
    write: async (name, values) => outcomeRow(await row(writeStatement(name, values.length), values)),
  };
}

const writeStatements = new Map<string, string>();

function writeStatement(name: string, count: number): string {
  let statement = writeStatements.get(name);
  if (statement === undefined) {
    statement = outcomeOf(`ledger.${name}(${parameters(count)})`);
    writeStatements.set(name, statement);
  }
  return statement;
}

/**
 * Every write ends with reference, metadata and event_at. JSON travels as text and is cast by the database, because
 * drivers disagree on what a string means for a jsonb parameter.
 */
function parameters(count: number): string {
  return Array.from({ length: count }, (_, index) =>
    index === count - 2 ? `$${index + 1}::text::jsonb` : `$${index + 1}`,
  ).join(', ');
}

const statementNames = new Map<string, string>();

/** `pg` prepares a statement that has a name, once on each of its connections. */
function prepared(db: Queryable, text: string, values: Value[]): ReturnType<Queryable['query']> {
  let name = statementNames.get(text);
  if (name === undefined) {
    name = `ledger_${statementNames.size + 1}`;
    statementNames.set(text, name);
  }
  const pgLike = db as unknown as {
    query(statement: { name: string; text: string; values: Value[] }): ReturnType<Queryable['query']>;
  };
  return pgLike.query({ name, text, values });
}
