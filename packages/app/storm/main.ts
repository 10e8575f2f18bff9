#!/usr/bin/env node
import { readOptions, usage } from './options.ts';
import type { StormOptions } from './options.ts';
import { storm } from './storm.ts';
import type { StormReport } from './storm.ts';

/** `npm run storm`: see the README beside this file. Exit code 1 on any violation, 2 where it was asked wrongly, 130 after Ctrl-C. */
async function main(): Promise<number> {
  let options: StormOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return 2;
  }
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopped.abort());
  const begun = performance.now();
  const say = (line: string): void =>
    console.error(`${String(Math.round((performance.now() - begun) / 1000)).padStart(4)} s  ${line}`);
  try {
    const report = await storm(options, { signal: stopped.signal, say });
    tell(report, options);
    if (options.json) console.log(JSON.stringify(report));
    return report.violations > 0 ? 1 : 0;
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    console.error('Stopped; everything it started is gone.');
    return 130;
  }
}

function tell(report: StormReport, options: StormOptions): void {
  const { found, deaths, failures, ...counts } = report;
  console.error(JSON.stringify(counts));
  console.error('killed:', deaths);
  console.error('failed because of:', failures);
  for (const { check, sentence, generationId, timeline } of found) {
    console.error(`VIOLATION (${check}) ${generationId ?? ''} ${sentence}`);
    for (const line of timeline) console.error(`    ${line}`);
  }
  const again = `--generations ${options.generations} --kills ${options.kills} --seed ${options.seed}`;
  console.error(
    report.violations === 0 ? 'No violations.' : `${report.violations} violations; seen again with ${again}`,
  );
}

process.exitCode = await main();
