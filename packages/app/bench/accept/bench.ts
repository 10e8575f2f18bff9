import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '../../src/platform/config.ts';
import { createDatabase } from '../../src/platform/database.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { openDatabase } from '../../src/platform/open-database.ts';
import { openContext } from '../../src/start.ts';
import { atRate, throughput } from './load.ts';
import type { Shots, Times } from './load.ts';
import { makePeople } from './people.ts';
import type { BenchPerson } from './people.ts';

const rate_per_second = 300;
const round_count = 3;
/** Enough that nobody has more unfinished generations than a busy person would. */
const people_count = 400;

const wish = JSON.stringify({
  model: 'studio-standard',
  input: { template: 'prompt', prompt: 'You pay for exactly what was delivered.', duration_seconds: 5 },
});

interface Result extends Times {
  readonly name: string;
  readonly per_second: number;
}

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, seconds: { type: 'string', default: '3' } },
});
const seconds = Number(values.seconds);
const say = (line: string) => (values.json ? undefined : console.log(line));

const directory = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
Object.assign(process.env, {
  HOLDFAST_DATA_DIR: directory,
  PORT: '0',
  WRITES_PER_MINUTE: '1000000',
  REQUESTS_PER_MINUTE: '10000000',
  MAX_ACTIVE_PER_PERSON: '10000',
});

let server: ChildProcess | null = null;
const config = readConfig(process.env);
const database = await openDatabase({ config });
try {
  const context = await openContext(config, database, createLogger({ level: 'warn' }));
  await makeBenchTable(database.ownerUrl);
  const people = await makePeople(context, people_count);
  await context.close();
  server = fork(join(import.meta.dirname, 'server.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ url }] = (await once(server, 'message')) as [{ url: string }];
  const report = await measure(url, people);
  if (values.json) console.log(JSON.stringify(report));
} finally {
  if (server && server.exitCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  await database.close();
  await rm(directory, { recursive: true, force: true });
}

async function makeBenchTable(ownerUrl: string): Promise<void> {
  const owner = createDatabase({
    url: ownerUrl,
    applicationName: 'bench',
    log: createLogger({ level: 'warn' }),
    max: 1,
  });
  await owner.query(`
    create schema bench;
    create table bench.row (id bigint generated always as identity primary key, body text not null, at timestamptz not null default now());
    grant usage on schema bench to holdfast_app;
    grant select, insert on bench.row to holdfast_app;
  `);
  await owner.end();
}

async function measure(
  url: string,
  people: readonly BenchPerson[],
): Promise<{ results: Result[]; ratio: number }> {
  const ids = await startSome(url, people);
  const shots = makeShots(people, ids);
  say(`${people.length} people, ${seconds} s each`);
  // Once round unmeasured: plans are cached, connections open, code is compiled.
  for (const next of Object.values(shots)) await throughput(url, next, Math.min(1, seconds));
  const times = new Map<string, Times>();
  for (const [name, next] of Object.entries(shots)) {
    times.set(name, await atRate(url, next, rate_per_second, seconds));
  }
  // In turns, so that whatever else the machine does meanwhile falls on all of them alike.
  const rounds: Record<string, number>[] = [];
  for (let round = 0; round < round_count; round += 1) {
    const counted: Record<string, number> = {};
    for (const [name, next] of Object.entries(shots))
      counted[name] = await throughput(url, next, seconds / 2);
    rounds.push(counted);
  }
  const results = [...times].map(([name, { p50_ms, p99_ms }]): Result => {
    const per_second = Math.round(median(rounds.map((counted) => counted[name] ?? 0)));
    say(`${name.padEnd(12)} ${per_second}/s   at ${rate_per_second}/s: p50 ${p50_ms} ms, p99 ${p99_ms} ms`);
    return { name, per_second, p50_ms, p99_ms };
  });
  const ratio = median(rounds.map(({ bare_insert = 0, accept = 1 }) => bare_insert / accept));
  say(`one acceptance costs ${ratio.toFixed(2)} bare inserts`);
  return { results, ratio: Math.round(ratio * 100) / 100 };
}

function median(values: number[]): number {
  const sorted = values.sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function makeShots(people: readonly BenchPerson[], ids: readonly string[]): Record<string, Shots> {
  let turn = 0;
  const mine = () => {
    const index = (turn += 1) % people.length;
    const bearer = { authorization: `Bearer ${people[index]?.key}` };
    return { bearer, id: ids[index] ?? '' };
  };
  const json = { 'content-type': 'application/json' };
  return {
    bare_insert: () => ({
      method: 'POST',
      path: '/bench/insert',
      headers: json,
      body: JSON.stringify({ body: wish }),
    }),
    accept: () => ({
      method: 'POST',
      path: '/api/generations',
      headers: { ...json, ...mine().bearer, 'idempotency-key': randomUUID() },
      body: wish,
    }),
    status: () => {
      const { bearer, id } = mine();
      return { method: 'GET', path: `/api/generations/${id}`, headers: bearer };
    },
    balance: () => ({ method: 'GET', path: '/api/credits/balance', headers: mine().bearer }),
  };
}

/** One generation for each person, to be asked about. */
async function startSome(url: string, people: readonly BenchPerson[]): Promise<string[]> {
  const ids: string[] = [];
  for (const { key } of people) {
    const response = await fetch(`${url}/api/generations`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: wish,
    });
    if (response.status !== 202)
      throw new Error(`the bench's server answered ${response.status}: ${await response.text()}`);
    ids.push(((await response.json()) as { id: string }).id);
  }
  return ids;
}
