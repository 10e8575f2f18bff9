import type { DeliveryDeps } from './deps.ts';

const most_at_once = 200;

/**
 * Removes the files of results that are older than results are kept, a part at a time. A file that anything younger names too stays in storage.
 * Rows and receipts stay. Safe to run in several processes, and again after it broke off.
 * @param days 0: nothing is ever removed
 * @returns how many results have lost their files
 */
export async function removeExpired(deps: DeliveryDeps, days: number): Promise<number> {
  if (days === 0) return 0;
  const { rows } = await deps.db.query<{ sha256: string; poster_sha256: string | null }>(
    `update holdfast.asset set removed_at = holdfast.clock()
      where id in (select id from holdfast.asset
                    where removed_at is null and created_at < holdfast.clock() - make_interval(days => $1)
                    order by created_at limit $2 for update skip locked)
     returning sha256, poster_sha256`,
    [days, most_at_once],
  );
  const names = rows.flatMap(({ sha256, poster_sha256: poster }) =>
    poster === null ? [sha256] : [sha256, poster],
  );
  for (const sha256 of await unnamed(deps, names)) await deps.storage.remove(sha256);
  if (rows.length > 0)
    deps.log.info({ results: rows.length }, 'files that were kept long enough were removed');
  return rows.length;
}

async function unnamed(deps: DeliveryDeps, names: readonly string[]): Promise<string[]> {
  const { rows } = await deps.db.query<{ sha256: string }>(
    `select sha256 from unnest($1::text[]) as given (sha256)
      where not exists (select from holdfast.asset a
                         where a.removed_at is null and (a.sha256 = given.sha256 or a.poster_sha256 = given.sha256))
        and not exists (select from holdfast.upload u where u.sha256 = given.sha256)`,
    [names],
  );
  return rows.map((row) => row.sha256);
}
