import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertPerson } from '../../src/accounts/queries.ts';
import { grantSignUpCredits } from '../../src/credits/commands.ts';
import { readBalance } from '../../src/credits/queries.ts';
import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import { newId } from '../../src/platform/ids.ts';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld } from '../support/http-world.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
});
afterAll(() => http.close());

const request = {
  model: 'studio-standard',
  input: { template: 'prompt', prompt: 'Hello', duration_seconds: 5 },
};

async function person(options: { credits: boolean }): Promise<string> {
  const id = newId('per');
  await insertPerson(http.world.db, { id, name: '' });
  if (options.credits) await grantSignUpCredits(http.context.credits, id);
  return id;
}

function ask(personId: string, key = newId('key')) {
  return acceptGeneration(http.context.generations, { personId, key, request });
}

test('what is asked at the same time shares commits, and each gets its own answer', async () => {
  const people = await Promise.all(Array.from({ length: 12 }, () => person({ credits: true })));
  const asked = [0, 1, 2].flatMap(() => people.map((id) => ({ id, answer: ask(id) })));
  const answers = await Promise.allSettled(asked.map(({ answer }) => answer));
  const accepted = answers.filter((answer) => answer.status === 'fulfilled');
  expect(accepted).toHaveLength(24);
  for (const answer of answers.filter(({ status }) => status === 'rejected')) {
    expect(answer).toMatchObject({ reason: { code: 'insufficient_credits' } });
  }
  for (const id of people) {
    expect(await readBalance(http.context.credits, id)).toMatchObject({
      total: 100n,
      held: 100n,
      available: 0n,
    });
  }
  const { rows } = await http.world.admin.query<{ transactions: number }>(
    'select count(distinct xmin::text)::integer as transactions from holdfast.generation',
  );
  expect(rows[0]?.transactions).toBeLessThan(24);
});

test('one that can not be decided leaves the others as they are', async () => {
  const people = await Promise.all(Array.from({ length: 6 }, () => person({ credits: true })));
  const without = await person({ credits: false });
  const answers = await Promise.allSettled(
    [...people.slice(0, 3), without, newId('per'), ...people.slice(3)].map((id) => ask(id)),
  );
  expect(answers.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
  expect(answers[3]).toMatchObject({ reason: { code: 'insufficient_credits' } });
  for (const id of people) {
    expect(await readBalance(http.context.credits, id)).toMatchObject({ total: 100n, held: 50n });
  }
});

test('one key asked many times at once starts one', async () => {
  const id = await person({ credits: true });
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(id, 'the-same')));
  expect(new Set(answers.map(({ generation }) => generation.id)).size).toBe(1);
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(await readBalance(http.context.credits, id)).toMatchObject({ held: 50n });
});
