import { backup } from '../platform/backup/backup.ts';
import type { BackupProgress } from '../platform/backup/backup.ts';
import { restore } from '../platform/backup/restore.ts';
import { readConfig } from '../platform/config.ts';
import type { CommandOutput } from './output.ts';
import { at } from './output.ts';
import type { Progress, ProgressLine } from './progress.ts';
import { withDatabase } from './run.ts';

/** `holdfast backup <file>`: one file with the database as it is now, and with `--files` what is stored. */
export async function backupCommand(
  file: string,
  options: { files: boolean; progress: Progress },
): Promise<CommandOutput> {
  const config = readConfig(process.env);
  return withDatabase(config, {}, async (database) => {
    const result = await backup({
      ownerUrl: database.ownerUrl,
      file,
      onProgress: follow(options.progress),
      ...(options.files ? { storageDirectory: config.storageDirectory } : {}),
    });
    options.progress.stop();
    return {
      json: result,
      text:
        `${result.rows} rows of ${result.tables} tables and ${result.files} stored files are in ${result.file} (${result.bytes} bytes).` +
        (options.files ? '' : ` Stored files are not in it: --files takes them too.`),
    };
  });
}

/** `holdfast restore <file>`: into an empty database, then proves the ledger. */
export async function restoreCommand(
  file: string,
  options: { progress: Progress },
): Promise<CommandOutput & { readonly violations: number }> {
  const config = readConfig(process.env);
  return withDatabase(config, { migrate: false }, async (database) => {
    const result = await restore({
      ownerUrl: database.ownerUrl,
      file,
      storageDirectory: config.storageDirectory,
      onProgress: follow(options.progress),
    });
    options.progress.stop();
    const { ledger } = result;
    return {
      violations: ledger.violations,
      json: result,
      text:
        `Back at ${at(result.madeAt)}: ${result.rows} rows of ${result.tables} tables, ${result.files} stored files. ` +
        `The ledger's proof: ${ledger.violations} violations in ${ledger.operations} operations of ${ledger.accounts} accounts.`,
    };
  });
}

function follow(progress: Progress): (seen: BackupProgress) => void {
  const lines = new Map<string, ProgressLine>();
  return ({ what, name, done, total }) => {
    const line = lines.get(what) ?? progress.line(`${what}s`, Math.max(total, 1));
    lines.set(what, line);
    line.update(done, name);
  };
}
