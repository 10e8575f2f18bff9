import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutants, type Mutant } from './support/mutants.ts';

/**
 * `npm run test:mutants`: breaks one rule at a time and wants the rule's test to fail. Prints `{mutants, killed, survived}`.
 * `-- --only name,name` runs some, `-- --every N` each Nth.
 */
const { values } = parseArgs({
  options: { only: { type: 'string' }, every: { type: 'string', default: '1' } },
});
const only = values.only?.split(',');
const chosen = mutants.filter(
  (mutant, index) => (only === undefined || only.includes(mutant.name)) && index % Number(values.every) === 0,
);
const root = fileURLToPath(new URL('../../..', import.meta.url));

type Report = { numPassedTests: number; numFailedTests: number; testResults: { message?: string }[] };

/** True where the tests of this file whose names begin so pass. */
async function passes([file, name]: Mutant['test'], mutant: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'mutant-'));
  const report = join(folder, 'report.json');
  const path = `packages/ledger/test/${file}`;
  const args = ['run', path, '-t', name, '--reporter', 'json', '--outputFile', report];
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], {
    cwd: root,
    stdio: 'ignore',
    env: { ...process.env, LEDGER_MUTANT: mutant },
  });
  await once(child, 'exit');
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(
    await readFile(report, 'utf8'),
  ) as Report;
  await rm(folder, { recursive: true });
  if (numPassedTests + numFailedTests === 0) {
    throw new Error(`${mutant}: nothing was tested: ${testResults.map(({ message }) => message).join(' ')}`);
  }
  return numFailedTests === 0;
}

const survived: string[] = [];
for (const [index, mutant] of chosen.entries()) {
  if (await passes(mutant.test, mutant.name)) survived.push(mutant.name);
  if (process.stderr.isTTY) process.stderr.write(`\r${index + 1} of ${chosen.length}`);
}
console.log(JSON.stringify({ mutants: chosen.length, killed: chosen.length - survived.length, survived }));
process.exitCode = survived.length === 0 ? 0 : 1;
