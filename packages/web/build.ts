import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

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
  const vite = viteProgram();
  if (vite === null) {
    if (builtAt > 0) return { dist: webDist, built: false };
    throw new Error(
      'The web app is not built and vite is not installed. Run "npm ci" with development dependencies, then "npm run build -w packages/web".',
    );
  }
  await buildWith(vite);
  return { dist: webDist, built: true };
}

function viteProgram(): string | null {
  try {
    return join(dirname(fileURLToPath(import.meta.resolve('vite/package.json'))), 'bin', 'vite.js');
  } catch {
    return null;
  }
}

/** In a process of its own, so that the caller's NODE_ENV (a test's, say) doesn't decide what is built. */
async function buildWith(vite: string): Promise<void> {
  const fresh = await mkdtemp(join(root, '.dist-'));
  const old = `${fresh}-old`;
  try {
    await promisify(execFile)(
      process.execPath,
      [vite, 'build', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn'],
      { cwd: root, env: { ...process.env, NODE_ENV: 'production' } },
    );
    // A build of another process may come between these renames: it is as good as ours.
    await rename(webDist, old).catch(unless('ENOENT'));
    await rename(fresh, webDist).catch(unless('ENOTEMPTY', 'EEXIST'));
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

function unless(...codes: string[]): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
  };
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
