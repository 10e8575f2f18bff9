/**
 * Who may import whom, as data. A file belongs to the first part whose folder it lies in; what it imports must be of its own
 * part, of one in `may`, or, outside the project, match `packages` (or be a Node module, where `node` says so).
 */
export interface Part {
  readonly name: string;
  /** From the root of the repository; one ending in .ts is a single file. */
  readonly folder: string;
  readonly may: readonly string[];
  /** Packages of others that it may use: `any`, or only these. */
  readonly packages: 'any' | readonly string[];
  readonly node: boolean;
  /** The part that this one is a corner of: whoever may import that may import this. */
  readonly within?: string;
}

const domains = [
  'accounts',
  'alerts',
  'credits',
  'payments',
  'providers',
  'moderation',
  'generations',
  'delivery',
  'operations',
];

function inApp(name: string, may: readonly string[]): Part {
  return { name, folder: `packages/app/src/${name}/`, may, packages: 'any', node: true };
}

const door = ['root', ...domains, 'platform', 'client'];

export const parts: readonly Part[] = [
  { name: 'ledger', folder: 'packages/ledger/src/', may: [], packages: [], node: true },
  { name: 'client', folder: 'packages/client/src/', may: [], packages: ['zod'], node: false },
  { name: 'web', folder: 'packages/web/src/', may: ['client'], packages: 'any', node: false },
  inApp('http', door),
  inApp('cli', [...door, 'restore']),
  inApp('worker', door),
  inApp('bot', door),
  inApp('payments', ['accounts', 'alerts', 'credits', 'delivery', 'platform']),
  inApp('operations', [
    'accounts',
    'alerts',
    'credits',
    'payments',
    'providers',
    'moderation',
    'generations',
    'delivery',
    'platform',
  ]),
  inApp('generations', ['accounts', 'alerts', 'credits', 'providers', 'moderation', 'delivery', 'platform']),
  inApp('credits', ['accounts', 'alerts', 'platform', 'ledger']),
  // Requests to addresses that strangers chose, guarded: a tool for whoever sends any.
  {
    ...inApp('connection', ['address-guard']),
    folder: 'packages/app/src/providers/http/connection.ts',
    within: 'platform',
  },
  {
    ...inApp('address-guard', []),
    folder: 'packages/app/src/providers/http/address-guard.ts',
    within: 'platform',
  },
  inApp('moderation', ['platform']),
  inApp('providers', ['alerts', 'platform']),
  inApp('delivery', ['platform']),
  inApp('alerts', ['delivery', 'platform']),
  inApp('accounts', ['platform']),
  // The two that bring the ledger's schema, and the one that proves a restored one.
  {
    ...inApp('migrate', ['platform', 'ledger']),
    folder: 'packages/app/src/platform/migrate.ts',
    within: 'platform',
  },
  {
    ...inApp('restore', ['platform', 'ledger']),
    folder: 'packages/app/src/platform/backup/restore.ts',
    within: 'platform',
  },
  inApp('platform', []),
  // What lies directly in src puts everything together.
  {
    ...inApp('root', ['http', 'cli', 'worker', 'bot', ...domains, 'platform', 'ledger', 'client']),
    folder: 'packages/app/src/',
  },
];

/** The packages of this repository by the name under which they are imported. */
export const own_packages: Readonly<Record<string, string>> = {
  '@holdfast/ledger': 'ledger',
  '@holdfast/client': 'client',
};
