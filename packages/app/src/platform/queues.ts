import type { Queue } from 'pg-boss';

/**
 * The queues of pg-boss. They are made with the schema, by its owner: the application can't. A job is only a reason to look at
 * a row, so losing one costs time and nothing else.
 */
export const queues: readonly Queue[] = [
  {
    name: 'generation',
    policy: 'short',
    notify: true,
    // The row says what is to be done again and when; the queue never decides that.
    retryLimit: 0,
    heartbeatSeconds: 10,
    expireInSeconds: 3600,
    deleteAfterSeconds: 3600,
  },
];
