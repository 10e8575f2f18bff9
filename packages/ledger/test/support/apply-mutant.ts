import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';
import { mutants } from './mutants.ts';

const folder = new URL('../../sql/migrations/', import.meta.url);

/** Replaces one function of the ledger in this database by a broken one. */
export async function applyMutant(admin: pg.Pool, name: string): Promise<void> {
  const mutant = mutants.find((candidate) => candidate.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
  const [functionName, from, to] = mutant.change;
  for (const file of await readdir(folder)) {
    const sql = await readFile(new URL(file, folder), 'utf8');
    const start = sql.search(new RegExp(`create function ledger\\.${functionName}\\(`));
    if (start === -1) continue;
    const open = sql.indexOf('$$', start);
    const definition = sql.slice(start, sql.indexOf('$$', open + 2) + 2);
    if (!definition.includes(from)) throw new Error(`${name}: ${functionName} has no "${from}"`);
    await admin.query(
      definition.replace('create function', 'create or replace function').replace(from, () => to),
    );
    return;
  }
  throw new Error(`${name}: there is no function ${functionName}`);
}
