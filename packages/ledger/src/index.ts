export { createLedger, type Ledger } from './ledger.ts';
export { migrateLedger, type MigrateOptions } from './migrate.ts';
export * from './errors.ts';
export type * from './types/words.ts';
export type * from './types/requests.ts';
export type * from './types/receipts.ts';
export type * from './types/reading.ts';
export type * from './types/keeping.ts';
export type * from './types/connecting.ts';
