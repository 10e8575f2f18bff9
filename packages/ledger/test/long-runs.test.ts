import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { rulesTable } from './support/rules-table.ts';

const run = promisify(execFile);
const cwd = fileURLToPath(new URL('../../..', import.meta.url));

async function json(...args: string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, args, { cwd });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

// A few minutes of what `npm run test:model` and `npm run test:kill` do for as long as asked.
test('two minutes of random histories: no difference from the model', { timeout: 420_000 }, async () => {
  const program = [
    'tools/with-postgres.ts',
    '--quick',
    'packages/ledger/test/run-model.ts',
    '--minutes',
    '2',
  ];
  const found = await json(...program, '--commands', '1000000', '--seed', '7');
  expect(found).toMatchObject({ differences: 0, commands: expect.any(Number) });
});

test('forty kills lose nothing', { timeout: 420_000 }, async () => {
  const args = ['tools/with-postgres.ts', 'packages/ledger/test/run-kill.ts', '--kills', '40', '--seed', '7'];
  expect(await json(...args)).toMatchObject({ kills: 40, acknowledged_lost: 0, violations: 0 });
});

test('some of the mutants are seen to break their rules', { timeout: 180_000 }, async () => {
  expect(await json('packages/ledger/test/run-mutants.ts', '--every', '9')).toMatchObject({ survived: [] });
});

test('the table of rules is the list of mutants', async () => {
  // the formatter aligns the columns
  const plain = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
  const written = await readFile(new URL('../docs/rules.md', import.meta.url), 'utf8');
  expect(plain(written)).toBe(plain(rulesTable()));
});
