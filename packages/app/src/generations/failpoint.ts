/** Every moment at which a test may kill the process, in the order in which a generation passes them. */
export const failpoints = [
  'accept.before',
  'accept.after_commit',
  'submit.marker_written',
  'submit.answered',
  'submit.recorded',
  'poll.claimed',
  'poll.answered',
  'ingest.started',
  'ingest.fetched',
  'ingest.stored',
  'settle.captured',
  'settle.committed',
  'end.released',
  'end.committed',
] as const;
export type Failpoint = (typeof failpoints)[number];

const armed = process.env['NODE_ENV'] === 'test' ? process.env['TEST_FAILPOINT'] : undefined;

/** Whether a test asked for it: for a moment that there only is where it was asked for. */
export function isArmed(name: Failpoint): boolean {
  return armed === name;
}

/** Dies here as by `kill -9`, where a test asked for it; otherwise, and in production always, does nothing. */
export function failpoint(name: Failpoint): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
}
