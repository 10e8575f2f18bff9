import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'holdfast-demo-'));
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

test('the demo makes two videos, and its receipts and its proof add up', { timeout: 120_000 }, async () => {
  const env = { HOLDFAST_DATA_DIR: join(root, 'demo'), PORT: '0' };
  const { code, stdout, stderr } = await runCli(['demo', '--once', '--json'], env);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.generations).toHaveLength(2);
  for (const made of report.generations) {
    expect(made).toMatchObject({ status: 'succeeded', kind: 'video', width: 720, height: 1280 });
    expect(made.held).toBe(made.captured + made.released);
    expect(made.captured).toBeLessThanOrEqual(made.quoted);
    expect(made.captured).toBe(Math.ceil(made.duration_seconds) * 10);
    expect(statSync(made.path).size).toBeGreaterThan(10_000);
  }
  expect(report.balance).toEqual({ total: 10, held: 0, available: 10 });
  expect(report.verify).toEqual({ violations: 0 });
});

test('a directory with data that no demo made is left alone', async () => {
  const real = join(root, 'real');
  await mkdir(real);
  await writeFile(join(real, 'HOLDFAST'), '');
  await writeFile(join(real, 'precious'), 'data');
  const { code, stderr } = await runCli(['demo', '--once'], { HOLDFAST_DATA_DIR: real, PORT: '0' });
  expect(code).toBe(1);
  expect(stderr).toContain('set HOLDFAST_DATA_DIR to a new directory');
  expect(existsSync(join(real, 'precious'))).toBe(true);
});
