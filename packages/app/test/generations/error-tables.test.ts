import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome, SubmitFault } from '../../emulators/shared/knobs.ts';
import { startNext } from '../../src/generations/steps/advance.ts';
import { inLocale } from '../../src/generations/deps.ts';
import { getGeneration } from '../../src/generations/view/read.ts';
import { enforceDeadlines } from '../../src/generations/end/sweep.ts';
import { creditsClause, failureSentence, failureWords } from '../../src/generations/view/words.ts';
import { locales } from '../../src/platform/locale.ts';
import { forgetGates } from '../../src/providers/health/gate.ts';
import type { ErrorClass } from '../../src/providers/port.ts';
import * as fal from '../providers/fal/error-table.ts';
import * as kie from '../providers/kie/error-table.ts';
import * as replicate from '../providers/replicate/error-table.ts';
import { expectInvariants } from './invariants.ts';
import { createVendorWorld } from './vendor-world.ts';
import type { Vendor, VendorWorld } from './vendor-world.ts';

interface Case {
  readonly name: string;
  readonly errorClass: ErrorClass;
  /** What its submit meets, or how its task ends. */
  readonly submit?: SubmitFault;
  readonly ends?: Outcome;
}

const tables: { vendor: Vendor; model: string; cases: Case[] }[] = [
  {
    vendor: 'kie',
    model: 'kie-z-image',
    cases: [
      ...kie.refusals.map(([code, msg, errorClass]): Case => ({
        name: `submit: ${code} ${msg}`,
        errorClass,
        submit: { status: 200, body: { code, msg, data: null } },
      })),
      ...kie.failures.map(([code, message, errorClass]): Case => ({
        name: `task: ${code} ${message}`,
        errorClass,
        ends: { code, message },
      })),
    ],
  },
  {
    vendor: 'fal',
    model: 'fal-flux-dev',
    cases: [
      ...fal.refusals.map(([status, body, errorClass]): Case => ({
        name: `submit: ${status} ${JSON.stringify(body)}`,
        errorClass,
        submit: { status, body },
      })),
      ...fal.failures.map(([status, code, errorClass]): Case => ({
        name: `task: ${status} ${code}`,
        errorClass,
        ends: { code, message: 'in its own words', status },
      })),
    ],
  },
  {
    vendor: 'replicate',
    model: 'replicate-flux-dev',
    cases: [
      ...replicate.refusals.map(([status, detail, errorClass]): Case => ({
        name: `submit: ${status} ${detail}`,
        errorClass,
        submit: { status, body: { title: 'In short', detail, status } },
      })),
      ...replicate.failures.map(([message, errorClass]): Case => ({
        name: `task: ${message}`,
        errorClass,
        ends: { code: 'failed', message },
      })),
    ],
  },
];

/** What the words of a person's own fault ask for, and those of anybody else's. */
const asks_for_change = /change|shorten|other words|upload|lighting|smaller/i;
const asks_for_patience = /please retry|try again/i;

