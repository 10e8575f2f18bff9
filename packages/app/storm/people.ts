import { setTimeout as pause } from 'node:timers/promises';
import type { WishFact } from './facts.ts';
import type { StormModel } from './models.ts';
import { dice } from './random.ts';
import type { Dice } from './random.ts';

export interface StormPerson {
  readonly id: string;
  readonly key: string;
}

export interface Crowd {
  readonly wishes: readonly WishFact[];
  /** Distinct generations that somebody was told of. */
  accepted(): number;
  /** Resolves once so many were accepted, or the wishes have run out. */
  readonly done: Promise<void>;
}

export interface CrowdOptions {
  readonly url: string;
  readonly people: readonly StormPerson[];
  readonly models: readonly StormModel[];
  readonly generations: number;
  readonly perSecond: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** What they make films of. */
  readonly photo: Buffer;
  /** Generations that others asked for: as many fewer are wanted. */
  readonly elsewhere: () => number;
  /** Somebody pays: adds so many credits, once per key. */
  readonly topUp: (personId: string, key: string, amount: bigint) => Promise<void>;
}

interface Wish extends WishFact {
  readonly answers: WishFact['answers'][number][];
}

const answer_timeout_ms = 20_000;
/** A request without an answer is sent again so often, under its key. */
const most_sends = 25;
const top_up = 60n;
const weights = { wish: 80, again: 8, cancel: 12 } as const;

/** Many people who want much, have little, are impatient and don't trust the network. Each does one thing at a time, as their seed has it. */
export function gather(options: CrowdOptions): Crowd {
  const wishes: Wish[] = [];
  const told = new Set<string>();
  const mine = new Map<string, string[]>();
  const roll = dice(options.seed, 'crowd');
  const photos = new Map<string, string>();
  let topUps = 0;
  const all = (): number => told.size + options.elsewhere();

  async function run(): Promise<void> {
    const open = new Set<Promise<void>>();
    const begun = performance.now();
    for (let sent = 0; sent < options.generations * 3 && all() < options.generations; sent += 1) {
      if (options.signal.aborted) break;
      const due = (sent / options.perSecond) * 1000;
      await pause(Math.max(0, begun + due - performance.now()), undefined, { signal: options.signal }).catch(
        () => undefined,
      );
      // Not more than is wanted, whatever is still under way.
      while (all() + open.size >= options.generations && open.size > 0) await Promise.race(open);
      if (all() >= options.generations) break;
      const act = oneAct(sent).finally(() => open.delete(act));
      open.add(act);
    }
    await Promise.all(open);
  }

  async function oneAct(number: number): Promise<void> {
    const person = options.people[roll.below(options.people.length)];
    if (person === undefined) return;
    const luck = dice(options.seed, `act ${number}`);
    const own = mine.get(person.id) ?? [];
    const act = own.length === 0 ? 'wish' : luck.weighted(weights);
    if (act === 'cancel') return cancel(person, luck.pick(own));
    const key = `${number}-${luck.hex()}`;
    const send = act === 'again' ? again(luck.pick(own)) : await wishFor(person, luck);
    const wish: Wish = { personId: person.id, key, answers: [] };
    wishes.push(wish);
    // Some press twice; some hang up on the first and press again.
    const sends = luck.chance(0.25) ? [0, luck.below(40)] : [0];
    if (luck.chance(0.08)) void ask(person, wish, send, AbortSignal.timeout(5 + luck.below(60)));
    await Promise.all(sends.map(async (after) => pause(after).then(() => insist(person, wish, send, luck))));
    const refused = wish.answers.some(({ code }) => code === 'insufficient_credits');
    if (refused && luck.chance(0.6)) {
      topUps += 1;
      await options.topUp(person.id, `top-up-${topUps}`, top_up);
    }
  }

  async function wishFor(person: StormPerson, luck: Dice): Promise<Sent> {
    const { model, mostAtOnce, takesPhoto } = options.models[weightedIndex(luck, options.models)] ?? never();
    const seconds = model.seconds === null ? {} : { duration_seconds: 1 + luck.below(5) };
    const many = mostAtOnce > 1 && luck.chance(0.5) ? { count: 1 + luck.below(mostAtOnce) } : {};
    const photo = takesPhoto ? { image: await photoOf(person) } : {};
    const input = { prompt: `storm ${luck.hex()}`, ...photo, ...seconds, ...many };
    return { path: '/api/generations', body: { model: model.id, input } };
  }

  /** Given once, and used for all theirs. */
  async function photoOf(person: StormPerson): Promise<string> {
    for (let send = 0; send < most_sends && !photos.has(person.id); send += 1) {
      const id = await upload(options.url, person, options.photo);
      if (id !== null) photos.set(person.id, id);
      else await pause(Math.min(3_000, 100 * 2 ** send));
    }
    return photos.get(person.id) ?? '';
  }

  async function insist(person: StormPerson, wish: Wish, sent: Sent, luck: Dice): Promise<void> {
    for (let send = 0; send < most_sends; send += 1) {
      if (await ask(person, wish, sent, AbortSignal.timeout(answer_timeout_ms))) return;
      await pause(Math.min(3_000, 100 * 2 ** send) * (0.5 + luck.next() / 2));
    }
  }

  /** True where the answer is final for this key. */
  async function ask(person: StormPerson, wish: Wish, sent: Sent, signal: AbortSignal): Promise<boolean> {
    const answer = await post(options.url, person, sent, wish.key, signal);
    if (answer === null) return false;
    wish.answers.push(answer);
    const { generationId } = answer;
    if (generationId !== null && !told.has(generationId)) {
      told.add(generationId);
      mine.set(person.id, [...(mine.get(person.id) ?? []).slice(-20), generationId]);
    }
    return answer.status < 500 && answer.code !== 'idempotency_in_progress';
  }

  async function cancel(person: StormPerson, generationId: string): Promise<void> {
    const signal = AbortSignal.timeout(answer_timeout_ms);
    await post(
      options.url,
      person,
      { path: `/api/generations/${generationId}/cancel`, body: {} },
      null,
      signal,
    );
  }

  return { wishes, accepted: all, done: run() };
}

