import { existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { countClients } from './clients.ts';
import { claimDataDirectory } from './data-directory.ts';
import { withFileLock } from './lock.ts';
import { findPlacement } from './placement.ts';
import { stopPostmaster } from './postmaster.ts';
import { fileProblem, PostgresProblem } from './problems.ts';

/**
 * Removes a data directory with everything in it, its cluster too where that lives elsewhere; an orphaned server is stopped first. Nothing there: does
 * nothing. Made for data that is meant to be thrown away, like a demo's.
 * @throws PostgresProblem `data_directory_in_use` while a process works on it, `data_directory_foreign` where it isn't Holdfast's
 */
export async function removeDataDirectory(directory: string): Promise<void> {
  const path = resolve(directory);
  if (!existsSync(path)) return;
  claimDataDirectory(path);
  try {
    await withFileLock(join(path, 'postgres.lock'), async () => {
      const place = findPlacement(path);
      if (place === undefined) return;
      if (existsSync(join(path, 'clients')) && countClients(path) > 0) {
        throw new PostgresProblem(
          'data_directory_in_use',
          `Holdfast is running on ${path}: stop it, or set HOLDFAST_DATA_DIR to another directory.`,
        );
      }
      await stopPostmaster(place.cluster);
      await rm(place.cluster, { recursive: true, force: true });
      await rm(place.socketDirectory, { recursive: true, force: true });
      if (dirname(place.cluster) !== path) await rmdir(dirname(place.cluster));
    });
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw fileProblem(error, path);
  }
}
