import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longer than any download may take. */
const interrupted_after_ms = 6 * 3_600_000;

/** Names of the folders in which files are looked at before they are stored. */
export const temporaryPrefixes = { output: 'holdfast-ingest-', upload: 'holdfast-upload-' } as const;

/**
 * Removes what processes that were killed have left half-fetched on this machine. What other processes fetch right now is younger, and left
 * alone.
 */
export async function removeInterrupted(): Promise<void> {
  const long_ago = Date.now() - interrupted_after_ms;
  const prefixes = Object.values(temporaryPrefixes);
  for (const name of await readdir(tmpdir())) {
    if (!prefixes.some((prefix) => name.startsWith(prefix))) continue;
    const folder = join(tmpdir(), name);
    // Another process may be just as tidy at the same moment.
    const age = await stat(folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (age < long_ago) await rm(folder, { recursive: true, force: true });
  }
}
