import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Vite from 'vite';

const root = dirname(fileURLToPath(import.meta.url));

/** What the built app is made of. The contract counts too: its types shape the screens. */
const sources = [
  'index.html',
  'vite.config.ts',
  'package.json',
  'public',
  'src',
  join('..', 'client', 'src'),
];

/** The folder that `ensureWebBuilt` fills, to be served with a fallback to its index.html. */
export const webDist = join(root, 'dist');

/**
 * Builds the web app when it was never built or when a source is newer than the build; otherwise does nothing.
 * Takes one to three seconds when it builds. Safe to call from several processes: the build goes to a folder of its own
 * and is moved into place by renames.
 *
 * Where neither a build nor the tools to make one are there (a production install without development dependencies and
 * without `npm run build`), it throws an error that says what to run.
 *
 * @returns the folder to serve, and whether it was built just now.
 */
export async function ensureWebBuilt(): Promise<{ dist: string; built: boolean }> {
  const index = join(webDist, 'index.html');
  const builtAt = existsSync(index) ? statSync(index).mtimeMs : 0;
  if (builtAt > 0 && builtAt >= newest(sources.map((source) => join(root, source)))) {
    return { dist: webDist, built: false };
  }
  let vite: typeof Vite;
  try {
    vite = await import('vite');
  } catch (error) {
    if (builtAt > 0) return { dist: webDist, built: false };
    throw new Error(
      'The web app is not built and vite is not installed. Run "npm ci" with development dependencies, then "npm run build -w packages/web".',
      { cause: error },
    );
  }
  await buildInto(vite);
  return { dist: webDist, built: true };
}

async function buildInto(vite: typeof Vite): Promise<void> {
  const { mkdtemp, rename, rm } = await import('node:fs/promises');
  const fresh = await mkdtemp(join(root, '.dist-'));
  const old = `${fresh}-old`;
  try {
    await vite.build({ root, logLevel: 'warn', build: { outDir: fresh, emptyOutDir: true } });
    if (existsSync(webDist)) await rename(webDist, old);
    // Another process may have put its own build there between the two renames: it is as good as ours.
    await rename(fresh, webDist).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

function newest(paths: readonly string[]): number {
  let latest = 0;
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) continue;
    latest = Math.max(
      latest,
      stat.isDirectory() ? newest(readdirSync(path).map((name) => join(path, name))) : stat.mtimeMs,
    );
  }
  return latest;
}
