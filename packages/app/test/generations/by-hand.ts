import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import { endGeneration } from '../../src/generations/end/end.ts';
import type { ModelDefinition } from '../../src/generations/catalogue/model-definition.ts';
import type { AttemptRow, GenerationRow } from '../../src/generations/rows.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { settle } from '../../src/generations/end/settle.ts';
import type { ChargePolicy } from '../../src/credits/rules.ts';
import type { Database } from '../../src/platform/database.ts';
import { newId, newToken } from '../../src/platform/ids.ts';
import type { ErrorClass } from '../../src/providers/port.ts';
import { scriptedModel } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

/** Takes generations through their life without a worker or a provider: only what decides about credits is real. */

const count = { type: 'number', name: 'count', label: 'How many', required: false } as const;

function film(policy: ChargePolicy): ModelDefinition {
  return { ...scriptedModel, id: `film-${policy}`, name: `Film, ${policy}`, policy };
}

/** Five credits each, one to four. */
export function pictures(policy: ChargePolicy): ModelDefinition {
  const [template] = scriptedModel.templates;
  if (template === undefined) throw new Error('the scripted model has no template');
  return {
    ...scriptedModel,
    id: `pictures-${policy}`,
    name: `Pictures, ${policy}`,
    kind: 'image',
    seconds: null,
    policy,
    templates: [
      { ...template, inputs: [...template.inputs, { ...count, min: 1, max: 4, step: 1, default: 1 }] },
    ],
  };
}

/** Films at 10 credits a second and pictures at 5, of each policy. */
export async function offerAllPolicies(db: Database): Promise<void> {
  const policies = ['reserve', 'prepaid', 'postpaid'] as const;
  await seedCatalogue(db, [
    ...policies.map((policy) => ({ model: film(policy), creditsPerUnit: 10n })),
    ...policies.map((policy) => ({ model: pictures(policy), creditsPerUnit: 5n })),
  ]);
}

export async function askFor(
  pipeline: Pipeline,
  personId: string,
  what: { policy: ChargePolicy; seconds?: number; count?: number; key?: string },
): Promise<string> {
  const { policy, seconds, key = newId('key') } = what;
  const request =
    seconds === undefined
      ? { model: `pictures-${policy}`, input: { prompt: 'a test', count: what.count ?? 1 } }
      : { model: `film-${policy}`, input: { prompt: 'a test', duration_seconds: seconds } };
  const { generation } = await acceptGeneration(pipeline.deps, { personId, key, request });
  return generation.id;
}

export interface InHand {
  readonly row: GenerationRow;
  readonly attempt: AttemptRow;
}

/** As if its provider had made it, and this test were the worker that fetches it. */
export async function takeInHand(db: Database, id: string): Promise<InHand> {
  const { rows } = await db.query<GenerationRow>(
    `update holdfast.generation
        set state = 'ingesting', claim = claim + 1, picked_up_at = coalesce(picked_up_at, holdfast.clock()),
            claimed_until = holdfast.clock() + interval '15 seconds', due_at = holdfast.clock() + interval '15 seconds'
      where id = $1 and due_at is not null returning *`,
    [id],
  );
  const attempts = await db.query<AttemptRow>(
    `insert into holdfast.attempt (id, generation_id, number, provider_id, token, state, task_id)
     values ($1, $2, 1, 'scripted', $3, 'submitted', $3)
     on conflict (generation_id, number) do update set state = 'submitted' returning *`,
    [newId('att'), id, newToken()],
  );
  const [row, attempt] = [rows[0], attempts.rows[0]];
  if (!row || !attempt) throw new Error(`${id} is final`);
  return { row, attempt };
}

/** Delivers files of so many seconds (null is a picture), at their places among those asked for. */
export function deliver(
  pipeline: Pipeline,
  { row, attempt }: InHand,
  files: readonly (number | null)[],
): ReturnType<typeof settle> {
  const outputs = files.map((seconds, output) => ({
    output,
    file: {
      sha256: Buffer.from(randomUUID().replaceAll('-', '').repeat(2), 'hex').toString('hex'),
      bytes: 1,
      contentType: seconds === null ? 'image/png' : 'video/mp4',
      width: 1,
      height: 1,
      durationMs: seconds === null ? null : Math.round(seconds * 1000),
      poster: null,
    },
  }));
  return settle(pipeline.deps, row, attempt, outputs);
}

export function fail(
  pipeline: Pipeline,
  { row }: Pick<InHand, 'row'>,
  errorClass: ErrorClass = 'SYSTEM',
): Promise<boolean> {
  const failure = { code: 'broken', errorClass, detail: 'a test', mayHaveCost: false };
  return endGeneration(pipeline.deps, row, { state: 'failed', ...failure });
}

/** What must hold of every row and of the ledger behind it, whatever its policy and whatever happened. */
export async function expectBooksToAgree(db: Database, pipeline: Pipeline): Promise<void> {
  const { rows } = await db.query<GenerationRow & { files: bigint }>(
    `select g.*, (select count(*) from holdfast.asset a where a.generation_id = g.id) as files from holdfast.generation g`,
  );
  const { ledger } = pipeline.deps.credits;
  for (const row of rows) {
    const final = row.due_at === null;
    const captured = row.captured ?? 0n;
    const charged = captured - row.refunded;
    const hold =
      row.hold_id === null ? null : await ledger.hold({ account: row.person_id, hold: row.hold_id });
    const booked = { of: row.id, captured: hold?.captured ?? 0n, refunded: hold?.refunded ?? 0n };
    expect(booked).toEqual({ of: row.id, captured, refunded: row.refunded });
    expect({ of: row.id, direct: hold?.charge ?? true }).toEqual({
      of: row.id,
      direct: row.policy !== 'reserve',
    });
    expect(captured <= row.quoted).toBe(true);
    if (final) expect({ of: row.id, paid: charged > 0n }).toEqual({ of: row.id, paid: row.files > 0n });
    expect(row.owed <= charged).toBe(true);
    if (row.policy === 'reserve') {
      expect(hold?.state).toBe(final ? (captured > 0n ? 'captured' : 'released') : 'open');
      if (final) expect(captured + (row.released ?? 0n)).toBe(row.held);
      else expect(row.held).toBe(row.quoted);
    } else expect(row.held).toBe(0n);
    if (row.policy === 'prepaid') expect(captured).toBe(row.quoted);
    if (row.policy === 'postpaid' && !final) expect(hold).toBeNull();
  }
  const { violations, differences } = await ledger.verify();
  expect(differences).toEqual([]);
  expect(violations).toBe(0);
}
