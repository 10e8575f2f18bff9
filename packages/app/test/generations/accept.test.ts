import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptGeneration, generateAgain } from '../../src/generations/accept/accept.ts';
import { createQuote } from '../../src/generations/accept/quote.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { expectInvariants } from './invariants.ts';
import { createPipeline, scriptedModel } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

let world: World;
let pipeline: Pipeline;
const provider = createScriptedProvider({ url: 'http://127.0.0.1:9' });
const model = scriptedModel.id;
const input = { prompt: 'a test', duration_seconds: 5 };

beforeAll(async () => {
  world = await createWorld();
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    clock: world.clock,
    providers: [provider],
  });
});

afterAll(async () => {
  await expectInvariants(world.admin, pipeline);
  await pipeline.close();
  await world.close();
});

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

describe('credit', () => {
  test('50 requests at once with credit for 3: exactly 3 are accepted, nothing is over-held', async () => {
    const person = await pipeline.person(150n);
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => pipeline.ask(person)));
    const refused = answers.filter((answer) => answer.status === 'rejected').map((answer) => answer.reason);
    expect(refused).toHaveLength(47);
    for (const reason of refused) {
      expect(reason).toMatchObject({
        code: 'insufficient_credits',
        data: { total: '150', held: '150', available: '0', required: '50', shortfall: '50' },
      });
    }
    expect(await pipeline.balance(person)).toMatchObject({ total: 150n, held: 150n, available: 0n });
  });

  test('255 credits, two requests of 130: the second is refused with total, held, available and required', async () => {
    const person = await pipeline.person(255n);
    const first = await createQuote(pipeline.deps, {
      personId: person,
      model,
      input: { ...input, duration_seconds: 13 },
    });
    expect(first).toMatchObject({ credits: 130n, sufficient: true, shortfall: 0n });
    await pipeline.ask(person, { seconds: 13 });
    await expect(pipeline.ask(person, { seconds: 13 })).rejects.toMatchObject({
      code: 'insufficient_credits',
      data: { total: '255', held: '130', available: '125', required: '130', shortfall: '5' },
    });
  });

  test('a person without an account is told that there is no credit', async () => {
    const person = await pipeline.person(0n);
    await expect(pipeline.ask(person)).rejects.toMatchObject({
      code: 'insufficient_credits',
      data: { total: '0', available: '0' },
    });
  });
});

describe('the idempotency key', () => {
  test('a retry gets the first answer and holds nothing more', async () => {
    const person = await pipeline.person(100n);
    const command = { personId: person, key: 'one', request: { model, input } };
    const first = await acceptGeneration(pipeline.deps, command);
    const reordered = { input: { duration_seconds: 5, prompt: 'a test' }, model };
    const second = await acceptGeneration(pipeline.deps, { ...command, request: reordered });
    expect(second).toMatchObject({ replayed: true, generation: { id: first.generation.id } });
    expect(await pipeline.balance(person)).toMatchObject({ held: 50n });
  });

  test('20 retries at once are one generation', async () => {
    const person = await pipeline.person(1_000n);
    const ids = await Promise.all(Array.from({ length: 20 }, () => pipeline.ask(person, { key: 'same' })));
    expect(new Set(ids).size).toBe(1);
    expect(await pipeline.balance(person)).toMatchObject({ held: 50n });
  });

  test('another request under the same key is a conflict', async () => {
    const person = await pipeline.person(100n);
    await pipeline.ask(person, { key: 'one' });
    await expect(pipeline.ask(person, { key: 'one', seconds: 6 })).rejects.toEqual(
      code('idempotency_conflict'),
    );
  });

  test("another person's key is another key", async () => {
    const [one, two] = [await pipeline.person(100n), await pipeline.person(100n)];
    expect(await pipeline.ask(one, { key: 'one' })).not.toBe(await pipeline.ask(two, { key: 'one' }));
  });

  test('a refusal for lack of credit stays refused under its key, and a new key is a new attempt', async () => {
    const person = await pipeline.person(10n);
    await expect(pipeline.ask(person, { key: 'one' })).rejects.toMatchObject({ data: { available: '10' } });
    await pipeline.deps.credits.ledger.grant({ account: person, key: 'more', amount: 100n });
    await expect(pipeline.ask(person, { key: 'one' })).rejects.toMatchObject({ data: { available: '10' } });
    expect(await pipeline.ask(person, { key: 'two' })).toMatch(/^gen_/);
  });
});

