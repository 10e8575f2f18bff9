import { HoldfastError } from '../errors.ts';

/** A backup can't be made, read or brought back. Nothing of the target is left changed. */
export class BackupError extends HoldfastError {}

export function damaged(file: string, what: string, cause?: unknown): BackupError {
  return new BackupError(
    'backup_damaged',
    `${file} is damaged (${what}): use another copy of this backup, or an earlier one.`,
    { what },
    cause === undefined ? undefined : { cause },
  );
}

/** What went wrong with a file, as a sentence; anything unexpected is thrown as it was. */
export function backupFileProblem(error: unknown, file: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return new BackupError('backup_missing', `There is no ${file}: check the path.`, {}, { cause: error });
    case 'EISDIR':
      return new BackupError('backup_missing', `${file} is a directory: name a file.`, {}, { cause: error });
    case 'ENOSPC':
    case 'EDQUOT':
      return new BackupError(
        'disk_full',
        `The disk of ${file} is full: write to another one.`,
        {},
        { cause: error },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BackupError(
        'file_not_accessible',
        `Holdfast isn't allowed to use ${file}: choose another place.`,
        {},
        { cause: error },
      );
    default:
      return error;
  }
}
