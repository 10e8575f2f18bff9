import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cancelGeneration } from '../../src/generations/end/cancel.ts';
import { InsufficientCreditsError } from '../../src/generations/errors.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { askFor, deliver, expectBooksToAgree, fail, offerAllPolicies, takeInHand } from './by-hand.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

let world: World;
let pipeline: Pipeline;

beforeAll(async () => {
  world = await createWorld();
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    clock: world.clock,
    providers: [createScriptedProvider({ url: 'http://127.0.0.1:9' })],
    settings: { postpaidDebtLimit: 25n },
  });
  await offerAllPolicies(world.db);
});

afterAll(async () => {
  await pipeline.close();
  await world.close();
});

const policy = fc.constantFrom('reserve', 'prepaid', 'postpaid');
const who = fc.nat(1);
const which = fc.nat(30);
const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('film'), who, policy, seconds: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('pictures'),
      who,
      policy,
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('deliver'),
      which,
      seconds: fc.integer({ min: 1, max: 12_000 }),
      pictures: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('fail'),
      which,
      errorClass: fc.constantFrom('USER_POLICY', 'SYSTEM', 'OPERATOR_BALANCE', 'UNKNOWN'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('cancel'), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('gift'), who, amount: fc.bigInt({ min: 1n, max: 60n }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('day') }) },
  // Everything under way at once: delivered twice, failed and cancelled.
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('crash'), seconds: fc.integer({ min: 1, max: 9 }) }),
  },
);
type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

interface Asked {
  readonly id: string;
  readonly person: string;
  readonly film: boolean;
  readonly policy: 'reserve' | 'prepaid' | 'postpaid';
}

/** What may be refused: too little credit. Everything else is a fault. */
async function tolerant<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof InsufficientCreditsError) return null;
    throw error;
  }
}

test('whatever is asked for, delivered, failed and cancelled under whatever policy: each receipt adds up, and the ledger is clean', async () => {
  const run = fc.asyncProperty(fc.array(event, { minLength: 15, maxLength: 50 }), async (events) => {
    const people = [await pipeline.person(90n), await pipeline.person(40n)];
    const underWay: Asked[] = [];
    const wrong: string[] = [];
    let gifts = 0;

    const begin = async (person: string, asked: Parameters<typeof askFor>[2]): Promise<void> => {
      const id = await tolerant(askFor(pipeline, person, asked));
      if (id !== null) underWay.push({ id, person, film: asked.seconds !== undefined, policy: asked.policy });
    };
    const pick = (at: number): Asked | undefined => underWay.splice(at % Math.max(1, underWay.length), 1)[0];

    const happen = async (each: Event): Promise<void> => {
      switch (each.type) {
        case 'film':
        case 'pictures': {
          const person = people[each.who] ?? '';
          return begin(person, each);
        }
        case 'deliver': {
          const asked = pick(each.which);
          if (asked === undefined) return;
          const files = asked.film
            ? [each.seconds / 1000]
            : Array.from({ length: each.pictures }, () => null);
          const outcome = await deliver(pipeline, await takeInHand(world.db, asked.id), files);
          if (outcome !== 'settled' && asked.policy !== 'postpaid')
            wrong.push(`${asked.id} ended as ${outcome}`);
          return;
        }
        case 'fail': {
          const asked = pick(each.which);
          if (asked !== undefined)
            await fail(pipeline, await takeInHand(world.db, asked.id), each.errorClass);
          return;
        }
        case 'cancel': {
          const asked = pick(each.which);
          if (asked === undefined) return;
          await cancelGeneration(pipeline.deps, { personId: asked.person, generationId: asked.id });
          return;
        }
        case 'gift': {
          const account = people[each.who] ?? '';
          const key = `gift ${(gifts += 1)}`;
          await pipeline.deps.credits.ledger.grant({
            account,
            key,
            amount: each.amount,
            validFor: { days: 2 },
          });
          return;
        }
        case 'day':
          // No hold outlives a day here: what is under way ends before.
          for (const asked of underWay.splice(0)) await fail(pipeline, await takeInHand(world.db, asked.id));
          return world.clock.advance('1 day');
        case 'crash': {
          const ends = await Promise.all(underWay.splice(0).map((asked) => atOnce(asked, each.seconds)));
          wrong.push(...ends.filter((count) => count !== 1).map((count) => `it ended ${count} times`));
          return;
        }
        default:
          throw new Error(`unknown event ${JSON.stringify(each satisfies never)}`);
      }
    };

    for (const each of events) await happen(each);
    expect(wrong).toEqual([]);
    await expectBooksToAgree(world.admin, pipeline);
    for (const person of people) {
      const { total, held, debt, available } = await pipeline.balance(person);
      expect(available).toBe(total - held - debt);
      expect(debt <= 25n).toBe(true);
      expect(held >= 0n && total >= held).toBe(true);
    }
    for (const asked of underWay.splice(0)) await fail(pipeline, await takeInHand(world.db, asked.id));
    await expectBooksToAgree(world.admin, pipeline);
  });
  await fc.assert(run, { numRuns: 15 });
}, 120_000);

/** How often it ended. */
async function atOnce(asked: Asked, seconds: number): Promise<number> {
  const inHand = await takeInHand(world.db, asked.id);
  const files = asked.film ? [seconds] : [null, null];
  const outcomes = await Promise.all([
    deliver(pipeline, inHand, files),
    deliver(pipeline, inHand, files),
    fail(pipeline, inHand),
  ]);
  return outcomes.filter((outcome) => outcome === true || outcome === 'settled' || outcome === 'failed')
    .length;
}
