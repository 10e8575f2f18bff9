import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BotFailpoint } from '../src/bot/failpoint.ts';
import type { DeliveryFailpoint } from '../src/delivery/runner/failpoint.ts';
import type { Failpoint } from '../src/generations/failpoint.ts';

export type Part = 'server' | 'worker';

/** Where a process dies by itself. */
export type Fuse = Failpoint | DeliveryFailpoint | BotFailpoint;

/** One place that a process holds: when it dies, another one takes it. */
export interface Place {
  readonly name: string;
  readonly part: Part;
  /** Null while nobody is there. */
  pid(): number | null;
  /** Resolves once the present one works. */
  ready(): Promise<void>;
  works(): boolean;
  /** By -9, at once; the next one starts right after, with this failpoint armed. False where nobody was there. */
  kill(next: Fuse | null): boolean;
  /** Holds it still for so long, as a machine that stalls does. */
  freeze(ms: number): Promise<void>;
}

export interface Fleet {
  readonly places: readonly Place[];
  /** Deaths by -9 so far: by us, and at failpoints. */
  deaths(): number;
  /** Ends that nobody caused. */
  readonly crashes: readonly string[];
  /** No failpoints from now on; whoever is armed is replaced, and everybody is there. */
  calm(): Promise<void>;
  stop(): Promise<void>;
}

export interface FleetOptions {
  readonly servers: readonly number[];
  readonly workers: number;
  /** Where the first worker of each place dies. Unset: nowhere. */
  readonly armed?: Fuse;
  readonly environment: Readonly<Record<string, string>>;
  readonly logDirectory: string;
  /** A death has been seen. */
  readonly died: (what: string) => void;
}

const script = join(import.meta.dirname, 'holdfast-process.ts');
const ready_timeout_ms = 60_000;
/** A start may fall into an outage of the database: then it is tried again. */
const retry_ms = 500;
const most_last_words = 20;

export function startFleet(options: FleetOptions): Fleet {
  const crashes: string[] = [];
  let deaths = 0;
  let stopping = false;
  let calm = false;

  function createPlace(
    part: Part,
    index: number,
    port: number | null,
  ): Place & { stop(): Promise<void>; armed(): boolean } {
    const name = `${part}-${index + 1}`;
    const log = createWriteStream(join(options.logDirectory, `${name}.log`), { flags: 'a' });
    let child: ChildProcess | null = null;
    let ready = Promise.withResolvers<void>();
    let ended: Promise<void> = Promise.resolve();
    let failpoint: Fuse | null = (part === 'worker' && options.armed) || null;
    let killed = false;
    let works = false;

    /** Who waits for one that never worked waits for the next; who comes now does so too. */
    function gone(): void {
      works = false;
      ready = Promise.withResolvers<void>();
    }

    function start(): void {
      if (stopping) return;
      killed = false;
      const armed = calm ? null : failpoint;
      failpoint = armed;
      const mine = fork(script, [part], {
        env: {
          PATH: process.env['PATH'],
          ...options.environment,
          NODE_ENV: 'test',
          ...(port === null ? {} : { PORT: String(port) }),
          ...(armed === null ? {} : { TEST_FAILPOINT: armed }),
        },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      child = mine;
      log.write(`--- ${new Date().toISOString()} process ${mine.pid} ${armed ?? ''}\n`);
      mine.stdout?.pipe(log, { end: false });
      mine.stderr?.pipe(log, { end: false });
      const lastWords: string[] = [];
      mine.stderr?.on('data', (words: Buffer) => {
        lastWords.push(words.toString('utf8'));
        if (lastWords.length > most_last_words) lastWords.shift();
      });
      mine.on('message', () => {
        // What it said before it died may be heard after its end.
        if (child !== mine || killed) return;
        works = true;
        ready.resolve();
      });
      ended = new Promise((resolve) => {
        mine.once('exit', (code, signal) => {
          child = null;
          const worked = works;
          if (worked) gone();
          resolve();
          if (stopping) return;
          if (signal === 'SIGKILL') {
            deaths += 1;
            options.died(killed || armed === null ? name : `${name} at ${armed}`);
            if (!killed && armed === null) crashes.push(`${name} was killed by somebody else`);
            if (!killed) failpoint = null;
          } else if (worked) {
            crashes.push(`${name} ended with ${code ?? signal}: ${lastWords.join('').slice(-2_000)}`);
          }
          void pause(worked || killed ? 0 : retry_ms).then(start);
        });
      });
    }
    start();
    return {
      name,
      part,
      pid: () => child?.pid ?? null,
      ready: () => ready.promise,
      works: () => works,
      armed: () => failpoint !== null,
      kill(next) {
        if (child === null) return false;
        failpoint = next;
        killed = true;
        if (works) gone();
        return child.kill('SIGKILL');
      },
      async freeze(ms) {
        const frozen = child;
        if (frozen === null || !frozen.kill('SIGSTOP')) return;
        await pause(ms);
        frozen.kill('SIGCONT');
      },
      async stop() {
        const last = child;
        last?.kill('SIGCONT');
        last?.kill('SIGTERM');
        const late = setTimeout(() => last?.kill('SIGKILL'), 30_000);
        await ended;
        clearTimeout(late);
        log.end();
      },
    };
  }

  const places = [
    ...options.servers.map((port, index) => createPlace('server', index, port)),
    ...Array.from({ length: options.workers }, (_, index) => createPlace('worker', index, null)),
  ];
  return {
    places,
    crashes,
    deaths: () => deaths,
    async calm() {
      calm = true;
      for (const place of places) if (place.armed()) place.kill(null);
      await Promise.all(places.map(allReady));
    },
    async stop() {
      stopping = true;
      await Promise.all(places.map((place) => place.stop()));
    },
  };
}

/** A place is ready once whoever holds it says so, also where several had to try. */
async function allReady(place: Place): Promise<void> {
  const by = performance.now() + ready_timeout_ms;
  while (performance.now() < by) {
    const late = AbortSignal.timeout(1_000);
    const one = await Promise.race([
      place.ready().then(() => true),
      pause(1_000, false, { signal: late }).catch(() => false),
    ]);
    if (one && place.pid() !== null) return;
  }
  throw new Error(`${place.name} did not start within ${ready_timeout_ms / 1000} s`);
}