describe('the order of checks: input, replay, cooldown, concurrency, credit', () => {
  const strict = { cooldownSeconds: 180, maxActivePerPerson: 1 };

  test('each is told only when those before it are passed', async () => {
    const person = await pipeline.person(60n);
    const deps = { ...pipeline.deps, settings: { ...pipeline.deps.settings, ...strict } };
    const ask = (key: string, seconds: number) =>
      acceptGeneration(deps, {
        personId: person,
        key,
        request: { model, input: { ...input, duration_seconds: seconds } },
      });
    await ask('one', 5);
    await expect(ask('one', 500)).rejects.toEqual(code('input_out_of_range'));
    await expect(ask('one', 5)).resolves.toMatchObject({ replayed: true });
    await expect(ask('two', 5)).rejects.toMatchObject({
      code: 'cooldown',
      data: { retry_after_seconds: 180, kind: 'video' },
      message:
        'Please wait 3 minutes before starting another video generation. This keeps your credits in step and prevents duplicate charges.',
    });
    await world.clock.advance('100 seconds');
    await expect(ask('two', 5)).rejects.toMatchObject({ message: expect.stringContaining('wait 2 minutes') });
    await world.clock.advance('81 seconds');
    await expect(ask('two', 5)).rejects.toMatchObject({
      code: 'too_many_generations',
      data: { active: 1, limit: 1 },
    });
    await expect(pipeline.ask(person)).rejects.toEqual(code('insufficient_credits'));
  });

  test('an answer to wait is not remembered: the same key works when the time has come', async () => {
    const person = await pipeline.person(100n);
    const deps = { ...pipeline.deps, settings: { ...pipeline.deps.settings, cooldownSeconds: 60 } };
    const request = { model, input };
    await acceptGeneration(deps, { personId: person, key: 'one', request });
    const again = { personId: person, key: 'two', request };
    await expect(acceptGeneration(deps, again)).rejects.toEqual(code('cooldown'));
    await world.clock.advance('61 seconds');
    await expect(acceptGeneration(deps, again)).resolves.toMatchObject({ replayed: false });
  });
});

describe('a quote', () => {
  test("of another person's is nobody's", async () => {
    const [one, two] = [await pipeline.person(100n), await pipeline.person(100n)];
    const quote = await createQuote(pipeline.deps, { personId: one, model, input });
    const command = { personId: two, key: 'stolen', request: { quote: quote.id } };
    await expect(acceptGeneration(pipeline.deps, command)).rejects.toEqual(code('not_found'));
  });
});

describe('what is refused holds nothing', () => {
  test.each([
    [{ prompt: 'x', duration_seconds: 0 }, 'input_out_of_range', 'duration_seconds'],
    [{ prompt: 'x', duration_seconds: 1_000 }, 'input_out_of_range', 'duration_seconds'],
    [{ prompt: 'x', duration_seconds: Number.NaN }, 'input_out_of_range', 'duration_seconds'],
    [{ prompt: 'x', duration_seconds: 4.5 }, 'input_out_of_range', 'duration_seconds'],
    [{ prompt: '   ' }, 'input_required', 'prompt'],
    [{ prompt: 'x'.repeat(201) }, 'input_too_long', 'prompt'],
    [{ prompt: 'x', style: 'none' }, 'input_unknown', 'style'],
    [{ prompt: 'x', aspect_ratio: '16:9' as const }, 'input_not_offered', 'aspect_ratio'],
    [{ prompt: 'x', template: 'reels' }, 'input_not_offered', 'template'],
    [{ prompt: 'x', seed: -1 }, 'input_out_of_range', 'seed'],
  ])('%j: %s', async (wrong, wanted, field) => {
    const person = await pipeline.person(100n);
    const command = { personId: person, key: 'one', request: { model, input: wrong } };
    await expect(acceptGeneration(pipeline.deps, command)).rejects.toMatchObject({
      code: wanted,
      data: { field },
    });
    expect(await pipeline.balance(person)).toMatchObject({ held: 0n, available: 100n });
  });

  test('an unknown model, and one whose provider is not here', async () => {
    const person = await pipeline.person(100n);
    const unknown = { personId: person, key: 'one', request: { model: 'nothing', input } };
    await expect(acceptGeneration(pipeline.deps, unknown)).rejects.toEqual(code('not_found'));
    const elsewhere = await createPipeline({ db: world.db, log: world.log, providers: [] });
    const known = { personId: person, key: 'one', request: { model, input } };
    await expect(acceptGeneration(elsewhere.deps, known)).rejects.toEqual(code('model_unavailable'));
    await elsewhere.close();
    expect(await pipeline.balance(person)).toMatchObject({ held: 0n });
  });
});

test('again: the same inputs, once per key', async () => {
  const person = await pipeline.person(100n);
  const id = await pipeline.ask(person);
  const command = { personId: person, key: 'again', generationId: id };
  const first = await generateAgain(pipeline.deps, command);
  expect(first.generation).toMatchObject({ input: { prompt: 'a test', duration_seconds: 5 } });
  expect(first.generation.id).not.toBe(id);
  await expect(generateAgain(pipeline.deps, command)).resolves.toMatchObject({
    replayed: true,
    generation: { id: first.generation.id },
  });
  const other = await pipeline.person(100n);
  const stolen = { personId: other, key: 'again', generationId: id };
  await expect(generateAgain(pipeline.deps, stolen)).rejects.toEqual(code('not_found'));
});
