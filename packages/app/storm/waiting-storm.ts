import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { acceptGeneration } from '../src/generations/accept/accept.ts';
import { newId } from '../src/platform/ids.ts';
import { startFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { createStormWorld } from './world.ts';
import type { StormWorld } from './world.ts';

export interface WaitingOptions {
  readonly generations: number;
  /** How long they are watched once all wait. */
  readonly seconds: number;
  /** What the vendor allows; as documented where unset. */
  readonly questionsAMinute?: number;
}

export interface WaitingReport {
  readonly waiting: number;
  readonly observed_seconds: number;
  /** Each is a question under way: the wait itself has none. */
  readonly claims_held_mean: number;
  readonly claims_held_max: number;
  readonly resident_mb: Readonly<Record<string, number>>;
  readonly questions: number;
  readonly questions_in_busiest_minute: number;
  readonly questions_allowed_a_minute: number;
  readonly others: number;
  readonly others_picked_up_p50_ms: number;
  readonly others_picked_up_max_ms: number;
  readonly problems: readonly string[];
}

const people_count = 50;
const most_resident_mb = 250;
/** Replicate's, for everything but creating. */
const documented_a_minute = 3_000;
/** As many as two workers ask at once. What waits must not come near it. */
const most_claims = 32;
const submitting_limit_ms = 15 * 60_000;

/**
 * Has so many generations wait at a vendor that doesn't end. They must hold no worker, little memory, and ask no more often than the vendor
 * allows, by the vendor's own books; what comes meanwhile for another vendor goes through as ever. What does not hold is among the problems.
 */
export async function watchWaiting(
  options: WaitingOptions,
  run: { signal: AbortSignal; say: (line: string) => void },
): Promise<WaitingReport> {
  const world = await createStormWorld({
    timeScale: 1,
    environment: { MAX_RUNNING_PER_PERSON: '1000', MAX_ACTIVE_PER_PERSON: '10000' },
  });
  let fleet: Fleet | null = null;
  try {
    await prepare(world, options);
    fleet = startFleet({
      servers: world.ports.slice(0, 1),
      workers: 2,
      environment: world.environment,
      logDirectory: join(world.directory, 'logs'),
      died: () => undefined,
    });
    await Promise.all(fleet.places.map((place) => place.ready()));
    const people = (await world.makePeople(people_count)).map(({ id }) => id);
    for (const id of people) await world.topUp(id, 'enough', 1_000_000n);
    await fill(world, people, options, run);
    return await observe(world, fleet, people, options, run);
  } finally {
    await fleet?.stop();
    await world.close({ keep: false });
  }
}

/** The slow vendor takes as fast as it is given, as one with a high limit does; its limit of questions stays. Nothing of its ends. */
async function prepare({ admin, vendors }: StormWorld, { questionsAMinute }: WaitingOptions): Promise<void> {
  const { replicate, fal } = vendors.services;
  Object.assign(replicate.knobs, { limited: false, runMs: 24 * 3_600_000, balanceUsd: 1_000_000 });
  Object.assign(fal.knobs, { queuedMs: 0, runMs: 100 });
  await admin.query(
    `insert into holdfast.provider_account (provider_id, limits) values ('replicate', $1)
     on conflict (provider_id) do update set limits = excluded.limits`,
    [
      {
        submit: null,
        ...(questionsAMinute === undefined ? {} : { status: { count: questionsAMinute, seconds: 60 } }),
      },
    ],
  );
  // As a vendor's models are by default: the storm's own are asked about more eagerly, and end sooner.
  await admin.query(
    `update holdfast.model set poll_seconds = 10, deadline_seconds = 36000, submit_timeout_seconds = 60
      where id = 'storm-replicate-video'`,
  );
}

function ask({ context }: StormWorld, personId: string, model: string): Promise<string> {
  const request = { model, input: { prompt: 'wait', duration_seconds: 2 } };
  const command = { personId, key: newId('key'), request };
  return acceptGeneration(context.generations, command).then(({ generation }) => generation.id);
}

async function fill(
  world: StormWorld,
  people: readonly string[],
  { generations }: WaitingOptions,
  { signal, say }: { signal: AbortSignal; say: (line: string) => void },
): Promise<void> {
  for (let sent = 0; sent < generations; sent += people.length) {
    await Promise.all(
      people.slice(0, generations - sent).map((person) => ask(world, person, 'storm-replicate-video')),
    );
    signal.throwIfAborted();
  }
  say(`${generations} accepted`);
  for (const by = performance.now() + submitting_limit_ms; ; await pause(2_000)) {
    const running = await count(world, `state = 'running'`);
    say(`${running} running`);
    if (running >= generations) return;
    signal.throwIfAborted();
    if (performance.now() > by) throw new Error('they were not all submitted in time');
  }
}

async function observe(
  world: StormWorld,
  fleet: Fleet,
  people: readonly string[],
  { seconds, questionsAMinute = documented_a_minute }: WaitingOptions,
  { signal }: { signal: AbortSignal },
): Promise<WaitingReport> {
  const { questions } = world.vendors.services.replicate;
  const before = questions.length;
  const claims: number[] = [];
  const resident = new Map<string, number>();
  const others: string[] = [];
  for (let second = 0; second < seconds; second += 1) {
    signal.throwIfAborted();
    await pause(1_000);
    claims.push(await count(world, `claimed_until > holdfast.clock() and provider_id = 'replicate'`));
    for (const place of fleet.places) {
      const now = residentMb(place.pid());
      resident.set(place.name, Math.max(resident.get(place.name) ?? 0, now));
    }
    if (second % 3 === 0)
      others.push(await ask(world, people[second % people.length] ?? '', 'storm-fal-video'));
  }
  const { rows } = await world.admin.query<{ waited: number | null; state: string }>(
    `select extract(epoch from picked_up_at - created_at)::double precision * 1000 as waited, state
       from holdfast.generation where id = any($1) order by 1 nulls last`,
    [others],
  );
  const waits = rows.map(({ waited }) => waited ?? Number.POSITIVE_INFINITY);
  // Of the whole run: no minute of it may be above the limit.
  const aMinute = busiestMinute(questions);
  const mostResident = Math.max(...resident.values());
  const meanClaims = claims.reduce((sum, one) => sum + one, 0) / claims.length;
  const problems = [
    ...(mostResident > most_resident_mb ? [`a process has ${mostResident} MB resident`] : []),
    ...(aMinute > questionsAMinute ? [`${aMinute} questions in one minute`] : []),
    ...(meanClaims > most_claims ? [`${meanClaims} claims are held in the mean`] : []),
    ...(rows.some(({ state }) => state === 'queued') ? ['others were not picked up'] : []),
    ...((waits.at(-1) ?? 0) > 5_000 ? [`another vendor's waited ${waits.at(-1)} ms`] : []),
  ];
  return {
    waiting: await count(world, `state = 'running' and provider_id = 'replicate'`),
    observed_seconds: seconds,
    claims_held_mean: Math.round(meanClaims * 10) / 10,
    claims_held_max: Math.max(...claims),
    resident_mb: Object.fromEntries(resident),
    questions: questions.length - before,
    questions_in_busiest_minute: aMinute,
    questions_allowed_a_minute: questionsAMinute,
    others: others.length,
    others_picked_up_p50_ms: Math.round(waits[Math.floor(waits.length / 2)] ?? 0),
    others_picked_up_max_ms: Math.round(waits.at(-1) ?? 0),
    problems,
  };
}

async function count({ admin }: StormWorld, where: string): Promise<number> {
  const { rows } = await admin.query<{ count: bigint }>(
    `select count(*) as count from holdfast.generation where ${where}`,
  );
  return Number(rows[0]?.count ?? 0n);
}

/** What the process has in memory, as Linux counts it; 0 elsewhere. */
function residentMb(pid: number | null): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

function busiestMinute(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [index, at] of times.entries()) {
    while ((times[first] ?? at) < at - 60_000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
