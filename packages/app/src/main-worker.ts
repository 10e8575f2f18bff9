import { runUntilStopped } from './run.ts';

/** A worker that serves nothing. Any number may run. */
process.exitCode = await runUntilStopped({ server: false, worker: true });
