import { runUntilStopped } from './run.ts';

/** A server that works nothing itself: for when workers run elsewhere. */
process.exitCode = await runUntilStopped({ server: true, worker: false });
