import type pg from 'pg';

export interface Table {
  readonly schema: 'ledger' | 'holdfast' | 'auth';
  readonly name: string;
  readonly columns: readonly string[];
}

/**
 * The tables that a backup holds, each after those that it refers to. Not among them: the queue (its jobs are only reasons to look
 * at rows), the notes of migrations (a restore runs those), and unlogged tables (they are forgotten after a crash too).
 * Generated columns are computed again; transaction numbers mean nothing in another server and are given anew.
 */
export async function listTables(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query<Table & { oid: string; refers_to: string[] }>(`
    select n.nspname as schema, c.relname as name, c.oid::text as oid,
      (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
         and a.atttypid <> 'xid8'::regtype) as columns,
      (select coalesce(array_agg(distinct k.confrelid::text), '{}') from pg_constraint k
       where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as refers_to
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('ledger', 'holdfast', 'auth') and c.relkind = 'r' and c.relpersistence = 'p'
      and c.relname <> 'migration'
    order by n.nspname, c.relname`);
  const sorted: Table[] = [];
  const done = new Set<string>();
  while (sorted.length < rows.length) {
    const ready = rows.filter(
      ({ oid, refers_to }) => !done.has(oid) && refers_to.every((other) => done.has(other)),
    );
    if (ready.length === 0) throw new Error('Tables refer to each other in a circle.');
    for (const { oid, schema, name, columns } of ready) {
      done.add(oid);
      sorted.push({ schema, name, columns });
    }
  }
  return sorted;
}

export function quoted(...names: string[]): string {
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join('.');
}

export function copyText(table: Table): string {
  return `${quoted(table.schema, table.name)} (${table.columns.map((column) => quoted(column)).join(', ')})`;
}
