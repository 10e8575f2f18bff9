#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { acceptGeneration } from '../src/generations/accept/accept.ts';
import { newId } from '../src/platform/ids.ts';
import { startFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { createStormWorld } from './world.ts';
import type { StormWorld } from './world.ts';

/**
 * `npm run storm:waiting -- --generations 5000 --json`: so many generations wait at a vendor that doesn't end. They must hold no worker,
 * little memory, and ask no more often than the vendor allows; what comes meanwhile for another vendor goes through as ever. Exit code 1 where
 * one of these does not hold.
 */
const { values } = parseArgs({
  options: {
    generations: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '75' },
    json: { type: 'boolean', default: false },
  },
});
const [generations, seconds] = [Number(values.generations), Number(values.seconds)];

const people_count = 50;
const most_resident_mb = 250;
/** Replicate's, for everything but creating. */
const most_questions_a_minute = 3_000;
const submitting_limit_ms = 15 * 60_000;
const begun = performance.now();
const say = (line: string): void =>
  console.error(`${String(Math.round((performance.now() - begun) / 1000)).padStart(4)} s  ${line}`);

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopped.abort());
const world = await createStormWorld({
  timeScale: 1,
  environment: { MAX_RUNNING_PER_PERSON: '1000', MAX_ACTIVE_PER_PERSON: '10000' },
});
let fleet: Fleet | null = null;
try {
  fleet = startFleet({
    servers: world.ports.slice(0, 1),
    workers: 2,
    environment: world.environment,
    logDirectory: join(world.directory, 'logs'),
    died: () => undefined,
  });
  await Promise.all(fleet.places.map((place) => place.ready()));
  await prepare(world);
  const people = (await world.makePeople(people_count)).map(({ id }) => id);
  for (const id of people) await world.topUp(id, 'enough', 1_000_000n);
  await fill(world, people);
  const report = await observe(world, fleet, people);
  console.error(report);
  if (values.json) console.log(JSON.stringify(report));
  process.exitCode = report.problems.length > 0 ? 1 : 0;
} finally {
  await fleet?.stop();
  await world.close({ keep: false });
}

/** The slow vendor takes as fast as it is given, as one with a high limit does; its limit of questions stays. Nothing of its ends. */
async function prepare({ admin, vendors }: StormWorld): Promise<void> {
  const { replicate, fal } = vendors.services;
  Object.assign(replicate.knobs, { limited: false, runMs: 24 * 3_600_000, balanceUsd: 1_000_000 });
  Object.assign(fal.knobs, { queuedMs: 0, runMs: 100 });
  await admin.query(
    `insert into holdfast.provider_account (provider_id, limits) values ('replicate', '{"submit": null}')
     on conflict (provider_id) do update set limits = excluded.limits`,
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

async function fill(world: StormWorld, people: readonly string[]): Promise<void> {
  for (let sent = 0; sent < generations; sent += people.length) {
    await Promise.all(
      people.slice(0, generations - sent).map((person) => ask(world, person, 'storm-replicate-video')),
    );
    stopped.signal.throwIfAborted();
  }
  say(`${generations} accepted`);
  for (const by = performance.now() + submitting_limit_ms; ; await pause(2_000)) {
    const running = await count(world, `state = 'running'`);
    say(`${running} running`);
    if (running >= generations) return;
    stopped.signal.throwIfAborted();
    if (performance.now() > by) throw new Error('they were not all submitted in time');
  }
}

async function observe(
  world: StormWorld,
  fleet: Fleet,
  people: readonly string[],
): Promise<Record<string, unknown> & { problems: string[] }> {
  const from = Date.now();
  const claims: number[] = [];
  const resident = new Map<string, number>();
  const others: string[] = [];
  for (let second = 0; second < seconds; second += 1) {
    stopped.signal.throwIfAborted();
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
  const questions = world.vendors.services.replicate.questions.filter((at) => at >= from);
  const aMinute = busiestMinute(questions);
  const mostResident = Math.max(...resident.values());
  const meanClaims = claims.reduce((sum, one) => sum + one, 0) / claims.length;
  const problems = [
    ...(mostResident > most_resident_mb ? [`a process has ${mostResident} MB resident`] : []),
    ...(aMinute > most_questions_a_minute ? [`${aMinute} questions in one minute`] : []),
    ...(rows.some(({ state }) => state === 'queued') ? ['others were not picked up'] : []),
    ...((waits.at(-1) ?? 0) > 5_000 ? [`another vendor's waited ${waits.at(-1)} ms`] : []),
  ];
  return {
    waiting: await count(world, `state = 'running' and provider_id = 'replicate'`),
    observed_seconds: seconds,
    // Each is a question under way: the wait itself has none.
    claims_held_mean: Math.round(meanClaims * 10) / 10,
    claims_held_max: Math.max(...claims),
    resident_mb: Object.fromEntries(resident),
    questions_in_busiest_minute: aMinute,
    questions_allowed_a_minute: most_questions_a_minute,
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
