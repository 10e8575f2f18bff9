import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { own_packages, parts } from './architecture-rules.ts';
import type { Part } from './architecture-rules.ts';

export interface Report {
  readonly files: number;
  readonly imports: number;
  /** One sentence for each import that goes the wrong way, and for each part in which there is nothing to check. */
  readonly problems: readonly string[];
}

/** Reads every source file below `root` and checks what it imports against the rules. */
export function checkArchitecture(root: string): Report {
  const files = globSync('packages/*/src/**/*.{ts,tsx}', { cwd: root });
  const problems: string[] = [];
  const counts = new Map<string, number>();
  let imports = 0;
  for (const file of files.sort()) {
    const part = partOf(file);
    if (!part) {
      problems.push(`${file} belongs to no part: give its folder a rule in tools/architecture-rules.ts.`);
      continue;
    }
    counts.set(part.name, (counts.get(part.name) ?? 0) + 1);
    for (const wanted of importsOf(readFileSync(join(root, file), 'utf8'))) {
      imports += 1;
      const problem = judge(file, part, wanted);
      if (problem !== undefined) problems.push(`${file} imports ${wanted}: ${problem}`);
    }
  }
  for (const { name, folder } of parts) {
    if (!counts.has(name))
      problems.push(`There is nothing to check in ${folder} (${name}): correct the rules.`);
  }
  return { files: files.length, imports, problems };
}

function partOf(file: string): Part | undefined {
  return (
    parts.find(({ folder }) => folder.endsWith('.ts') && file === folder) ??
    parts.find(({ folder }) => folder.endsWith('/') && file.startsWith(folder))
  );
}

function judge(file: string, part: Part, wanted: string): string | undefined {
  if (wanted.startsWith('.')) return judgePart(part, partOf(join(dirname(file), wanted)));
  if (isBuiltin(wanted)) return part.node ? undefined : `${part.name} also runs in browsers.`;
  const own = Object.entries(own_packages).find(([name]) => wanted === name || wanted.startsWith(`${name}/`));
  if (own)
    return judgePart(
      part,
      parts.find(({ name }) => name === own[1]),
    );
  if (part.packages === 'any') return undefined;
  const name = wanted
    .split('/')
    .slice(0, wanted.startsWith('@') ? 2 : 1)
    .join('/');
  return part.packages.includes(name)
    ? undefined
    : `${part.name} may use no package but ${part.packages.join(', ') || 'Node'}.`;
}

function judgePart(part: Part, other: Part | undefined): string | undefined {
  // What is no source of ours, such as package.json or a folder of SQL, is nobody's business.
  if (!other) return undefined;
  const name = other.within ?? other.name;
  if (name === (part.within ?? part.name) || part.may.includes(name)) return undefined;
  return `${part.name} may import only ${part.may.join(', ') || 'itself'}.`;
}

const patterns = [
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
  /\bimport\.meta\.resolve\(\s*['"]([^'"]+)['"]/g,
];

export function importsOf(source: string): string[] {
  return patterns.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1] ?? ''));
}

function main(): void {
  const root = join(import.meta.dirname, '..');
  const { files, imports, problems } = checkArchitecture(root);
  for (const problem of problems) console.error(problem);
  console.log(
    `${relative(root, import.meta.filename)}: ${imports} imports in ${files} files, ${problems.length} go the wrong way.`,
  );
  if (problems.length > 0) process.exitCode = 1;
}

if (process.argv[1] === import.meta.filename) main();
