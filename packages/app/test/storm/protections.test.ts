import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Removal } from '../../src/platform/test-switch.ts';
import { violationsIn } from '../../storm/checks/all.ts';
import { moveClock } from '../../storm/drain.ts';
import type { WishFact } from '../../storm/facts.ts';
import { startFleet } from '../../storm/fleet.ts';
import type { Fleet } from '../../storm/fleet.ts';
import { loadFacts } from '../../storm/load-facts.ts';
import { createStormWorld, running_per_person } from '../../storm/world.ts';
import type { StormWorld } from '../../storm/world.ts';

/** What the checks say of a world, as after a storm. */
async function judge(
  world: StormWorld,
  wishes: readonly WishFact[],
  crashes: readonly string[],
): Promise<string[]> {
  const facts = {
    ...(await loadFacts(world.admin, world.context)),
    posts: world.vendors.posts(),
    wishes,
    crashes,
    runningPerPerson: running_per_person,
  };
  return [...new Set(violationsIn(facts).map(({ check }) => check))].sort();
}

function startParts(
  world: StormWorld,
  without: Removal | null,
  parts: { servers: number; workers: number },
): Fleet {
  return startFleet({
    servers: world.ports.slice(0, parts.servers),
    workers: parts.workers,
    environment: {
      ...world.environment,
      ...(without === null ? {} : { HOLDFAST_TEST: '1', TEST_REMOVE: without }),
    },
    logDirectory: join(world.directory, 'logs'),
    died: () => undefined,
  });
}

/** Sends one wish so often, under one key. */
async function send(world: StormWorld, model: string, times: number): Promise<WishFact> {
  const [person] = await world.makePeople(1);
  const answers: WishFact['answers'][number][] = [];
  for (let sent = 0; sent < times; sent += 1) {
    const response = await fetch(`${world.balancer.url}/api/generations`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${person?.key}`,
        'content-type': 'application/json',
        'idempotency-key': 'one',
      },
      body: JSON.stringify({ model, input: { prompt: 'one', duration_seconds: 2 } }),
    });
    const answer = (await response.json()) as { id: string };
    expect({ status: response.status, answer }).toMatchObject({ status: 202 });
    answers.push({ status: response.status, code: null, generationId: answer.id });
  }
  return { personId: person?.id ?? '', key: 'one', answers };
}

/** Whether it came to be within so long. */
async function within(ms: number, come: () => Promise<boolean> | boolean): Promise<boolean> {
  for (const by = performance.now() + ms; performance.now() < by; await pause(50))
    if (await come()) return true;
  return false;
}

async function allFinal(world: StormWorld): Promise<boolean> {
  const { rows } = await world.admin.query(
    'select from holdfast.generation where due_at is not null limit 1',
  );
  return rows.length === 0;
}

test.each([
  [null, []],
  ['marker', ['posts']],
  ['sweeper', ['final', 'orphan cost']],
  ['key', ['keys']],
] as const)(
  'a wish sent twice, and a worker killed between the answer and its note, without %s: the checks say %j',
  async (without, expected) => {
    const world = await createStormWorld({ timeScale: 10 });
    const fleet = startParts(world, without, { servers: 1, workers: 1 });
    try {
      await Promise.all(fleet.places.map((place) => place.ready()));
      const worker = fleet.places.find(({ part }) => part === 'worker');
      worker?.kill('submit.answered');
      const wish = await send(world, 'storm-fal-video', 2);
      expect(await within(30_000, () => fleet.deaths() === 2)).toBe(true);
      await worker?.ready();
      await moveClock(world.admin, 45);
      const ended = await within(without === 'sweeper' ? 5_000 : 30_000, () => allFinal(world));
      expect(ended).toBe(without !== 'sweeper');
      const said = await judge(world, [wish], fleet.crashes);
      expect(said).toEqual(expected);
    } finally {
      await fleet.stop();
      await world.close({ keep: false });
    }
  },
);

test.each([
  [null, false],
  ['claim', true],
] as const)(
  'a worker frozen while it asks, and thawed after another has taken over, without %s: an illegal move is reported: %s',
  async (without, reported) => {
    const world = await createStormWorld({ timeScale: 10 });
    const { replicate } = world.vendors.services;
    replicate.knobs.fail = ['system'];
    const first = startParts(world, without, { servers: 1, workers: 1 });
    let second: Fleet | null = null;
    const frozen = first.places.find(({ part }) => part === 'worker');
    try {
      await Promise.all(first.places.map((place) => place.ready()));
      const wish = await send(world, 'storm-replicate-video', 1);
      expect(await within(20_000, () => replicate.tasks.size === 1)).toBe(true);
      // From now on each question takes long, and meanwhile its task fails.
      replicate.knobs.slowMs = 3_000;
      let asking = 0;
      const isAsking = async (): Promise<boolean> => {
        const { rows } = await world.admin.query(
          `select from holdfast.generation where state = 'running' and claimed_until is not null`,
        );
        asking = rows.length > 0 ? asking + 1 : 0;
        return asking > 10;
      };
      expect(await within(20_000, isAsking)).toBe(true);
      process.kill(frozen?.pid() ?? 0, 'SIGSTOP');
      // The answer has come, and nobody is there to read it.
      await pause(3_500);
      replicate.knobs.slowMs = 0;
      replicate.knobs.runMs = 600_000;
      await moveClock(world.admin, 30);
      second = startParts(world, without, { servers: 0, workers: 1 });
      expect(await within(30_000, () => attemptUnderWay(world, 2))).toBe(true);
      process.kill(frozen?.pid() ?? 0, 'SIGCONT');
      const back = await within(8_000, async () => (await requeued(world)) > 1);
      expect(back).toBe(reported);
      const said = await judge(world, [wish], [...first.crashes, ...second.crashes]);
      expect(said.includes('moves')).toBe(reported);
    } finally {
      await Promise.all([first.stop(), second?.stop()]);
      await world.close({ keep: false });
    }
  },
);

async function attemptUnderWay(world: StormWorld, number: number): Promise<boolean> {
  const { rows } = await world.admin.query(
    `select from holdfast.attempt a join holdfast.generation g on g.id = a.generation_id
      where a.number = $1 and a.state = 'submitted' and g.state = 'running'`,
    [number],
  );
  return rows.length > 0;
}

async function requeued(world: StormWorld): Promise<number> {
  const { rows } = await world.admin.query<{ times: bigint }>(
    `select count(*) - 1 as times from holdfast.generation, jsonb_array_elements(timeline) as entry
      where entry->>'status' = 'queued'`,
  );
  return Number(rows[0]?.times ?? 0n);
}
