import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createContext } from '../../src/context.ts';
import type { Context } from '../../src/context.ts';
import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import { readConfig } from '../../src/platform/config.ts';
import { createDatabase } from '../../src/platform/database.ts';
import type { Database } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { openDatabase } from '../../src/platform/open-database.ts';
import { startWorker } from '../../src/worker/worker.ts';
import { makePeople } from '../accept/people.ts';
import { bareJobsPerSecond } from './bare-jobs.ts';
import { createCpuClock } from './cpu.ts';
import type { Cpu } from './cpu.ts';
import { addModel } from './model.ts';
import { addWaiting } from './waiting-rows.ts';
import { createZeroProvider } from './zero-provider.ts';

const senders = 16;
/** As many as a worker takes steps abreast. */
const workers = 8;
const people_count = 64;
const pickup_rate_per_second = 20;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    generations: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    waiting: { type: 'string', default: '10000' },
    'pickup-seconds': { type: 'string', default: '10' },
  },
});
const [generations, rounds, waiting, pickupSeconds] = [
  Number(values.generations),
  Number(values.rounds),
  Number(values.waiting),
  Number(values['pickup-seconds']),
];
const say = (line: string): void => console.error(line);
const directory = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
const config = readConfig({
  HOLDFAST_DATA_DIR: directory,
  MAX_RUNNING_PER_PERSON: '1000',
  MAX_ACTIVE_PER_PERSON: '10000',
});
const log = createLogger({ level: 'error' });
const database = await openDatabase({ config });
const owner = createDatabase({ url: database.ownerUrl, applicationName: 'bench', log, max: 2 });
const cpu = await createCpuClock(owner);
try {
  const context = await createContext({
    config,
    databaseUrl: database.appUrl,
    log,
    providers: [createZeroProvider()],
  });
  try {
    await addModel(owner);
    const people = (await makePeople(context, people_count)).map(({ id }) => id);
    const report = await measure(context, people);
    if (values.json) console.log(JSON.stringify(report));
    else console.log(report);
  } finally {
    await context.close();
  }
} finally {
  await owner.end();
  await database.close();
  await rm(directory, { recursive: true, force: true });
}

async function measure(context: Context, people: readonly string[]): Promise<Record<string, number>> {
  say('starting');
  const worker = await startWorker(context.generations, { databaseUrl: database.appUrl });
  const bare: number[] = [];
  const whole: number[] = [];
  const cpuOfJobs: Cpu[] = [];
  const cpuOfGenerations: Cpu[] = [];
  try {
    // Once round unmeasured: plans are cached, connections open, code is compiled.
    for (let round = 0; round <= rounds; round += 1) {
      const before = cpu();
      const jobs = await bareJobsPerSecond({
        ownerUrl: database.ownerUrl,
        jobs: generations * 2,
        senders,
        workers,
      });
      const between = cpu();
      const made = await generationsPerSecond(
        context,
        people,
        round === 0 ? Math.ceil(generations / 4) : generations,
      );
      const after = cpu();
      say(`round ${round}: ${jobs.toFixed(0)} bare jobs/s, ${made.toFixed(0)} generations/s`);
      if (round === 0) continue;
      bare.push(jobs);
      whole.push(made);
      if (before === null || between === null || after === null) continue;
      cpuOfJobs.push(each(before, between, generations * 2));
      cpuOfGenerations.push(each(between, after, generations));
    }
    const idle = await pickupTimes(context, people);
    say(`picked up after p50 ${idle.p50} ms, p99 ${idle.p99} ms`);
    await addWaiting(owner, waiting, people);
    const busy = await pickupTimes(context, people);
    say(`with ${waiting} waiting: p50 ${busy.p50} ms, p99 ${busy.p99} ms`);
    return {
      pgboss_per_second: Math.round(median(bare)),
      generations_per_second: Math.round(median(whole)),
      ratio: rounded(median(whole.map((made, round) => made / (bare[round] ?? 1)))),
      pickup_p50_ms: idle.p50,
      pickup_p99_ms: idle.p99,
      ...cpuReport('job', cpuOfJobs),
      ...cpuReport('generation', cpuOfGenerations),
      waiting,
      pickup_p50_waiting_ms: busy.p50,
      pickup_p99_waiting_ms: busy.p99,
      waiting_p99_ratio: rounded(busy.p99 / idle.p99),
    };
  } finally {
    await worker.stop();
  }
}

