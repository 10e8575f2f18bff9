import type { GenerationDeps, Wake } from '../generations/deps.ts';

/** Works generations until it is stopped. Any number may run, in any number of processes and machines. */
export interface Worker {
  /** Takes no new work, lets short steps end (at most `graceSeconds`), hands renders back to be taken up elsewhere. */
  stop(options?: { graceSeconds?: number }): Promise<void>;
}

/** Wakes workers through the queue in Postgres; what a server process uses too. */
export interface Queue extends Wake {
  stop(): Promise<void>;
}

export declare function startQueue(options: {
  databaseUrl: string;
  log: GenerationDeps['log'];
}): Promise<Queue>;

export declare function startWorker(deps: GenerationDeps, options: { databaseUrl: string }): Promise<Worker>;
