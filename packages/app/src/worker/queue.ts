import { setTimeout as pause } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import type { JobInsert } from 'pg-boss';
import type { Wake } from '../generations/deps.ts';
import type { Logger } from '../platform/logger.ts';

export const queue_name = 'generation';

/** What a job says: nothing that could be wrong later, only where to look. */
export interface WakeUp {
  /** Something waits to be picked up; or this generation's next step is due. */
  readonly step: string | null;
}

/** Wakes workers on every machine through the queue in Postgres. */
export interface Queue extends Wake {
  /** Sends what is still to be sent, then closes its connections. */
  stop(): Promise<void>;
}

export interface QueueOptions {
  readonly databaseUrl: string;
  readonly log: Logger;
}

const largest_batch = 500;
/** Beyond this wake-ups are dropped: the database is away, and the sweeper finds every row by itself. */
const most_waiting = 20_000;

/** The same options for whoever sends and whoever works. The schema is made by the migrations, by its owner. */
export function createBoss(options: QueueOptions, role: 'sender' | 'worker'): PgBoss {
  const worker = role === 'worker';
  const boss = new PgBoss({
    connectionString: options.databaseUrl,
    application_name: `holdfast queue ${role}`,
    schema: 'pgboss',
    max: worker ? 4 : 2,
    migrate: false,
    createSchema: false,
    schedule: false,
    supervise: worker,
    useListenNotify: worker,
    // The application's role doesn't own the tables.
    reindex: false,
    monitorVacuum: false,
  });
  boss.on('error', (error) =>
    options.log.warn({ err: error }, 'the queue has a problem; the sweeper goes on'),
  );
  boss.on('warning', (warning) => options.log.debug({ warning }, 'the queue warns'));
  return boss;
}

/** Whoever is woken picks up all that waits and there is room for: a few are enough for a few machines, however many wait. */
const most_pick_ups = 4;
const gather_ms = 50;

function pickUpJob(slot: number): JobInsert<WakeUp> {
  return { data: { step: null }, singletonKey: `queued/${slot}` };
}

/** Connects. What is sent is gathered and written together, after the transaction that gave the reason has committed. */
export async function startQueue(options: QueueOptions): Promise<Queue> {
  const { log } = options;
  const boss = createBoss(options, 'sender');
  await boss.start();
  let waiting: JobInsert<WakeUp>[] = [];
  let pickUps = 0;
  let sending: Promise<void> | null = null;
  let near: ((providerId: string) => Promise<boolean>) | null = null;

  async function send(): Promise<void> {
    while (waiting.length > 0 || pickUps > 0) {
      const slots = Array.from({ length: Math.min(pickUps, most_pick_ups) }, (_, slot) => pickUpJob(slot));
      const batch = [...waiting.slice(0, largest_batch), ...slots];
      waiting = waiting.slice(largest_batch);
      pickUps = 0;
      try {
        await boss.insert(queue_name, batch);
      } catch (error) {
        log.warn(
          { err: error, dropped: batch.length },
          'wake-ups could not be sent; the sweeper finds the rows',
        );
      }
      // The first is sent at once; what comes right after it is gathered.
      await pause(gather_ms);
    }
    sending = null;
  }

  // After this turn of the event loop, so that what happens together is sent together.
  const soon = () => (sending ??= new Promise((resolve) => setImmediate(() => resolve(send()))));

  function add(job: JobInsert<WakeUp>): void {
    if (waiting.length >= most_waiting) return;
    waiting.push(job);
    void soon();
  }

  function tellOthers(): void {
    pickUps += 1;
    void soon();
  }

  return {
    queued: (_id, providerId) => {
      if (near === null || providerId === undefined) tellOthers();
      // Whoever is in the same process needs no job to hear of it, and whoever has picked it up needs no help.
      else void near(providerId).then((picked) => picked || tellOthers());
    },
    near: (offer) => {
      near = offer;
      return () => {
        if (near === offer) near = null;
      };
    },
    step: (generationId, afterSeconds) =>
      add({
        data: { step: generationId },
        // One that is due now must not be swallowed by one that waits for later.
        singletonKey: `${afterSeconds > 0 ? 'later' : 'now'}/${generationId}`,
        ...(afterSeconds > 0 ? { startAfter: afterSeconds } : {}),
      }),
    async stop() {
      await sending;
      await boss.stop({ graceful: false });
    },
  };
}
