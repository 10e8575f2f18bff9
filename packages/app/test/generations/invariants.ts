import { expect } from 'vitest';
import { examineMedia } from '../../src/platform/media/probe.ts';
import type { Database } from '../../src/platform/database.ts';
import type { ScriptedService } from '../providers/scripted/server.ts';
import type { Pipeline } from './pipeline.ts';

/** What must hold of everything in a database, whatever happened: looked up in the rows, the ledger, the files and a provider's own books. */
export async function expectInvariants(
  db: Database,
  pipeline: Pick<Pipeline, 'deps'>,
  service?: ScriptedService,
): Promise<void> {
  const { rows } = await db.query<{
    id: string;
    person_id: string;
    state: string;
    held: bigint;
    quoted: bigint;
    captured: bigint | null;
    released: bigint | null;
    hold_id: string;
    assets: string[];
    due_at: Date | null;
  }>(
    `select g.*, array(select sha256 from holdfast.asset a where a.generation_id = g.id) as assets
       from holdfast.generation g`,
  );
  for (const row of rows) {
    const hold = await pipeline.deps.credits.ledger.hold({ account: row.person_id, hold: row.hold_id });
    expect(hold.reference).toBe(row.id);
    const final = row.due_at === null;
    if (!final) {
      expect({ ...hold, of: row.id }).toMatchObject({ state: 'open', captured: 0n, released: 0n });
      continue;
    }
    const [captured, released] = [row.captured, row.released];
    expect({ of: row.id, captured: hold.captured, released: hold.released }).toEqual({
      of: row.id,
      captured,
      released,
    });
    expect(hold.captured + hold.released).toBe(row.held);
    expect(hold.captured).toBeLessThanOrEqual(row.quoted);
    // Charged if and only if a file that plays is stored for that person.
    expect({ of: row.id, charged: hold.captured > 0n }).toEqual({
      of: row.id,
      charged: row.assets.length > 0,
    });
    for (const sha256 of row.assets) {
      const path = await pipeline.deps.delivery.storage.localPath(sha256);
      expect(await examineMedia(path ?? '')).toMatchObject({ plays: true });
    }
  }
  const { violations, differences } = await pipeline.deps.credits.ledger.verify();
  expect(differences).toEqual([]);
  expect(violations).toBe(0);
  if (service === undefined || service.script.idempotent) return;
  expect([...service.submits].filter(([, submits]) => submits > 1)).toEqual([]);
}
