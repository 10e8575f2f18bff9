import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld, TestPerson } from '../support/http-world.ts';
import { runCli } from './run-cli.ts';

let http: HttpWorld;
let person: TestPerson;
let doubtful: string;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
  http = await createHttpWorld();
  person = await http.signUp({ credits: 100n });
  const input = { template: 'prompt', prompt: 'In doubt', duration_seconds: 5 };
  ({ id: doubtful } = await person.client.generate({ model: 'studio-standard', input }));
  const { admin } = http.world;
  await admin.query(
    `update holdfast.generation set state = 'outcome_unknown', picked_up_at = holdfast.clock() where id = $1`,
    [doubtful],
  );
  await admin.query(
    `insert into holdfast.attempt (id, generation_id, number, provider_id, token, state)
     values ($1, $2, 1, 'studio', $1, 'submit_unknown')`,
    [newId('att'), doubtful],
  );
});
afterAll(async () => {
  await http.close();
  await rm(directory, { recursive: true });
});

async function holdfast(
  ...args: string[]
): Promise<{ code: number | null; answer: unknown; stderr: string }> {
  const { code, stdout, stderr } = await runCli([...args, '--json'], {
    DATABASE_URL: http.world.adminUrl,
    HOLDFAST_DATA_DIR: directory,
    HOLDFAST_ALLOW_UNSAFE_POSTGRES: 'yes',
  });
  return { code, answer: stdout === '' ? null : JSON.parse(stdout), stderr };
}

test('what is in doubt is listed, resubmitted only with a reason and a confirmation, released, and all of it in the log', async () => {
  expect((await holdfast('unknown')).answer).toMatchObject({ items: [{ generation: doubtful, attempt: 1 }] });
  expect((await holdfast('stuck')).answer).toEqual({ items: [] });
  const hasty = await holdfast('generations', 'resubmit', doubtful, '--reason', 'a test', '--attempt', '1');
  expect(hasty).toMatchObject({ code: 2, stderr: expect.stringContaining('--confirm') as string });
  const late = ['generations', 'resubmit', doubtful, '--reason', 'a test', '--attempt', '7', '--confirm'];
  expect(await holdfast(...late)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('operator_refused') as string,
  });
  expect(await holdfast('generations', 'release', doubtful)).toMatchObject({ code: 2 });
  expect((await holdfast('generations', 'release', doubtful, '--reason', 'it hangs')).answer).toMatchObject({
    generation: doubtful,
    outcome: 'done',
  });
  expect(await person.client.balance()).toMatchObject({ held: 0, available: 200 });
  expect((await holdfast('audit', doubtful)).answer).toMatchObject({
    items: [
      {
        action: 'release',
        reason: 'it hangs',
        outcome: 'done',
        operator: expect.stringMatching(/^cli /) as string,
      },
      { action: 'resubmit', outcome: 'not_in_doubt' },
    ],
  });
});

test('somebody is made an operator, and pardoned', async () => {
  const made = await holdfast('user', 'role', person.email, 'operator', '--reason', 'runs this');
  expect(made.answer).toEqual({ person: person.id, role: 'operator', before: 'creator' });
  const overview = await http.ask('GET', '/api/operator/overview', { headers: { cookie: person.cookie } });
  expect(overview.status).toBe(200);
  expect((await holdfast('user', 'role', person.email, 'king', '--reason', 'no')).code).toBe(1);
  expect((await holdfast('user', 'pardon', person.email, '--reason', 'a mistake')).answer).toEqual({
    person: person.id,
    pardoned: true,
  });
});

test('how many ranges held', async () => {
  expect((await holdfast('generations', 'estimates')).answer).toEqual({ shown: 0, held: 0, percent: null });
});
