import type pg from 'pg';
import { mutants } from './mutants.ts';

/** Replaces functions of the ledger in this database by broken ones. */
export async function applyMutant(admin: pg.Pool, name: string): Promise<void> {
  const mutant = mutants.find((candidate) => candidate.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
  for (const [functionName, from, to] of mutant.changes) {
    const { rows } = await admin.query<{ definition: string }>(
      `select pg_get_functiondef(p.oid) as definition from pg_proc p
       where p.pronamespace = 'ledger'::regnamespace and p.proname = $1`,
      [functionName],
    );
    const [found] = rows;
    if (found === undefined || rows.length > 1)
      throw new Error(`${name}: there is no one function ${functionName}`);
    if (!found.definition.includes(from)) throw new Error(`${name}: ${functionName} has no "${from}"`);
    await admin.query(found.definition.replace(from, () => to));
  }
}
