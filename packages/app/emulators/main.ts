#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { startFalEmulator } from './fal/emulator.ts';
import { startKieEmulator } from './kie/emulator.ts';
import { startReplicateEmulator } from './replicate/emulator.ts';
import type { Service, ServiceOptions } from './shared/service.ts';

const emulators: Readonly<Record<string, (options: ServiceOptions) => Promise<Service>>> = {
  fal: startFalEmulator,
  kie: startKieEmulator,
  replicate: startReplicateEmulator,
};

/** Runs one emulator until it is stopped: `npm run emulator -- kie --port 4701 --book posts.jsonl`. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '0' }, book: { type: 'string' } },
});
const [vendor = ''] = positionals;
const start = emulators[vendor];
const port = Number(values.port);
if (start === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(
    `Usage: npm run emulator -- <${Object.keys(emulators).join('|')}> [--port 4701] [--book posts.jsonl]`,
  );
  process.exit(2);
}
const service = await start({ port, bookFile: values.book ?? null });
console.log(`${vendor} is emulated at ${service.url}`);
console.log(`Its knobs: curl ${service.url}/_emulator/knobs   its book: curl ${service.url}/_emulator/book`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    service.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}
