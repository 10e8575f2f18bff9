import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
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

function tiers(...args: string[]) {
  return runCli(['tiers', ...args], {
    DATABASE_URL: world.adminUrl,
    HOLDFAST_DATA_DIR: directory,
    HOLDFAST_ALLOW_UNSAFE_POSTGRES: 'yes',
  });
}

test('an operator makes a tier, edits one limit of it, and puts a person into it', async () => {
  const person = newId('per');
  await world.db.query('insert into holdfast.person (id) values ($1)', [person]);
  const made = await tiers(
    'set',
    'pro',
    '--name',
    'Pro',
    '--priority',
    '3',
    '--video-cooldown',
    '0',
    '--json',
  );
  expect(JSON.parse(made.stdout)).toMatchObject({ id: 'pro', priority: 3, videoCooldownSeconds: 0 });
  await tiers('set', 'pro', '--max-running', '12');
  await tiers('set', 'pro', '--video-cooldown', 'setting');
  await tiers('assign', person, 'pro');
  const { stdout } = await tiers('list', '--json');
  expect(JSON.parse(stdout).tiers).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: 'free', people: 0, maxRunning: null }),
      expect.objectContaining({
        id: 'pro',
        name: 'Pro',
        priority: 3,
        maxRunning: 12,
        videoCooldownSeconds: null,
        people: 1,
      }),
    ]),
  );
});

test('what makes no sense is refused', async () => {
  expect((await tiers('set', 'Pro', '--json')).stderr).toContain('tier_id_invalid');
  expect((await tiers('set', 'pro', '--priority', '11')).code).toBe(2);
  expect((await tiers('assign', newId('per'), 'pro')).code).toBe(1);
});
