import { readFile, readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Example } from '../examples/example.ts';
import { createTestLedger, type TestLedger } from './support/database.ts';

const folder = new URL('../examples/', import.meta.url);
const names = (await readdir(folder)).filter((name) => name.endsWith('.ts') && name !== 'example.ts');
let t: TestLedger;

beforeAll(async () => {
  t = await createTestLedger(inject('adminUrl'), { clock: false });
});
afterAll(() => t.close());

test.each(names)('%s prints what is recorded beside it', { timeout: 60_000 }, async (name) => {
  const { example } = (await import(new URL(name, folder).href)) as { example: Example };
  const lines: string[] = [];
  await example({ pool: t.admin, url: t.appUrl, ledger: t.ledger, print: (line) => lines.push(line) });
  const recorded = await readFile(new URL(name.replace('.ts', '.txt'), folder), 'utf8');
  expect(`${lines.join('\n')}\n`).toBe(recorded);
});
