import { HoldfastError } from '../errors.ts';

export type PostgresProblemCode =
  | 'data_directory_foreign'
  | 'data_directory_in_use'
  | 'data_directory_not_writable'
  | 'data_directory_read_only'
  | 'disk_full'
  | 'postgres_unsupported_machine'
  | 'postgres_other_version'
  | 'postgres_other_machine'
  | 'postgres_damaged'
  | 'postgres_failed'
  | 'postgres_not_durable';

/** The embedded Postgres can't be used as it is. The message is one sentence on what is wrong and one on what to do. */
export class PostgresProblem extends HoldfastError {
  declare readonly code: PostgresProblemCode;

  constructor(code: PostgresProblemCode, message: string, cause?: unknown) {
    super(code, message, {}, cause === undefined ? undefined : { cause });
  }
}

/** Turns a failed file operation on `path` into the sentence for it; anything unexpected is thrown as it was. */
export function fileProblem(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(path, error);
    case 'EROFS':
      return readOnly(path, error);
    case 'EACCES':
    case 'EPERM':
      return notWritable(path, error);
    case 'ENOTDIR':
    case 'EEXIST':
      return new PostgresProblem(
        'data_directory_foreign',
        `${path} can't be Holdfast's data directory because there is a file in its place: set HOLDFAST_DATA_DIR to a new directory.`,
        error,
      );
    default:
      return error;
  }
}

/** Reads what initdb or postgres wrote before it gave up, and says it in a sentence. */
export function outputProblem(output: string, place: string, logFile?: string): PostgresProblem {
  if (/No space left on device|Disk quota exceeded/i.test(output)) return diskFull(place);
  if (/Read-only file system/i.test(output)) return readOnly(place);
  if (/incompatible with server|wrong byte ordering|different architecture/i.test(output)) {
    return new PostgresProblem(
      'postgres_other_machine',
      `The database in ${place} was made by another version or kind of machine: make a backup there with "holdfast backup" and restore it here into a new HOLDFAST_DATA_DIR.`,
    );
  }
  if (/Permission denied|Operation not permitted/i.test(output)) return notWritable(place);
  const last =
    output
      .trim()
      .split('\n')
      .findLast((line) => /FATAL|PANIC|error/i.test(line)) ?? output.trim().split('\n').at(-1);
  return new PostgresProblem(
    'postgres_failed',
    `Holdfast's own Postgres in ${place} didn't start (${last?.trim() || 'it said nothing'}): ${logFile === undefined ? 'repair that' : `see ${logFile}`}, or set DATABASE_URL to use a Postgres of yours.`,
  );
}

function diskFull(path: string, cause?: unknown): PostgresProblem {
  return new PostgresProblem(
    'disk_full',
    `The disk that holds ${path} is full: free at least 200 MB there, or set HOLDFAST_DATA_DIR to a directory on another disk.`,
    cause,
  );
}

function readOnly(path: string, cause?: unknown): PostgresProblem {
  return new PostgresProblem(
    'data_directory_read_only',
    `${path} is on a read-only file system: set HOLDFAST_DATA_DIR to a directory that can be written.`,
    cause,
  );
}

function notWritable(path: string, cause?: unknown): PostgresProblem {
  return new PostgresProblem(
    'data_directory_not_writable',
    `Holdfast isn't allowed to write in ${path}: run it as that directory's owner, or set HOLDFAST_DATA_DIR to a directory of yours.`,
    cause,
  );
}
