#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { watchWaiting } from './waiting-storm.ts';

/** `npm run storm:waiting -- --generations 5000 --json`: the figures of a long wait. Exit code 1 where one of its limits does not hold. */
const { values } = parseArgs({
  options: {
    generations: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '75' },
    json: { type: 'boolean', default: false },
  },
});
const begun = performance.now();
const say = (line: string): void =>
  console.error(`${String(Math.round((performance.now() - begun) / 1000)).padStart(4)} s  ${line}`);
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopped.abort());
const options = { generations: Number(values.generations), seconds: Number(values.seconds) };
const report = await watchWaiting(options, { signal: stopped.signal, say });
if (values.json) console.log(JSON.stringify(report));
else console.log(report);
process.exitCode = report.problems.length > 0 ? 1 : 0;
