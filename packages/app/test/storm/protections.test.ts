import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import { cancelGeneration } from '../../src/generations/end/cancel.ts';
import type { Failpoint } from '../../src/generations/failpoint.ts';
import type { Removal } from '../../src/platform/test-switch.ts';
import { violationsIn } from '../../storm/checks/all.ts';
import type { WishFact } from '../../storm/facts.ts';
import { startFleet } from '../../storm/fleet.ts';
import type { Fleet, Place } from '../../storm/fleet.ts';
import { loadChats, loadFacts } from '../../storm/load-facts.ts';
import { createStormWorld, running_per_person } from '../../storm/world.ts';
import type { StormWorld } from '../../storm/world.ts';
import { createWorld } from '../support/world.ts';

/** What a storm runs in, on a database whose clock the test moves. */
interface Scene extends StormWorld {
  advance(seconds: number): Promise<void>;
  start(parts: { servers?: number; workers?: number; armed?: Failpoint }): Promise<Fleet>;
}

/** The clock is moved wherever time would have to pass: this is for machines and processes, however slow. */
const patience_ms = 60_000;

async function inWorld(without: Removal | null, work: (scene: Scene) => Promise<void>): Promise<void> {
  const base = await createWorld();
  const fleets: Fleet[] = [];
  let world: StormWorld | null = null;
  try {
    const storm = await createStormWorld({
      timeScale: 10,
      postgres: { adminUrl: base.adminUrl, kill: () => false, close: async () => {} },
      // Nothing kills this Postgres, so it may be one that forgets.
      environment: { HOLDFAST_ALLOW_UNSAFE_POSTGRES: 'yes' },
    });
    world = storm;
    await work({
      ...storm,
      advance: (seconds) => base.clock.advance(`${seconds} seconds`),
      async start({ servers = 0, workers = 0, armed }) {
        const fleet = startFleet({
          servers: storm.ports.slice(0, servers),
          workers,
          ...(armed === undefined ? {} : { armed }),
          environment: {
            ...storm.environment,
            ...(without === null ? {} : { HOLDFAST_TEST: '1', TEST_REMOVE: without }),
          },
          logDirectory: join(storm.directory, 'logs'),
          died: () => undefined,
        });
        fleets.push(fleet);
        await Promise.all(fleet.places.map((place) => place.ready()));
        return fleet;
      },
    });
  } finally {
    await Promise.all(fleets.map((fleet) => fleet.stop()));
    await world?.close({ keep: false });
    await base.close();
  }
}

/** What the checks say of a world, as after a storm. */
async function judge(world: StormWorld, wishes: readonly WishFact[], fleet: Fleet): Promise<string[]> {
  const facts = {
    ...(await loadFacts(world.admin, world.context)),
    posts: world.vendors.posts(),
    wishes,
    dryness: null,
    chats: { ...(await loadChats(world.admin)), presses: [], sends: [], closed: [] },
    crashes: fleet.crashes,
    runningPerPerson: running_per_person,
  };
  return [...new Set(violationsIn(facts).map(({ check }) => check))].sort();
}

const input = { prompt: 'one', duration_seconds: 2 };

/** Sends one wish twice, under one key, and is told of one generation. */
async function wishTwice(world: StormWorld, model: string): Promise<WishFact> {
  const [person] = await world.makePeople(1);
  const personId = person?.id ?? '';
  const command = { personId, key: 'one', request: { model, input } };
  const { generation: first } = await acceptGeneration(world.context.generations, command);
  const { generation: second } = await acceptGeneration(world.context.generations, command);
  expect(second.id).toBe(first.id);
  return { personId, key: 'one', answers: [{ status: 202, code: null, generationId: first.id }] };
}

/** Resolves once it has come. */
async function until(what: string, come: () => Promise<boolean> | boolean): Promise<void> {
  for (const by = performance.now() + patience_ms; performance.now() < by; await pause(25))
    if (await come()) return;
  throw new Error(`${what}: it did not come within ${patience_ms / 1000} s`);
}

/** Moves the clock to whatever is due next, again and again, until this has come. */
async function asTimeGoesBy(scene: Scene, what: string, come: () => Promise<boolean>): Promise<void> {
  await until(what, async () => {
    if (await come()) return true;
    const { rows } = await scene.admin.query<{ left: number }>(
      `select extract(epoch from due_at - holdfast.clock())::double precision as left from holdfast.generation
        where due_at > holdfast.clock() and claimed_until is null`,
    );
    const left = rows[0]?.left ?? 0;
    if (left > 0) await scene.advance(left);
    return false;
  });
}

async function has({ admin }: StormWorld, sql: string): Promise<boolean> {
  return (await admin.query(`${sql} limit 1`)).rows.length > 0;
}

const allEnded = async (world: StormWorld): Promise<boolean> =>
  !(await has(world, 'select from holdfast.generation where due_at is not null'));

