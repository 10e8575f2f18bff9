export { createLedger, type Ledger } from './ledger.ts';
export { migrateLedger, type MigrateOptions } from './migrate.ts';
export * from './errors.ts';
export type * from './types.ts';
