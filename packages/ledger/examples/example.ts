import type pg from 'pg';
import type { Ledger } from '../src/index.ts';

/** What each example gets: a database with the ledger in it, and where its lines go. */
export type Example = (world: {
  pool: pg.Pool;
  /** The same database for other drivers. */
  url: string;
  ledger: Ledger;
  print: (line: string) => void;
}) => Promise<void>;
