import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clearAlert, raiseAlert } from '../../src/alerts/commands.ts';
import { openCircuit } from '../../src/providers/health/circuits.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { runCli } from './run-cli.ts';

let world: World;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
  world = await createWorld();
});

afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true });
});

function holdfast(...args: string[]) {
  return runCli(args, {
    DATABASE_URL: world.adminUrl,
    HOLDFAST_DATA_DIR: directory,
    HOLDFAST_ALLOW_UNSAFE_POSTGRES: 'yes',
    KIE_API_KEY: 'a-key-for-tests',
  });
}

async function json(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await holdfast(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

test('an operator switches a provider off and on, caps and limits it, and sees it all', async () => {
  expect(await json('providers', 'pause', 'kie', '--reason', 'Maintenance')).toEqual({
    provider: 'kie',
    paused_reason: 'Maintenance',
  });
  await json('providers', 'cap', 'kie', '25.50', '--reason', 'A quiet week');
  await json('providers', 'limit', 'kie', '--running', '40', '--submits', '10/5', '--alert-below', '20');
  await openCircuit(world, { providerId: 'kie', providerModel: '' }, { reason: 'balance', detail: '402' });
  const listed = await json('providers', 'list');
  expect(listed).toMatchObject({
    providers: [
      {
        id: 'kie',
        paused_reason: 'Maintenance',
        daily_cap_usd: 25.5,
        max_running: 40,
        alert_below_usd: 20,
        limits: { submit: { count: 10, seconds: 5 }, status: null },
        circuits: [{ model: '', reason: 'balance' }],
        spent_today_usd: 0,
      },
      { id: 'studio', paused_reason: null, daily_cap_usd: null, circuits: [] },
    ],
  });
  expect(await json('providers', 'retry', 'kie')).toMatchObject({ closed: true });
  await json('providers', 'cap', 'kie', 'none');
  await json('providers', 'limit', 'kie', '--running', 'none', '--submits', 'default');
  expect(await json('providers', 'resume', 'kie')).toMatchObject({ paused_reason: null });
  await json('models', 'set-cost', 'kie-z-image', '0.005', '--source', 'https://kie.ai/pricing');
  const { items } = (await json('audit')) as { items: Record<string, unknown>[] };
  expect(items.map(({ action, subject, reason }) => [action, subject, reason])).toEqual([
    ['set_cost', 'kie-z-image', 'no reason given'],
    ['resume_provider', 'kie', 'no reason given'],
    ['limit_provider', 'kie', 'no reason given'],
    ['cap_provider', 'kie', 'no reason given'],
    ['retry_provider', 'kie', 'no reason given'],
    ['limit_provider', 'kie', 'no reason given'],
    ['cap_provider', 'kie', 'A quiet week'],
    ['pause_provider', 'kie', 'Maintenance'],
  ]);
  expect(items.every(({ operator }) => String(operator).startsWith('cli '))).toBe(true);
  const { stdout } = await holdfast('providers', 'list');
  expect(stdout).toMatch(/kie +well +0 +0 +- +- +\$0\.00 +- +- +20\/10s +-/);
});

test('what is wrong is said, and nothing is changed', async () => {
  expect(await holdfast('providers', 'pause', 'nobody', '--reason', 'because')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no provider "nobody"') as string,
  });
  expect((await holdfast('providers', 'cap', 'kie', 'much')).code).toBe(2);
  expect((await holdfast('providers', 'limit', 'kie', '--submits', '20')).code).toBe(2);
  expect((await holdfast('providers', 'pause', 'kie')).code).toBe(2);
  expect((await holdfast('models', 'set-cost', 'kie-z-image', 'much', '--source', 'a page')).code).toBe(2);
  expect((await holdfast('models', 'set-cost', 'kie-z-image', '1')).code).toBe(2);
  expect((await holdfast('models', 'withdraw', 'nothing')).code).toBe(1);
  const { items } = (await json('audit', 'nothing')) as { items: unknown[] };
  expect(items).toEqual([]);
});

test('alerts are listed, open ones first', async () => {
  await raiseAlert(world, { key: 'a', severity: 'warning', title: 'First', detail: 'One.' });
  await clearAlert(world, 'a');
  await raiseAlert(world, { key: 'b', severity: 'critical', title: 'Second', detail: 'Two.' });
  const { stdout } = await holdfast('alerts');
  expect(stdout).toMatch(/^1 open:\n\nSecond {2}\[critical\]/);
  expect(stdout).toContain('First  [over since');
  expect(await json('alerts', '--last', '1')).toMatchObject({
    open: 1,
    alerts: [{ key: 'b', link: 'http://127.0.0.1:8000/operator?alert=b' }],
  });
});
