import { inspect } from 'node:util';
import type { Context } from '../context.ts';
import type { OperationsDeps } from '../operations/deps.ts';
import { ConfigError, readConfig } from '../platform/config.ts';
import type { Config } from '../platform/config.ts';
import { HoldfastError } from '../platform/errors.ts';
import { createLogger } from '../platform/logger.ts';
import { openDatabase } from '../platform/open-database.ts';
import type { OpenDatabase } from '../platform/open-database.ts';
import { openContext } from '../start.ts';
import { toJson } from './output.ts';

/** A sentence for the person at the terminal; never on standard output, which carries answers. */
export function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/** What a command works with; the database is open, and migrated. */
export interface CommandContext {
  readonly config: Config;
  readonly context: Context;
  readonly operations: OperationsDeps;
}

/** Opens everything for one command and gives it back afterwards. Logs only warnings: the answer is what is printed. */
export async function withContext<T>(work: (command: CommandContext) => Promise<T>): Promise<T> {
  const config = readConfig(process.env);
  return withDatabase(config, {}, async (database) => {
    const context = await openContext(config, database, createLogger({ level: 'warn', name: 'holdfast' }));
    try {
      const { db, credits, generations } = context;
      return await work({ config, context, operations: { db, credits, generations } });
    } finally {
      await context.close();
    }
  });
}

export async function withDatabase<T>(
  config: Config,
  options: { migrate?: boolean },
  work: (database: OpenDatabase) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({ config, say, ...options });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Tells of an error as people or programs read it, and which exit code it means: 2 where the request itself was wrong. */
export function tellError(error: unknown, asJson: boolean): number {
  const known = error instanceof HoldfastError;
  const code = known ? error.code : 'internal_error';
  const message = error instanceof Error ? error.message : String(error);
  if (asJson) say(toJson({ error: { code, message, ...(known ? error.data : {}) } }));
  else say(known ? message : `Something broke that should not: ${inspect(error)}`);
  return error instanceof ConfigError ? 2 : 1;
}