const until_claims_end_seconds = 60;

test.each([
  [null, []],
  ['marker', ['posts']],
] as const)(
  'a worker killed between the answer and its note, without %s: the checks say %j',
  async (without, expected) => {
    await inWorld(without, async (scene) => {
      const fleet = await scene.start({ workers: 1, armed: 'submit.answered' });
      const wish = await wishTwice(scene, 'storm-fal-video');
      await until('a death', () => fleet.deaths() === 1);
      await scene.advance(until_claims_end_seconds);
      await asTimeGoesBy(scene, 'an end', () => allEnded(scene));
      expect(await has(scene, `select from holdfast.generation where state = 'succeeded'`)).toBe(true);
      expect(await judge(scene, [wish], fleet)).toEqual(expected);
    });
  },
);

test('a worker killed between the answer and its note, without sweeper: the checks say what never ends', async () => {
  await inWorld('sweeper', async (scene) => {
    const fleet = await scene.start({ workers: 1, armed: 'submit.answered' });
    const wish = await wishTwice(scene, 'storm-fal-video');
    await until('a death', () => fleet.deaths() === 1);
    // Past every deadline.
    await scene.advance(3_600);
    // The next worker works: what is asked for now ends.
    const later = await wishTwice(scene, 'storm-fal-video');
    await until('an end', () => has(scene, `select from holdfast.generation where state = 'succeeded'`));
    expect(await judge(scene, [wish, later], fleet)).toEqual(['final', 'orphan cost']);
  });
});

test.each([
  [null, []],
  ['key', ['keys']],
] as const)('a wish sent twice, without %s: the checks say %j', async (without, expected) => {
  await inWorld(without, async (scene) => {
    const fleet = await scene.start({ servers: 1 });
    const [person] = await scene.makePeople(1);
    const answers: WishFact['answers'][number][] = [];
    for (const _ of ['first', 'second']) {
      const response = await fetch(`${scene.balancer.url}/api/generations`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${person?.key}`,
          'content-type': 'application/json',
          'idempotency-key': 'one',
        },
        body: JSON.stringify({ model: 'storm-fal-video', input }),
      });
      const answer = (await response.json()) as { id: string };
      expect({ status: response.status, answer }).toMatchObject({ status: 202 });
      answers.push({ status: response.status, code: null, generationId: answer.id });
    }
    const wish = { personId: person?.id ?? '', key: 'one', answers };
    for (const generationId of new Set(answers.map((answer) => answer.generationId ?? ''))) {
      await cancelGeneration(scene.context.generations, { personId: wish.personId, generationId });
    }
    expect(await judge(scene, [wish], fleet)).toEqual(expected);
  });
});

const slow_ms = 4_000;

test.each([
  [null, false],
  ['claim', true],
] as const)(
  'a worker frozen while it asks, and thawed after another has taken over, without %s: an illegal move is reported: %s',
  async (without, reported) => {
    await inWorld(without, async (scene) => {
      const { replicate } = scene.vendors.services;
      replicate.knobs.fail = ['system'];
      const [first, second] = await Promise.all([scene.start({ workers: 1 }), scene.start({ workers: 1 })]);
      const [asking, other] = [first.places[0], second.places[0]];
      if (asking === undefined || other === undefined) throw new Error('nobody works');
      await freeze(scene, other);
      const wish = await wishTwice(scene, 'storm-replicate-video');
      await until('a task', () => replicate.tasks.size === 1);
      // From now on an answer takes so long that meanwhile the task fails.
      const asked = replicate.questions.length;
      replicate.knobs.slowMs = slow_ms;
      await until('a question', () => replicate.questions.length > asked);
      const answered = pause(slow_ms + 100);
      await freeze(scene, asking);
      replicate.knobs.slowMs = 0;
      replicate.knobs.runMs = 600_000;
      await scene.advance(until_claims_end_seconds);
      process.kill(other.pid() ?? 0, 'SIGCONT');
      const underWay = `select from holdfast.attempt a join holdfast.generation g on g.id = a.generation_id
                         where a.number = 2 and a.state = 'submitted' and g.state = 'running'`;
      await asTimeGoesBy(scene, 'another attempt', () => has(scene, underWay));
      // The answer has come, and nobody was there to read it. Stopping, the worker ends its step first.
      await answered;
      await first.stop();
      const said = await judge(scene, [wish], first);
      expect(said.includes('moves')).toBe(reported);
    });
  },
);

/** In the middle of no transaction: what that holds would wait for it, and with it the other one. */
async function freeze(scene: Scene, place: Place): Promise<void> {
  const pid = place.pid() ?? 0;
  await until('a quiet moment', async () => {
    process.kill(pid, 'SIGSTOP');
    const busy = `select from pg_stat_activity
                   where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`;
    if (!(await has(scene, busy))) return true;
    process.kill(pid, 'SIGCONT');
    return false;
  });
}