export interface Sent {
  readonly path: string;
  readonly body: unknown;
}

function again(generationId: string): Sent {
  return { path: `/api/generations/${generationId}/again`, body: {} };
}

/** Null where there was no answer: nobody knows what became of it. */
export async function post(
  url: string,
  person: StormPerson,
  { path, body }: Sent,
  key: string | null,
  signal: AbortSignal,
): Promise<WishFact['answers'][number] | null> {
  try {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${person.key}`,
        'content-type': 'application/json',
        connection: 'close',
        ...(key === null ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
      signal,
    });
    const answer = (await response.json()) as { id?: string; code?: string };
    return {
      status: response.status,
      code: response.ok ? null : (answer.code ?? null),
      generationId: response.ok ? (answer.id ?? null) : null,
    };
  } catch {
    return null;
  }
}

/** @returns the upload's id; null where there was no answer, or no good one */
async function upload(url: string, person: StormPerson, photo: Buffer): Promise<string | null> {
  const body = new FormData();
  body.set('file', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), 'photo.jpg');
  try {
    const response = await fetch(`${url}/api/uploads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.key}`, connection: 'close' },
      body,
      signal: AbortSignal.timeout(answer_timeout_ms),
    });
    const answer = (await response.json()) as { id?: string };
    return response.ok ? (answer.id ?? null) : null;
  } catch {
    return null;
  }
}

function weightedIndex(luck: Dice, models: readonly StormModel[]): number {
  return Number(
    luck.weighted(Object.fromEntries(models.map(({ weight }, index) => [String(index), weight]))),
  );
}

function never(): never {
  throw new Error('there are no models');
}
