import { startFalEmulator } from '../emulators/fal/emulator.ts';
import { startKieEmulator } from '../emulators/kie/emulator.ts';
import { startReplicateEmulator } from '../emulators/replicate/emulator.ts';
import type { Service } from '../emulators/shared/service.ts';
import type { PostFact } from './facts.ts';

export type VendorId = 'kie' | 'fal' | 'replicate';

/** The three vendors, with the books that only they have. */
export interface Vendors {
  readonly services: Readonly<Record<VendorId, Service>>;
  /** What a process needs to reach them. */
  readonly environment: Readonly<Record<string, string>>;
  /** Moves their clocks so far ahead of the true time. */
  ahead(seconds: number): void;
  /** Everything asked of them so far, in the order of time. */
  posts(): PostFact[];
  close(): Promise<void>;
}

/** How long a task waits and runs before the storm's scale. */
const queued_ms = 1_200;
const run_ms = 6_000;

export async function startVendors(timeScale: number): Promise<Vendors> {
  const knobs = {
    queuedMs: queued_ms / timeScale,
    runMs: run_ms / timeScale,
    lateMs: 4_000,
    balanceUsd: 1_000,
  };
  // That nobody takes a callback is what a storm is for.
  const options = { knobs, complain: () => undefined };
  const [kie, fal, replicate] = await Promise.all([
    startKieEmulator({ ...options, webhookKey: 'a-key-of-the-storm' }),
    startFalEmulator({ ...options, listsUnfinished: true }),
    startReplicateEmulator(options),
  ]);
  const services = { kie, fal, replicate };
  return {
    services,
    environment: {
      HOLDFAST_ALLOW_PRIVATE_RESULTS: 'yes',
      KIE_API_KEY: 'storm-key-kie',
      KIE_BASE_URL: kie.url,
      KIE_UPLOAD_URL: kie.url,
      KIE_WEBHOOK_KEY: 'a-key-of-the-storm',
      FAL_KEY: 'storm-key-fal',
      FAL_QUEUE_URL: fal.url,
      FAL_REST_URL: fal.url,
      FAL_API_URL: fal.url,
      FAL_LIST_IS_COMPLETE: 'yes',
      REPLICATE_API_TOKEN: 'storm-key-replicate',
      REPLICATE_BASE_URL: replicate.url,
    },
    ahead(seconds) {
      for (const { knobs } of Object.values(services)) knobs.aheadMs = seconds * 1000;
    },
    posts: () =>
      (Object.entries(services) as [VendorId, Service][])
        .flatMap(([providerId, service]) => postsOf(providerId, service))
        .toSorted((one, other) => one.at.getTime() - other.at.getTime()),
    async close() {
      await Promise.all(Object.values(services).map((service) => service.close()));
    },
  };
}

function postsOf(providerId: VendorId, service: Service): PostFact[] {
  const back = new Map<string, number>();
  for (const { taskId, usd } of service.book.refunds) back.set(taskId, (back.get(taskId) ?? 0) + usd);
  return service.book.posts.map((post) => {
    const task = post.taskId === null ? undefined : service.tasks.get(post.taskId);
    const phase = task === undefined ? null : service.phase(task);
    const over = task !== undefined && phase !== 'queued' && phase !== 'running';
    return {
      providerId,
      at: new Date(post.at),
      token: post.token,
      accepted: post.accepted,
      taskId: post.taskId,
      netUsd: post.usd - (back.get(post.taskId ?? '') ?? 0),
      outcome: phase === null ? null : phase === 'queued' || phase === 'running' ? 'unfinished' : phase,
      endedAt: over ? new Date(task.cancelledAtMs ?? task.endsAtMs) : null,
    };
  });
}
