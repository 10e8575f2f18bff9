import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveTier, setPersonTier } from '../../src/accounts/tiers.ts';
import { endGeneration } from '../../src/generations/end/end.ts';
import { pickUp } from '../../src/generations/pick-up/pick-up.ts';
import type { PickedUp } from '../../src/generations/pick-up/pick-up.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import { QueueModel } from './queue-model.ts';

const priority = fc.constantFrom(1, 2, 3, 10);

describe('by the model', () => {
  /** What each `pick` of a queue gave, in order. */
  function drain(queue: QueueModel): string[] {
    const order: string[] = [];
    for (let job = queue.pick(); job !== null; job = queue.pick()) {
      order.push(job.person);
      queue.finish(job);
    }
    return order;
  }

  test("one person's thousand delay another's three by one turn each, whenever they come", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 }), (before) => {
        const queue = new QueueModel();
        for (let n = 0; n < 1_000; n += 1) queue.arrive('many', 1);
        for (let n = 0; n < before; n += 1) queue.pick();
        for (let n = 0; n < 3; n += 1) queue.arrive('few', 1);
        const places = drain(queue).flatMap((person, place) => (person === 'few' ? [place + 1] : []));
        const left = 1_000 - before;
        expect(places).toEqual([1, 2, 3].map((n) => n + Math.min(n, left)));
      }),
      { numRuns: 50 },
    );
  });

  test('whatever others have and come with, nobody has more turns before one of mine than their priority is of mine', () => {
    const jobs = fc.integer({ min: 1, max: 30 });
    const others = fc.array(fc.record({ priority, jobs, later: jobs }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(others, fc.nat(60), priority, jobs, (crowd, before, mine, count) => {
        const queue = new QueueModel();
        const arrive = (n: number, who: string, weight: number) => {
          for (let each = 0; each < n; each += 1) queue.arrive(who, weight);
        };
        crowd.forEach((other, index) => arrive(other.jobs, `other ${index}`, other.priority));
        for (let n = 0; n < before; n += 1) queue.pick();
        arrive(count, 'me', mine);
        crowd.forEach((other, index) => arrive(other.later, `other ${index}`, other.priority));
        const order = drain(queue);
        let served = 0;
        const had = new Map<string, number>();
        for (const person of order) {
          if (person !== 'me') {
            had.set(person, (had.get(person) ?? 0) + 1);
            continue;
          }
          crowd.forEach((other, index) => {
            const most = Math.floor((served * other.priority) / mine) + 1;
            expect(had.get(`other ${index}`) ?? 0).toBeLessThanOrEqual(most);
          });
          served += 1;
        }
        expect(served).toBe(count);
      }),
    );
  });

  test('somebody of the lowest priority is served in every round, however many of the highest keep coming', () => {
    const queue = new QueueModel();
    for (let n = 0; n < 20; n += 1) queue.arrive('low', 1);
    const highest = ['a', 'b', 'c'];
    for (const who of highest) for (let n = 0; n < 10; n += 1) queue.arrive(who, 10);
    let sinceLow = 0;
    for (let n = 0; n < 300; n += 1) {
      const job = queue.pick();
      if (job === null || queue.waiting.every(({ person }) => person !== 'low')) break;
      sinceLow = job.person === 'low' ? 0 : sinceLow + 1;
      expect(sinceLow).toBeLessThanOrEqual(31);
      if (job.person !== 'low') queue.arrive(job.person, 10);
      queue.finish(job);
    }
  });
});

