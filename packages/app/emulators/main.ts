#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { startFalEmulator } from './fal/emulator.ts';
import { startKieEmulator } from './kie/emulator.ts';
import { startReplicateEmulator } from './replicate/emulator.ts';
import { readKnob } from './shared/knobs.ts';
import { startStripeEmulator } from './stripe/emulator.ts';
import { startTelegramEmulator } from './telegram/emulator.ts';

const options = {
  help: { type: 'boolean' },
  port: { type: 'string', default: '0' },
  book: { type: 'string' },
  knob: { type: 'string', multiple: true },
  'api-key': { type: 'string' },
  'webhook-key': { type: 'string' },
  'price-usd': { type: 'string' },
  'lists-unfinished': { type: 'boolean' },
  webhook: { type: 'string', multiple: true },
} as const;
type Values = ReturnType<typeof read>['values'];

interface Emulator {
  readonly url: string;
  close(): Promise<void>;
}

interface Personality {
  /** The options that it takes, beside the port. */
  readonly takes: readonly (keyof typeof options)[];
  start(port: number, values: Values): Promise<Emulator>;
}

const ofVendors = ['book', 'knob', 'api-key', 'price-usd'] as const;
const vendors: Readonly<Record<string, Personality>> = {
  fal: {
    takes: [...ofVendors, 'lists-unfinished'],
    start: (port, values) =>
      startFalEmulator({
        ...vendor(port, values),
        ...given('apiKey', values['api-key']),
        listsUnfinished: values['lists-unfinished'] === true,
      }),
  },
  kie: {
    takes: [...ofVendors, 'webhook-key'],
    start: (port, values) =>
      startKieEmulator({
        ...vendor(port, values),
        ...given('apiKey', values['api-key']),
        ...given('webhookKey', values['webhook-key']),
      }),
  },
  replicate: {
    takes: ofVendors,
    start: (port, values) =>
      startReplicateEmulator({ ...vendor(port, values), ...given('apiToken', values['api-key']) }),
  },
  stripe: {
    takes: ['webhook'],
    start: (port, { webhook }) => startStripeEmulator({ port, endpoints: webhook ?? [] }),
  },
  telegram: { takes: [], start: (port) => startTelegramEmulator({ port }) },
};

/** What else is good to know of one that runs. */
const about: Readonly<Record<string, (url: string) => string>> = {
  stripe: () => 'Its key: sk_test_emulated   its webhook secret: whsec_emulated',
  telegram: (url) => `Its chats are at that address too. Its knobs: curl ${url}/_emulator/knobs`,
};

const usage = `Usage: npm run emulator -- <${Object.keys(vendors).join('|')}> [options]

  --port <n>              where it listens on 127.0.0.1; any free port unless given
  --book <file>           fal, kie, replicate: keep every submit as a line of JSON as well
  --knob <name=value>     fal, kie, replicate: as POST /_emulator/knobs sets it, from the start; may be repeated,
                          such as --knob callback=dup --knob submit=hang,accept --knob runMs=100 --knob balanceUsd=0
  --api-key <key>         fal, kie, replicate: the only key that is let in; any unless given
  --price-usd <dollars>   fal, kie, replicate: what each task that is accepted costs; 0.1 unless given
  --webhook-key <key>     kie: signs its callbacks
  --lists-unfinished      fal: its list of requests shows those under way as well
  --webhook <address>     stripe: where its events go; may be repeated

The knobs and what they do stand in packages/app/emulators/README.md.`;

/** It was asked wrongly: told with how to ask. */
class UsageError extends Error {}

/** Runs one emulator until it is stopped: `npm run emulator -- kie --port 4701 --book posts.jsonl`. */
try {
  await run();
} catch (error) {
  const asked = error instanceof UsageError || codeOf(error).startsWith('ERR_PARSE_ARGS');
  const message = error instanceof Error ? error.message : String(error);
  console.error(asked ? `${message}\n\n${usage}` : message);
  process.exit(asked ? 2 : 1);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

async function run(): Promise<void> {
  const { values, positionals } = read();
  if (values.help === true) {
    console.log(usage);
    return;
  }
  const [name = '', ...more] = positionals;
  const personality = Object.hasOwn(vendors, name) ? vendors[name] : undefined;
  if (personality === undefined) {
    throw new UsageError(name === '' ? 'Say whom to emulate.' : `There is no emulator of "${name}".`);
  }
  if (more.length > 0) throw new UsageError(`One at a time: "${more.join(' ')}" is too much.`);
  const stranger = (Object.keys(values) as (keyof typeof options)[]).find(
    (option) => option !== 'port' && !personality.takes.includes(option),
  );
  if (stranger !== undefined) throw new UsageError(`${name} has no --${stranger}.`);
  const service = await personality.start(portOf(values.port), values);
  console.log(`${name} is emulated at ${service.url}`);
  console.log(about[name]?.(service.url) ?? usualAbout(service.url));
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
}

function read() {
  return parseArgs({ allowPositionals: true, options });
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`--port is a number from 0 to 65535: "${text}" isn't.`);
}

/** What the three vendors have in common. */
function vendor(port: number, values: Values) {
  const knobs = (values.knob ?? []).map((text) => {
    try {
      return readKnob(text);
    } catch (error) {
      throw new UsageError(`--knob ${text}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  });
  return {
    port,
    bookFile: values.book ?? null,
    knobs: Object.assign({}, ...knobs) as ReturnType<typeof readKnob>,
    ...given('priceUsd', priceOf(values['price-usd'])),
  };
}

function priceOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}(\.\d{1,6})?$/.test(text)) return Number(text);
  throw new UsageError(`--price-usd is dollars, such as 0.3: "${text}" isn't.`);
}

function given<Name extends string, T>(name: Name, value: T | undefined): { [Key in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: T });
}

function usualAbout(url: string): string {
  return `Its knobs: curl ${url}/_emulator/knobs   its book: curl ${url}/_emulator/book`;
}