describe.each(tables)("every row of $vendor's tables, from its words to ours", ({ vendor, model, cases }) => {
  let world: VendorWorld;
  let person: string;

  beforeAll(async () => {
    world = await createVendorWorld(vendor);
    world.service.knobs.callback = 'none';
  });
  afterAll(async () => {
    await expectInvariants(world.http.world.admin, { deps: world.ctx.deps });
    await world.close();
  });

  /** Nothing that earlier rows did to the provider's name holds this one back. */
  async function calm(): Promise<void> {
    await world.http.world.admin.query(
      'delete from holdfast.provider_circuit; delete from holdfast.provider_bucket',
    );
    forgetGates(world.ctx.deps.db);
  }

  async function meet({ submit, ends }: Case, id: string): Promise<void> {
    await calm();
    const { due_at } = await world.row(id);
    const early = (due_at?.getTime() ?? 0) - world.http.world.clock.now().getTime();
    if (early > 0) await world.http.world.clock.advance(`${early + 50} milliseconds`);
    world.service.knobs.submit = submit === undefined ? [] : [submit];
    world.service.knobs.fail = ends === undefined ? [] : [ends];
    expect((await world.start()).id).toBe(id);
  }

  const nothing: Case = { name: 'as it should be', errorClass: 'UNKNOWN' };

  const of = (...classes: ErrorClass[]): Case[] =>
    cases.filter(({ errorClass }) => classes.includes(errorClass));

  /** Asks, and has the first attempt fail as the row says. */
  async function failFirst(row: Case): Promise<{ id: string; held: bigint }> {
    person = await world.person(100n);
    const id = await world.ask(person, model);
    const { held } = await world.row(id);
    await meet(row, id);
    expect(await world.attempts(id)).toMatchObject([{ state: 'failed', error_class: row.errorClass }]);
    return { id, held };
  }

  test.each(of('USER_INPUT', 'USER_POLICY'))('$name: the person can mend it', async (row) => {
    const { id, held } = await failFirst(row);
    await expectEnd(id, held, row.errorClass, asks_for_change);
  });

  test.each(of('SYSTEM'))('$name: another attempt, and then it is told as ours', async (row) => {
    const { id, held } = await failFirst(row);
    await expectWaiting(id, held);
    await meet(row, id);
    expect(await world.attempts(id)).toHaveLength(2);
    await expectEnd(id, held, row.errorClass, asks_for_patience);
  });

  test.each(of('TRANSIENT'))('$name: it is tried again, and made', async (row) => {
    const { id, held } = await failFirst(row);
    await expectWaiting(id, held);
    await meet(nothing, id);
    expect(await world.row(id)).toMatchObject({ state: 'succeeded' });
  });

  test.each(of('OPERATOR_BALANCE', 'OPERATOR_AUTH', 'OPERATOR_CONFIG'))(
    '$name: it waits behind an open circuit, and goes on when that is over',
    async (row) => {
      const { id, held } = await failFirst(row);
      await expectWaiting(id, held);
      expect(await startNext(world.ctx, world.provider)).toBeNull();
      await meet(nothing, id);
      expect(await world.row(id)).toMatchObject({ state: 'succeeded' });
    },
  );

  test('no row is of any other class', () => {
    expect(of('CANCELLED', 'UNKNOWN')).toEqual([]);
  });

  test('what waits for the operator to its deadline ends as nobody’s fault but ours', async () => {
    person = await world.person(100n);
    const id = await world.ask(person, model);
    const held = (await world.row(id)).held;
    const dry = cases.find(({ errorClass }) => errorClass === 'OPERATOR_BALANCE');
    await meet(dry ?? nothing, id);
    await world.http.world.clock.advance('2 hours');
    await enforceDeadlines(world.ctx);
    await expectEnd(id, held, 'SYSTEM', asks_for_patience);
    expect(await world.orphans(id)).toEqual([]);
  });

  async function expectWaiting(id: string, held: bigint): Promise<void> {
    const view = await world.see(person, id);
    expect(view).toMatchObject({ status: 'queued', error: null });
    expect(await world.balance(person)).toMatchObject({ total: 100n, held });
  }

  async function expectEnd(id: string, held: bigint, errorClass: ErrorClass, words: RegExp): Promise<void> {
    const row = await world.row(id);
    expect(row).toMatchObject({ state: 'failed', error_class: errorClass, captured: 0n, released: held });
    expect(await world.balance(person)).toMatchObject({ total: 100n, held: 0n });
    const moved = { captured: 0n, released: held };
    for (const locale of locales) {
      const { error } = await getGeneration(inLocale(world.ctx.deps, locale), person, id);
      const sentence = failureSentence({ code: row.error_code ?? '', class: errorClass, ...moved }, locale);
      expect(error?.message).toBe(sentence);
      expect(sentence.endsWith(creditsClause(moved, locale))).toBe(true);
      // Never the provider's own words.
      expect(sentence).not.toContain(row.error_detail ?? 'nothing');
    }
    expect(failureWords(row.error_code ?? '', errorClass, 'en', true)).toMatch(words);
  }
});
