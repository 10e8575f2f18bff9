import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { newToken } from '../ids.ts';
import { fileProblem, PostgresProblem } from './problems.ts';

const marker = 'HOLDFAST';
const harmless = new Set([marker, 'lost+found', '.DS_Store', '.gitkeep', '.gitignore']);

/**
 * Makes the data directory (mode 0700), or checks that it is Holdfast's: a directory with files that Holdfast didn't put
 * there is refused, so that a wrong setting never mixes it with somebody's home. Safe when several processes call it.
 * @returns the absolute path
 */
export function claimDataDirectory(directory: string): string {
  const path = resolve(directory);
  try {
    // In two steps: a recursive mkdir would close the directories above to everybody else too.
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) mkdirSync(path, { recursive: true, mode: 0o700 });
    if (!existsSync(join(path, marker))) {
      const strange = readdirSync(path).find((name) => !harmless.has(name));
      // Another process may have claimed it between the two looks.
      if (strange !== undefined && !existsSync(join(path, marker))) throw foreign(path, strange);
      // In one step, and before anything else: whatever lies here without it is taken for somebody else's.
      closeSync(openSync(join(path, marker), 'a', 0o600));
    }
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw fileProblem(error, path);
  }
  return path;
}

/** The secret in `file` of the data directory, made by whoever asks first; mode 0600. */
export function readOrMakeSecret(dataDirectory: string, file: string): string {
  const path = join(dataDirectory, file);
  try {
    if (!existsSync(path)) writeOnce(path, newToken() + newToken());
    const secret = readFileSync(path, 'utf8').trim();
    if (secret.length >= 32) return secret;
  } catch (error) {
    throw fileProblem(error, path);
  }
  throw new PostgresProblem(
    'postgres_damaged',
    `${path} is cut short: put back its copy from a backup of the directory, or restore a backup into a new HOLDFAST_DATA_DIR.`,
  );
}

/** What root makes in somebody's directory belongs to that somebody, who must still get at it tomorrow. */
export function giveToOwner(dataDirectory: string): void {
  const owner = statSync(dataDirectory);
  if (process.getuid?.() !== 0 || owner.uid === 0) return;
  for (const name of readdirSync(dataDirectory)) {
    const path = join(dataDirectory, name);
    if (lstatSync(path).uid === 0) lchownSync(path, owner.uid, owner.gid);
  }
}

function writeOnce(path: string, content: string): void {
  const draft = `${path}.${newToken()}`;
  try {
    writeFileSync(draft, content, { mode: 0o600 });
    // A link appears whole or not at all, and only for the first.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function foreign(path: string, strange: string): PostgresProblem {
  const what =
    strange === 'PG_VERSION' || existsSync(join(path, 'PG_VERSION'))
      ? "another program's Postgres"
      : `"${strange}"`;
  return new PostgresProblem(
    'data_directory_foreign',
    `${path} holds ${what}, which Holdfast didn't make, so it won't touch it: set HOLDFAST_DATA_DIR to a new or empty directory.`,
  );
}
