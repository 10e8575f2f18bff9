import { join } from 'node:path';
import { violationsIn } from './checks/all.ts';
import sharp from 'sharp';
import { gatherInChats } from './chat-people.ts';
import { longestWait } from './checks/fairness.ts';
import { drain } from './drain.ts';
import type { Facts, Violation } from './facts.ts';
import { closedChat } from './closed-chat.ts';
import { dryHour } from './dryness.ts';
import { etaAccuracy } from '../src/generations/estimate/eta.ts';
import { startFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { killAtRandom } from './kills.ts';
import { loadChats, loadFacts } from './load-facts.ts';
import type { StormOptions } from './options.ts';
import { gather } from './people.ts';
import { timelineOf } from './timeline.ts';
import { blow, clear } from './weather.ts';
import { createStormWorld, running_per_person } from './world.ts';
import type { StormWorld } from './world.ts';

export interface StormReport {
  readonly generations: number;
  readonly kills: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly orphan_costs: number;
  readonly violations: number;
  readonly seed: number;
  readonly refused: number;
  readonly posts: number;
  readonly accepted_posts: number;
  readonly seconds: number;
  /** Asked for in chats, and files that Telegram has put there. */
  readonly in_chats: number;
  readonly sent_in_chats: number;
  /** Given back, since a chat refused the file. */
  readonly given_back: number;
  /** Decisions that were replayed: what was accepted, what was refused for lack of credit. */
  readonly decisions_checked: number;
  /** Whoever waited longest waited for so many times their fair share of turns: up to 3 is fair. */
  readonly longest_wait_in_shares: number;
  /** Ranges shown for what became ready, and how many of them held. */
  readonly eta_shown: number;
  readonly eta_held_percent: number | null;
  /** What was killed, and how often. */
  readonly deaths: Readonly<Record<string, number>>;
  /** Why those failed that failed. */
  readonly failures: Readonly<Record<string, number>>;
  readonly found: readonly (Violation & { readonly timeline: readonly string[] })[];
}

const worker_count = 3;
const share_in_chats = 0.08;
/** So much of a storm do two cores bear: a process' start is what costs most. */
const most_per_second = 4;
const least_ms_per_kill = 2_000;
const most_timelines = 10;
/** What nothing happens to for so long (before the storm's scale) waits for its deadline. */
const patience_ms = 90_000;

/** One storm from the first wish to the last check. Everything it started is gone when it returns, also where it fails or is aborted. */
export async function storm(
  options: StormOptions,
  watch: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<StormReport> {
  const { say, signal } = watch;
  const begun = performance.now();
  say('starting Postgres and the vendors');
  const world = await createStormWorld(options);
  const deaths: { at: Date; words: string }[] = [];
  const died = (words: string): void => void deaths.push({ at: new Date(), words });
  let fleet: Fleet | null = null;
  try {
    const people = await world.makePeople(Math.max(8, Math.min(150, Math.round(options.generations / 8))));
    fleet = startFleet({
      servers: world.ports,
      workers: worker_count,
      environment: {
        ...world.environment,
        ...(options.without === null ? {} : { HOLDFAST_TEST: '1', TEST_REMOVE: options.without }),
      },
      logDirectory: join(world.directory, 'logs'),
      died,
    });
    await Promise.all(fleet.places.map((place) => place.ready()));
    const photo = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer();
    const { wishes, presses } = await rage(world, fleet, { options, people, photo, died, watch });
    say('the sky clears');
    clear(world.vendors);
    world.telegram.clear();
    await fleet.calm();
    const patience = { patienceMs: patience_ms / options.timeScale, signal, say };
    await drain(world, patience);
    const refused = await closedChat(world, { photo, signal, say });
    await drain(world, patience);
    const dry = options.dryHour ? await dryHour(world, { signal, say }) : null;
    if (dry !== null) await drain(world, patience);
    signal.throwIfAborted();
    await fleet.stop();
    say('checking');
    const facts: Facts = {
      ...(await loadFacts(world.admin, world.context)),
      posts: world.vendors.posts(),
      wishes: [...wishes, ...(dry?.wishes ?? [])],
      dryness: dry?.dryness ?? null,
      chats: {
        ...(await loadChats(world.admin)),
        presses: [...presses, ...refused.presses],
        sends: world.telegram.sends(),
        closed: refused.closed,
      },
      crashes: fleet.crashes,
      runningPerPerson: running_per_person,
    };
    const eta = await etaAccuracy(world.admin);
    const seconds = (performance.now() - begun) / 1000;
    return report(facts, { options, deaths, seconds, eta });
  } finally {
    await fleet?.stop();
    await world.close({ keep: options.keep });
    if (options.keep) say(`logs and files are in ${world.directory}`);
  }
}

async function rage(
  world: StormWorld,
  fleet: Fleet,
  with_: {
    options: StormOptions;
    people: Awaited<ReturnType<StormWorld['makePeople']>>;
    /** What people send. */
    photo: Buffer;
    died: (what: string) => void;
    watch: { readonly signal: AbortSignal; readonly say: (line: string) => void };
  },
): Promise<{ wishes: Facts['wishes']; presses: Facts['chats']['presses'] }> {
  const { options, people, photo, died, watch } = with_;
  const { seed, generations, kills } = options;
  const seconds = Math.max(generations / most_per_second, (kills * least_ms_per_kill) / 1000);
  const over = new AbortController();
  const signal = AbortSignal.any([watch.signal, over.signal]);
  const weather = blow(world.vendors, { seed, tasks: generations, signal });
  world.telegram.blow();
  const chats = gatherInChats({
    telegram: world.telegram,
    admin: world.admin,
    generations: Math.round(generations * share_in_chats),
    seed,
    signal,
    photo,
    topUp: (personId, key, amount) => world.topUp(personId, key, amount),
  });
  const crowd = gather({
    url: world.balancer.url,
    people,
    models: world.models,
    generations,
    // Some wishes are refused for lack of credit.
    perSecond: (generations / seconds) * 1.3,
    seed,
    signal: watch.signal,
    photo,
    elsewhere: () => chats.accepted(),
    topUp: (personId, key, amount) => world.topUp(personId, key, amount),
  });
  const killing = killAtRandom({
    fleet,
    kills,
    everyMs: kills === 0 ? 1_000 : Math.max(500, (seconds * 1000 * 0.9) / kills),
    seed,
    signal: watch.signal,
    killPostgres: () => world.postgres.kill(),
    died,
  });
  const progress = setInterval(
    () => watch.say(`${crowd.accepted()} of ${generations} accepted, ${fleet.deaths()} processes killed`),
    5_000,
  );
  try {
    await Promise.all([crowd.done, killing]);
  } finally {
    clearInterval(progress);
    over.abort();
    await Promise.all([weather, chats.done]);
  }
  watch.signal.throwIfAborted();
  return { wishes: crowd.wishes, presses: chats.pressed() };
}

function report(
  facts: Facts,
  about: {
    options: StormOptions;
    deaths: readonly { at: Date; words: string }[];
    seconds: number;
    eta: Awaited<ReturnType<typeof etaAccuracy>>;
  },
): StormReport {
  const { options, deaths } = about;
  const violations = violationsIn(facts);
  const count = (state: string): number => facts.generations.filter((one) => one.state === state).length;
  return {
    generations: facts.generations.length,
    kills: deaths.length,
    succeeded: count('succeeded'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    orphan_costs: facts.orphans.length,
    violations: violations.length,
    seed: options.seed,
    refused: facts.remembered.filter(({ refusal }) => refusal !== null).length,
    posts: facts.posts.length,
    accepted_posts: facts.posts.filter(({ accepted }) => accepted).length,
    seconds: Math.round(about.seconds),
    in_chats: facts.remembered.filter(({ key, generationId }) => key.startsWith('tg/') && generationId)
      .length,
    sent_in_chats: facts.chats.sends.length,
    given_back: facts.generations.filter(({ givenBack }) => givenBack > 0n).length,
    decisions_checked:
      facts.generations.length + facts.remembered.filter(({ refusal }) => refusal !== null).length,
    longest_wait_in_shares: Math.round(longestWait(facts) * 100) / 100,
    eta_shown: about.eta.shown,
    eta_held_percent: about.eta.percent,
    deaths: tally(deaths.map(({ words }) => words.replace(/-\d+/, ''))),
    failures: tally(
      facts.generations.flatMap(({ state, errorCode }) => (state === 'failed' ? [errorCode ?? '?'] : [])),
    ),
    found: violations.map((violation, index) => {
      const { generationId: id } = violation;
      const timeline = id === null || index >= most_timelines ? [] : timelineOf(facts, id, deaths);
      return Object.assign(violation, { timeline });
    }),
  };
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
