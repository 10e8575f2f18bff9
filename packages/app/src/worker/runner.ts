import { startNext, takeStep } from '../generations/steps/advance.ts';
import type { Next, WorkContext } from '../generations/steps/work-context.ts';
import type { Provider } from '../providers/port.ts';

/** Takes steps in this process, each generation's once at a time, and sees to what follows them. */
export interface Runner {
  /** Takes this generation's next step, if it is due. Resolves when that is done; never rejects. */
  step(generationId: string): Promise<void>;
  /** Picks up what waits, in turn, as far as there is room. Never rejects. */
  pickUp(): Promise<void>;
  /** Picks up one that waits at a provider, where there is room. Tells, once that is known, whether it did; never rejects. */
  offer(providerId: string): Promise<boolean>;
  /** Steps under way. */
  busy(): number;
  /** Takes nothing new and waits for what is under way, so many milliseconds at most. False where something was left. */
  stop(graceMs: number): Promise<boolean>;
}

/** Shorter waits are kept in this process: the queue is looked at only so often. Should it die, the sweeper finds the row. */
const short_wait_seconds = 2;

export interface RunnerOptions {
  /** Pick-ups of one provider that may be under way at once. */
  readonly abreast: number;
}

export function createRunner(ctx: WorkContext, options: RunnerOptions): Runner {
  const { log, wake, providers } = ctx.deps;
  const underWay = new Map<string, Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  const pickers = new Map<string, Picker>();
  let stopping = false;

  function later(seconds: number, work: () => Promise<void>): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      void work();
    }, seconds * 1000);
    timers.add(timer);
  }

  /** @param lookedAfter the provider whose queue is looked at next anyway */
  function follow(id: string, next: Next, lookedAfter?: Provider): void {
    if (stopping) return;
    switch (next.kind) {
      case 'wait':
        if (next.local || next.seconds <= short_wait_seconds) later(next.seconds, () => step(id));
        else wake.step(id, next.seconds);
        return;
      case 'queued':
        later(next.seconds, () => pickUp());
        return;
      case 'ended':
        void pickUp(lookedAfter);
        return;
      case 'lost':
        return;
      default:
        throw new Error(`unknown way to go on ${JSON.stringify(next satisfies never)}`);
    }
  }

  async function step(id: string): Promise<void> {
    if (stopping || underWay.has(id)) return underWay.get(id);
    const work = takeStep(ctx, id)
      .then((next) => follow(id, next))
      .catch((error: unknown) => log.warn({ err: error, generation: id }, 'a step could not be taken'))
      .finally(() => underWay.delete(id));
    underWay.set(id, work);
    return work;
  }

  async function pickUp(except?: Provider): Promise<void> {
    if (stopping) return;
    const others = providers.all().filter((provider) => provider !== except);
    await Promise.all(others.map((provider) => pickerOf(provider).run()));
  }

  function pickerOf(provider: Provider): Picker {
    const known = pickers.get(provider.id);
    if (known) return known;
    const picker = createPicker({
      abreast: options.abreast,
      isStopping: () => stopping,
      take: async (picked) => {
        const started = await startNext(ctx, provider, picked);
        if (started !== null) follow(started.id, started.next, provider);
        return started !== null;
      },
      failed: (error) => log.warn({ err: error, provider: provider.id }, 'nothing could be picked up'),
    });
    pickers.set(provider.id, picker);
    return picker;
  }

  return {
    step,
    pickUp: () => pickUp(),
    offer: async (providerId) => {
      if (stopping || !providers.has(providerId)) return false;
      return pickerOf(providers.get(providerId)).offer();
    },
    busy: () => underWay.size,
    async stop(graceMs) {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      const all = Promise.all([...underWay.values(), ...[...pickers.values()].map((each) => each.idle())]);
      const tooLong = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => tooLong.resolve(false), graceMs);
      try {
        return await Promise.race([all.then(() => true), tooLong.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

interface Picker {
  /** Picks up until there is nothing more, with a few submits abreast. Asked again meanwhile, it looks once more. */
  run(): Promise<void>;
  /** The same, where there is room for one more; whether the first look found something. */
  offer(): Promise<boolean>;
  idle(): Promise<void>;
}

function createPicker(options: {
  abreast: number;
  isStopping: () => boolean;
  /** Whether there was something; `picked` is called as soon as there is. */
  take: (picked: () => void) => Promise<boolean>;
  failed: (error: unknown) => void;
}): Picker {
  const lanes = new Set<Promise<void>>();
  /** Raised by each call: a lane that found nothing before the last call looks again. */
  let calls = 0;

  async function lane(looked: (found: boolean) => void): Promise<void> {
    for (let seen = -1; seen !== calls && !options.isStopping();) {
      seen = calls;
      try {
        while (!options.isStopping() && (await options.take(() => looked(true)))) open();
      } catch (error) {
        options.failed(error);
        return;
      } finally {
        looked(false);
      }
    }
  }

  /** One more lane as long as lanes find something: work for one opens one. */
  function open(looked: (found: boolean) => void = () => undefined): void {
    if (lanes.size >= options.abreast || options.isStopping()) return looked(false);
    const running = lane(looked).finally(() => lanes.delete(running));
    lanes.add(running);
  }

  const idle = async (): Promise<void> => {
    while (lanes.size > 0) await Promise.all(lanes);
  };

  return {
    run() {
      calls += 1;
      open();
      return idle();
    },
    offer() {
      // Those that look just now look again.
      calls += 1;
      return new Promise<boolean>((resolve) => open(resolve));
    },
    idle,
  };
}
