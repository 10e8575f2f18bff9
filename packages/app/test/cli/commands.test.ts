import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld, TestPerson } from '../support/http-world.ts';
import { runCli } from './run-cli.ts';

let world: HttpWorld;
let person: TestPerson;
let generation: string;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
  world = await createHttpWorld();
  person = await world.signUp();
  const accepted = await person.client.generate({
    model: 'studio-standard',
    input: { template: 'prompt', prompt: 'For the supporter', duration_seconds: 5 },
  });
  generation = accepted.id;
});

afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true });
});

function holdfast(...args: string[]) {
  return runCli(args, {
    DATABASE_URL: world.world.adminUrl,
    HOLDFAST_DATA_DIR: directory,
    HOLDFAST_ALLOW_UNSAFE_POSTGRES: 'yes',
  });
}

test('user show finds a person by mail, by id and by generation, and its balance adds up', async () => {
  for (const hint of [person.email, person.id, generation]) {
    const { code, stdout } = await holdfast('user', 'show', hint, '--json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.person.id).toBe(person.id);
    expect(report.balance).toMatchObject({ total: 100, held: 50, available: 50, debt: 0 });
    expect(report.lots).toMatchObject([{ granted: 100, remaining: 100, held: 50 }]);
    expect(report.holds).toMatchObject([{ amount: 50, generation }]);
    expect(report.generations).toMatchObject([{ id: generation, status: 'queued' }]);
  }
  const { stdout } = await holdfast('user', 'show', person.email);
  expect(stdout).toContain('Balance: 50 available = 100 total - 50 held - 0 debt');
});

test('user show finds a person by a payment', async () => {
  const { ledger } = world.context.credits;
  const payment = { id: 'cs_test_1', paid: 990n };
  await ledger.grant({ account: person.id, key: 'order 1', amount: 0n, payment });
  const { stdout } = await holdfast('user', 'show', 'cs_test_1', '--json');
  expect(JSON.parse(stdout).person.id).toBe(person.id);
  expect((await holdfast('user', 'show', 'cs_test_2')).stderr).toContain('Nobody is known by the payment');
});

test('credits grant keeps its reason, and with a key grants once', async () => {
  const grant = ['credits', 'grant', person.email, '30', '--reason', 'sorry', '--key', 'support:1', '--json'];
  const first = JSON.parse((await holdfast(...grant)).stdout);
  const second = JSON.parse((await holdfast(...grant)).stdout);
  expect([first.replayed, second.replayed]).toEqual([false, true]);
  expect(second.lot).toBe(first.lot);
  expect(second.balance.total).toBe(130);
  const other = await holdfast(
    'credits',
    'grant',
    person.email,
    '31',
    '--reason',
    'sorry',
    '--key',
    'support:1',
  );
  expect(other.code).toBe(1);
  expect(other.stderr).toContain('support:1');
});

test('generations show tells the receipt and the attempts; ledger verify proves the account', async () => {
  const shown = await holdfast('generations', 'show', generation);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain('quoted 50, held 50, captured 0, released 0');
  const verified = await holdfast('ledger', 'verify', person.id, '--json');
  expect(verified.code).toBe(0);
  expect(JSON.parse(verified.stdout)).toMatchObject({ accounts: 1, violations: 0 });
});

test('migrate and config answer; help is not an error', async () => {
  expect((await holdfast('migrate')).code).toBe(0);
  const { stdout } = await holdfast('config', '--json');
  expect(JSON.parse(stdout).map((line: { variable: string }) => line.variable)).toContain('DATABASE_URL');
  expect((await holdfast('--help')).code).toBe(0);
});

test.each([
  ['an unknown command', ['frobnicate'], 2, 'unknown command'],
  ['a missing argument', ['user', 'show'], 2, 'missing required argument'],
  ['nobody', ['user', 'show', 'nobody@example.com'], 1, 'Nobody is known by the mail address'],
  ['a Telegram id of nobody', ['user', 'show', '123456789'], 1, 'Telegram id'],
  ['a generation that is none', ['generations', 'show', 'gen_1'], 1, 'There is no generation'],
  ['no reason', ['credits', 'grant', 'x@example.com', '1'], 2, '--reason'],
  ['an empty reason', ['credits', 'grant', 'x@example.com', '1', '--reason', ' '], 1, '--reason'],
  ['an amount in words', ['credits', 'grant', 'x@example.com', 'ten', '--reason', 'x'], 1, 'whole number'],
  [
    'a negative amount',
    ['credits', 'grant', 'x@example.com', '--reason', 'x', '--', '-5'],
    1,
    'whole number',
  ],
  ['a fraction', ['credits', 'grant', 'x@example.com', '1.5', '--reason', 'x'], 1, 'whole number'],
  ['too much', ['credits', 'grant', 'x@example.com', '1000001', '--reason', 'x'], 1, '1000000'],
  ['a backup that is none', ['restore', '/nonexistent/backup'], 1, '/nonexistent/backup'],
])('%s is refused in a sentence, and nothing is granted', async (_what, args, code, sentence) => {
  const before = await person.client.balance();
  const result = await holdfast(...args);
  expect(result.code).toBe(code);
  expect(result.stderr).toContain(sentence);
  expect(result.stderr).not.toContain('    at ');
  expect((await person.client.balance()).total).toBe(before.total);
});