describe('in the database', () => {
  let world: World;
  let pipeline: Pipeline;
  const provider = createScriptedProvider({ url: 'http://127.0.0.1:9' });

  beforeAll(async () => {
    world = await createWorld();
    pipeline = await createPipeline({
      db: world.db,
      log: world.log,
      providers: [provider],
      settings: { maxRunningPerPerson: 1_000, maxActivePerPerson: 2_000 },
    });
    for (const weight of [2, 3, 10]) await saveTier(world.db, { id: `tier${weight}`, priority: weight });
  });
  afterAll(async () => {
    await pipeline.close();
    await world.close();
  });

  function next(): Promise<PickedUp | null> {
    return pickUp({ deps: pipeline.deps, worker: { id: 'wrk_here', machine: 'here' } }, provider);
  }

  async function personOf(weight: number): Promise<string> {
    const person = await pipeline.person(100_000n);
    if (weight > 1) await setPersonTier(world.db, person, `tier${weight}`);
    return person;
  }

  async function end({ row }: PickedUp): Promise<void> {
    const why = { code: 'broken', errorClass: 'SYSTEM', detail: 'a test', mayHaveCost: false } as const;
    await endGeneration(pipeline.deps, row, { state: 'failed', ...why });
  }

  async function drain(): Promise<PickedUp[]> {
    const order: PickedUp[] = [];
    for (let picked = await next(); picked !== null; picked = await next()) order.push(picked);
    for (const picked of order) await end(picked);
    return order;
  }

  test("one person's thousand and another's three: theirs, mine, theirs, mine, theirs, mine", async () => {
    const [many, few] = [await personOf(1), await personOf(1)];
    await Promise.all(Array.from({ length: 1_000 }, () => pipeline.ask(many, { seconds: 1 })));
    for (let n = 0; n < 3; n += 1) await pipeline.ask(few, { seconds: 1 });
    const order: string[] = [];
    for (let n = 0; n < 8; n += 1) {
      const picked = await next();
      order.push(picked?.row.person_id === few ? 'mine' : 'theirs');
    }
    expect(order).toEqual(['theirs', 'mine', 'theirs', 'mine', 'theirs', 'mine', 'theirs', 'theirs']);
    await world.admin.query(
      `update holdfast.generation set state = 'cancelled', captured = 0, released = held, due_at = null, claimed_until = null,
              finished_at = now() where due_at is not null`,
    );
  });

  test('nobody has more under way than their tier allows; the others take their turns', async () => {
    await saveTier(world.db, { id: 'two', maxRunning: 2 });
    const [limited, other] = [await personOf(1), await personOf(1)];
    await setPersonTier(world.db, limited, 'two');
    for (let n = 0; n < 5; n += 1) await pipeline.ask(limited, { seconds: 1 });
    for (let n = 0; n < 4; n += 1) await pipeline.ask(other, { seconds: 1 });
    const picked = await drain();
    const counts = [limited, other].map(
      (person) => picked.filter(({ row }) => row.person_id === person).length,
    );
    expect(counts).toEqual([2, 4]);
    await drain();
    await drain();
  });

  test('the database and the model pick the same, whatever comes and goes', async () => {
    const event = fc.oneof(
      { weight: 5, arbitrary: fc.record({ type: fc.constant('arrive' as const), who: fc.nat(3) }) },
      { weight: 3, arbitrary: fc.record({ type: fc.constant('pick' as const) }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('finish' as const), which: fc.nat(20) }) },
    );
    const run = fc.asyncProperty(
      fc.array(priority, { minLength: 4, maxLength: 4 }),
      fc.array(event, { minLength: 10, maxLength: 40 }),
      async (weights, events) => {
        const people = await Promise.all(weights.map(personOf));
        const model = new QueueModel();
        const order: [string | undefined, number][] = [];
        const wanted: typeof order = [];
        const underWay: { picked: PickedUp; job: ReturnType<QueueModel['arrive']> }[] = [];
        for (const each of events) {
          if (each.type === 'arrive') {
            const person = people[each.who] ?? '';
            model.arrive(person, weights[each.who] ?? 1);
            await pipeline.ask(person, { seconds: 1 });
          } else if (each.type === 'pick') {
            const [picked, job] = [await next(), model.pick()];
            order.push([picked?.row.person_id, Number(picked?.row.turn ?? 0)]);
            wanted.push([job?.person, job?.turn ?? 0]);
            if (picked !== null && job !== null) underWay.push({ picked, job });
          } else {
            const [done] = underWay.splice(each.which % Math.max(1, underWay.length), 1);
            if (done === undefined) continue;
            model.finish(done.job);
            await end(done.picked);
          }
        }
        for (const { picked, job } of underWay) {
          model.finish(job);
          await end(picked);
        }
        for (const { row } of await drain()) order.push([row.person_id, Number(row.turn)]);
        for (let job = model.pick(); job !== null; job = model.pick()) wanted.push([job.person, job.turn]);
        expect(order).toEqual(wanted);
      },
    );
    await fc.assert(run, { numRuns: 12 });
  }, 60_000);
});
