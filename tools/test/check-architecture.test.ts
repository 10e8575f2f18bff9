import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parts } from '../architecture-rules.ts';
import { checkArchitecture, importsOf } from '../check-architecture.ts';

let root: string;

/** A repository in which every part has one file that imports nothing. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-architecture-'));
  for (const { folder } of parts) write(folder.endsWith('.ts') ? folder : `${folder}here.ts`, '');
});

afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, source: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), source);
}

test('this repository holds to its rules', () => {
  const report = checkArchitecture(join(import.meta.dirname, '../..'));
  expect(report.problems).toEqual([]);
  expect(report.files).toBeGreaterThan(100);
  expect(report.imports).toBeGreaterThan(300);
});

test.each([
  ['packages/app/src/http/generations.ts', '../worker/worker.ts', 'a door another door'],
  ['packages/app/src/generations/accept/accept.ts', '../../http/server.ts', 'a domain a door'],
  ['packages/app/src/accounts/sign-up.ts', '../credits/commands.ts', 'against the order of domains'],
  [
    'packages/app/src/providers/studio/render.ts',
    '../../generations/catalogue/model.ts',
    'a provider what it must not know',
  ],
  ['packages/app/src/generations/end/settle.ts', '@holdfast/ledger', 'the ledger past credits'],
  ['packages/app/src/platform/database.ts', '../credits/queries.ts', 'platform a domain'],
  ['packages/app/src/platform/database.ts', '@holdfast/ledger', 'platform the ledger'],
  ['packages/app/src/generations/accept/accept.ts', '@holdfast/client', 'a domain the contract of HTTP'],
  ['packages/web/src/main.tsx', '../../app/src/platform/ids.ts', 'the web app the server'],
  ['packages/web/src/main.tsx', '@holdfast/ledger', 'the web app the ledger'],
  ['packages/client/src/client.ts', 'node:fs', 'the client what browsers lack'],
  ['packages/ledger/src/ledger.ts', 'pg', 'the ledger a dependency'],
])('a planted wrong import fails: %s imports %s (%s)', (file, wanted) => {
  write(file, `import { something } from '${wanted}';\n`);
  const { problems } = checkArchitecture(root);
  expect(problems).toEqual([expect.stringContaining(`${file} imports ${wanted}: `)]);
});

test('right imports pass', () => {
  write(
    'packages/app/src/http/server.ts',
    `import { a } from '../generations/a.ts';\nimport type { B } from '@holdfast/client';`,
  );
  write('packages/app/src/credits/b.ts', `import { createLedger } from '@holdfast/ledger';`);
  write('packages/app/src/platform/backup/restore.ts', `import { createLedger } from '@holdfast/ledger';`);
  write('packages/app/src/cli/backup.ts', `import { restore } from '../platform/backup/restore.ts';`);
  write('packages/client/src/c.ts', `import { z } from 'zod/mini';`);
  expect(checkArchitecture(root)).toMatchObject({ imports: 6, problems: [] });
});

test('it can never pass with nothing to check', () => {
  rmSync(join(root, 'packages/app/src/generations'), { recursive: true });
  expect(checkArchitecture(root).problems).toEqual([
    'There is nothing to check in packages/app/src/generations/ (generations): correct the rules.',
  ]);
  expect(checkArchitecture(join(root, 'packages/app')).problems).toHaveLength(parts.length);
});

test('every way to import is seen', () => {
  const source = [
    `import a from './a.ts';`,
    `import type {\n  B,\n  C,\n} from './b.ts';`,
    `export { d } from './d.ts';`,
    `export * from './e.ts';`,
    `import './f.css';`,
    `const g = await import('./g.ts');`,
    `import h, { type I } from "./h.ts";`,
  ].join('\n');
  expect(importsOf(source).sort()).toEqual([
    './a.ts',
    './b.ts',
    './d.ts',
    './e.ts',
    './f.css',
    './g.ts',
    './h.ts',
  ]);
});
