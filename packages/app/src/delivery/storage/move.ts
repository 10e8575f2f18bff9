import { createHash } from 'node:crypto';
import { finished } from 'node:stream/promises';
import type { Db } from '../../platform/database.ts';
import type { Storage } from './port.ts';

export interface MoveReport {
  /** Objects that rows name. */
  readonly objects: number;
  readonly copied: number;
  /** There already, with the same bytes. */
  readonly present: number;
  readonly bytes: number;
  /** Named by rows and in neither place: nothing can be copied. */
  readonly missing: readonly string[];
  /** Whose bytes in the new place are not what their name says. */
  readonly wrong: readonly string[];
  /** Over the names of all that are in the new place: the same there and back. */
  readonly checksum: string;
}

const page_size = 500;
const largest_object_bytes = 64 * 1024 ** 3;

/**
 * Copies every object that a row names from one storage into another, and reads each back to compare its SHA-256 with its name. Safe to run while
 * both are in use, to kill, and to run again: what is there already is read and not copied. Removes nothing.
 */
export async function moveStorage(
  db: Db,
  places: { from: Storage; to: Storage },
  progress: (done: number, all: number) => void = () => undefined,
): Promise<MoveReport> {
  const { from, to } = places;
  const report = {
    objects: 0,
    copied: 0,
    present: 0,
    bytes: 0,
    missing: [] as string[],
    wrong: [] as string[],
  };
  const total = await countObjects(db);
  const all = createHash('sha256');
  for (let after = ''; ;) {
    const names = await objectNames(db, after);
    if (names.length === 0) break;
    for (const sha256 of names) {
      report.objects += 1;
      const there = await digestOf(to, sha256);
      const known = there?.sha256 === sha256 ? there : await copy(sha256);
      if (known === null) report.missing.push(sha256);
      else if (known.sha256 !== sha256) report.wrong.push(sha256);
      else {
        report[there?.sha256 === sha256 ? 'present' : 'copied'] += 1;
        report.bytes += known.bytes;
        all.update(sha256);
      }
      // More may be made meanwhile.
      progress(report.objects, Math.max(report.objects, total));
    }
    after = names.at(-1) ?? '';
  }
  return { ...report, checksum: all.digest('hex') };

  async function copy(sha256: string): Promise<{ sha256: string; bytes: number } | null> {
    const source = await from.open(sha256);
    if (source === null) return null;
    await to.put(source.stream, { maxBytes: largest_object_bytes });
    return (await digestOf(to, sha256)) ?? { sha256: '', bytes: 0 };
  }
}

const named = `
  select sha256 from holdfast.asset where removed_at is null
  union select poster_sha256 from holdfast.asset where poster_sha256 is not null and removed_at is null
  union select sha256 from holdfast.upload`;

async function countObjects(db: Db): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::integer as count from (${named}) as named`,
  );
  return rows[0]?.count ?? 0;
}

/** Names in order, after one of them, so that a page more is never a page lost. */
async function objectNames(db: Db, after: string): Promise<string[]> {
  const { rows } = await db.query<{ sha256: string }>(
    `select sha256 from (${named}) as named where sha256 > $1 order by sha256 limit $2`,
    [after, page_size],
  );
  return rows.map((row) => row.sha256);
}

async function digestOf(storage: Storage, sha256: string): Promise<{ sha256: string; bytes: number } | null> {
  const opened = await storage.open(sha256);
  if (opened === null) return null;
  const hash = createHash('sha256');
  let bytes = 0;
  opened.stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    hash.update(chunk);
  });
  await finished(opened.stream);
  return { sha256: hash.digest('hex'), bytes };
}
