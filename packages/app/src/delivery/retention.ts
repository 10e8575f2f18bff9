import { inTransaction } from '../platform/database.ts';
import type { Db } from '../platform/database.ts';
import type { DeliveryDeps } from './deps.ts';

const most_at_once = 200;
/** What was put more recently may be what somebody is about to name in a row. */
const young_hours = 6;

/**
 * Lets go of the files of results that are older than results are kept, and removes them from storage. A file that anything younger names too stays.
 * Rows and receipts stay. Safe to run in several processes, and again after it broke off anywhere.
 * @param days 0: nothing is ever removed
 * @returns how many results have lost their files
 */
export async function removeExpired(deps: DeliveryDeps, days: number): Promise<number> {
  const results = days === 0 ? 0 : await letGo(deps, days);
  if (results > 0) deps.log.info({ results }, 'files that were kept long enough are removed');
  await removeUnwanted(deps);
  return results;
}

async function letGo(deps: DeliveryDeps, days: number): Promise<number> {
  return inTransaction(deps.db, async (tx) => {
    const { rows } = await tx.query<{ sha256: string; poster_sha256: string | null }>(
      `update holdfast.asset set removed_at = holdfast.clock()
        where id in (select id from holdfast.asset
                      where removed_at is null and created_at < holdfast.clock() - make_interval(hours => 24 * $1)
                      order by created_at limit $2 for update skip locked)
       returning sha256, poster_sha256`,
      [days, most_at_once],
    );
    const names = rows.flatMap(({ sha256, poster_sha256: poster }) =>
      poster === null ? [sha256] : [sha256, poster],
    );
    await noteUnwanted(tx, names);
    return rows.length;
  });
}

/** To be removed from storage unless another row names them. Inside the transaction that lets go of them. */
async function noteUnwanted(tx: Db, names: readonly string[]): Promise<void> {
  await tx.query(
    `insert into holdfast.unwanted_object (sha256) select distinct unnest($1::text[])
     on conflict (sha256) do update set due_at = excluded.due_at`,
    [names],
  );
}

/** Removes what nothing names any more. */
async function removeUnwanted(deps: DeliveryDeps): Promise<void> {
  // Taken for a while: whoever dies with it leaves it to the next.
  const { rows } = await deps.db.query<{ sha256: string; named: boolean; young_since: Date }>(
    `update holdfast.unwanted_object u set due_at = holdfast.clock() + interval '5 minutes'
      where sha256 in (select sha256 from holdfast.unwanted_object
                        where due_at <= holdfast.clock() order by due_at limit $1 for update skip locked)
     returning sha256, holdfast.clock() - make_interval(hours => $2) as young_since,
       exists (select from holdfast.asset a
                where a.removed_at is null and (a.sha256 = u.sha256 or a.poster_sha256 = u.sha256))
       or exists (select from holdfast.upload p where p.sha256 = u.sha256) as named`,
    [most_at_once, young_hours],
  );
  for (const { sha256, named, young_since: putBefore } of rows) {
    if (!named && !(await deps.storage.remove(sha256, { putBefore }))) {
      await deps.db.query(
        `update holdfast.unwanted_object set due_at = holdfast.clock() + make_interval(hours => $2) where sha256 = $1`,
        [sha256, young_hours],
      );
      continue;
    }
    await deps.db.query('delete from holdfast.unwanted_object where sha256 = $1', [sha256]);
  }
}
