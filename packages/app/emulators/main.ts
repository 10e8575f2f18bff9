#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { startFalEmulator } from './fal/emulator.ts';
import { startKieEmulator } from './kie/emulator.ts';
import { startReplicateEmulator } from './replicate/emulator.ts';
import { startStripeEmulator } from './stripe/emulator.ts';
import { startTelegramEmulator } from './telegram/emulator.ts';

interface Options {
  readonly port: number;
  readonly bookFile: string | null;
  readonly endpoints: readonly string[];
}

interface Emulator {
  readonly url: string;
  close(): Promise<void>;
}

const emulators: Readonly<Record<string, (options: Options) => Promise<Emulator>>> = {
  fal: startFalEmulator,
  kie: startKieEmulator,
  replicate: startReplicateEmulator,
  stripe: startStripeEmulator,
  telegram: ({ port }) => startTelegramEmulator({ port }),
};

/** Runs one emulator until it is stopped: `npm run emulator -- kie --port 4701 --book posts.jsonl`. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '0' },
    book: { type: 'string' },
    webhook: { type: 'string', multiple: true },
  },
});
const [vendor = ''] = positionals;
const start = emulators[vendor];
const port = Number(values.port);
if (start === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(
    `Usage: npm run emulator -- <${Object.keys(emulators).join('|')}> [--port 4701] [--book posts.jsonl] [--webhook http://127.0.0.1:8000/webhooks/stripe]`,
  );
  process.exit(2);
}
const service = await start({
  port,
  bookFile: values.book ?? null,
  endpoints: values.webhook ?? [],
});
console.log(`${vendor} is emulated at ${service.url}`);
const more: Readonly<Record<string, string>> = {
  stripe: 'Its key: sk_test_emulated   its webhook secret: whsec_emulated',
  telegram: `Its chats are at that address too. Its knobs: curl ${service.url}/_emulator/knobs`,
};
console.log(
  more[vendor] ??
    `Its knobs: curl ${service.url}/_emulator/knobs   its book: curl ${service.url}/_emulator/book`,
);
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