function each(from: Cpu, to: Cpu, count: number): Cpu {
  return { node: (to.node - from.node) / count, postgres: (to.postgres - from.postgres) / count };
}

/** What one of them takes of the processors, beside how many there are in a second. */
function cpuReport(of: string, rounds: readonly Cpu[]): Record<string, number> {
  if (rounds.length === 0) return {};
  return {
    [`cpu_ms_per_${of}_node`]: rounded(median(rounds.map(({ node }) => node))),
    [`cpu_ms_per_${of}_postgres`]: rounded(median(rounds.map(({ postgres }) => postgres))),
  };
}

function wish(context: Context, personId: string | undefined): Promise<string> {
  const request = { model: 'zero', input: { prompt: 'nothing' } };
  const command = { personId: personId ?? '', key: newId('key'), request };
  return acceptGeneration(context.generations, command).then(({ generation }) => generation.id);
}

async function generationsPerSecond(
  context: Context,
  people: readonly string[],
  count: number,
): Promise<number> {
  const before = await succeeded(context.db);
  const begun = performance.now();
  let sent = 0;
  const send = async (): Promise<void> => {
    while (sent < count) {
      sent += 1;
      await wish(context, people[sent % people.length]);
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
  const accepted_seconds = (performance.now() - begun) / 1000;
  const by = begun + 300_000;
  while (await isAnyUnfinished(context.db)) {
    if (performance.now() > by) throw new Error('the generations of the bench do not end');
    await pause(10);
  }
  const seconds = (performance.now() - begun) / 1000;
  if ((await succeeded(context.db)) !== before + count) throw new Error('generations of the bench failed');
  say(`  all ${count} accepted after ${accepted_seconds.toFixed(1)} s, ended after ${seconds.toFixed(1)} s`);
  return count / seconds;
}

/** Cheap, however many there have been: looking must not be what is measured. */
async function isAnyUnfinished(db: Database): Promise<boolean> {
  const { rows } = await db.query<{ any: boolean }>({
    name: 'bench_unfinished',
    text: `select exists (select from holdfast.generation where due_at is not null and provider_id = 'zero') as any`,
  });
  return rows[0]?.any ?? false;
}

async function succeeded(db: Database): Promise<number> {
  const { rows } = await db.query<{ count: bigint }>(
    `select count(*) as count from holdfast.generation where model_id = 'zero' and state = 'succeeded'`,
  );
  return Number(rows[0]?.count ?? 0n);
}

/** At a rate that leaves time: from the commit that accepts to the commit that marks. */
async function pickupTimes(
  context: Context,
  people: readonly string[],
): Promise<{ p50: number; p99: number }> {
  const ids: Promise<string>[] = [];
  const begun = performance.now();
  for (let sent = 0; sent < pickup_rate_per_second * pickupSeconds; sent += 1) {
    await pause(Math.max(0, begun + (sent * 1000) / pickup_rate_per_second - performance.now()));
    ids.push(wish(context, people[sent % people.length]));
  }
  const all = await Promise.all(ids);
  for (let looks = 0; looks < 1_000; looks += 1) {
    const { rows } = await context.db.query<{ ms: number | null }>(
      `select extract(epoch from picked_up_at - created_at)::double precision * 1000 as ms
         from holdfast.generation where id = any($1) order by 1`,
      [all],
    );
    const times = rows.flatMap(({ ms }) => ms ?? []);
    if (times.length === all.length) return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
    await pause(20);
  }
  throw new Error('the generations of the bench are not picked up');
}

function quantile(sorted: readonly number[], share: number): number {
  return rounded(sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
