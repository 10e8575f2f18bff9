import { setTimeout as pause } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';

const queue = 'bench';
/** How soon a worker that found nothing looks again: the workers are never what is waited for. */
const idle_ms = 2;

/** Bare jobs: each sent by itself, fetched by itself, completed by itself, by as many senders and workers. */
export async function bareJobsPerSecond(options: {
  ownerUrl: string;
  jobs: number;
  senders: number;
  workers: number;
}): Promise<number> {
  const boss = new PgBoss({
    connectionString: options.ownerUrl,
    schema: 'bench_queue',
    max: 20,
    schedule: false,
    supervise: false,
  });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  try {
    await boss.createQueue(queue, { retryLimit: 0 });
    const begun = performance.now();
    let sent = 0;
    let done = 0;
    const send = async (): Promise<void> => {
      while (sent < options.jobs) {
        sent += 1;
        await boss.send(queue, { step: sent });
      }
    };
    const work = async (): Promise<void> => {
      while (done < options.jobs) {
        const [job] = await boss.fetch(queue);
        if (job === undefined) await pause(idle_ms);
        else {
          await boss.complete(queue, job.id);
          done += 1;
        }
      }
    };
    await Promise.all([
      ...Array.from({ length: options.senders }, send),
      ...Array.from({ length: options.workers }, work),
    ]);
    return options.jobs / ((performance.now() - begun) / 1000);
  } finally {
    await boss.stop({ graceful: false });
  }
}
