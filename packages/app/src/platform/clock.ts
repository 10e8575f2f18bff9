/** Where TypeScript code takes the time from, so that a test can move it. Rows take theirs from SQL's `holdfast.clock()`. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
