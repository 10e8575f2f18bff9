import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { removeDataDirectory } from '../../platform/embedded-postgres/remove.ts';
import { claimDataDirectory } from '../../platform/embedded-postgres/data-directory.ts';
import { HoldfastError } from '../../platform/errors.ts';

const marker = 'DEMO';

/**
 * A fresh data directory: the last demo's is removed, anybody's real data never is.
 * @returns its absolute path
 * @throws HoldfastError `demo_directory_foreign`, PostgresProblem `data_directory_in_use`
 */
export async function freshDirectory(path: string): Promise<string> {
  const directory = resolve(path);
  if (existsSync(join(directory, 'HOLDFAST')) && !existsSync(join(directory, marker))) {
    throw new HoldfastError(
      'demo_directory_foreign',
      `${directory} holds data that no demo made, and a demo starts afresh: set HOLDFAST_DATA_DIR to a new directory.`,
    );
  }
  await removeDataDirectory(directory);
  claimDataDirectory(directory);
  await writeFile(join(directory, marker), 'Made by the demo; the next one removes it.\n');
  await mkdir(join(directory, 'videos'));
  return directory;
}
