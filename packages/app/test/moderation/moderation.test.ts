import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inLocale } from '../../src/generations/deps.ts';
import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import type { GenerationDeps } from '../../src/generations/deps.ts';
import { createHttpModerator } from '../../src/moderation/http.ts';
import type { Moderation } from '../../src/moderation/port.ts';
import { createWordList } from '../../src/moderation/word-list.ts';
import { listActions } from '../../src/operations/operator-log.ts';
import { pardonPerson } from '../../src/operations/operator-actions.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { createPipeline } from '../generations/pipeline.ts';
import type { Pipeline } from '../generations/pipeline.ts';
import { untilFinal } from '../generations/until.ts';
import { film } from '../providers/media-files.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { startScriptedService } from '../providers/scripted/server.ts';
import type { ScriptedService } from '../providers/scripted/server.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
let pipeline: Pipeline;
let service: ScriptedService;
let ask: (personId: string, prompt: string, key: string, locale?: 'ru') => Promise<unknown>;

async function start(moderation: Moderation): Promise<GenerationDeps> {
  service = await startScriptedService({ file: await film(5) });
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    providers: [createScriptedProvider({ url: service.url })],
  });
  const deps = { ...pipeline.deps, moderation };
  ask = async (personId, prompt, key, locale) => {
    const request = { model: 'scripted-video', input: { prompt, duration_seconds: 5 } };
    const speaking = locale === undefined ? deps : inLocale(deps, locale);
    return (await acceptGeneration(speaking, { personId, key, request })).generation;
  };
  return deps;
}

beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await service.close();
  await pipeline.close();
  await world.close();
});

describe('a word list', () => {
  test('refuses before anything is held, in words of its own, and doesn’t say which word it was', async () => {
    await start({ moderators: [createWordList(['gun'])], strikesPerDay: 0 });
    const ada = await pipeline.person(500n);
    await expect(ask(ada, 'A gun', 'one')).rejects.toMatchObject({
      code: 'moderation_refused',
      message:
        'This is declined by our content rules. Please change the words or the photo. You were not charged.',
    });
    await expect(ask(ada, 'A gun', 'two', 'ru')).rejects.toThrow(/^Запрос отклонён нашими правилами/);
    expect(await pipeline.balance(ada)).toMatchObject({ available: 500n, held: 0n });
    expect(await ask(ada, 'A rose', 'three')).toMatchObject({ status: 'queued' });
  });

  test('too many refusals in a day pause new requests, a retry of one is none, and an operator’s pardon ends it', async () => {
    const deps = await start({ moderators: [createWordList(['gun'])], strikesPerDay: 3 });
    const ada = await pipeline.person(500n);
    const first = await ask(ada, 'A rose', 'before');
    for (const key of ['one', 'one', 'one', 'two']) {
      await expect(ask(ada, 'A gun', key)).rejects.toMatchObject({ code: 'moderation_refused' });
    }
    expect(await ask(ada, 'A rose', 'still')).toMatchObject({ status: 'queued' });
    await expect(ask(ada, 'A gun', 'three')).rejects.toMatchObject({ code: 'moderation_refused' });
    await expect(ask(ada, 'A rose', 'four')).rejects.toMatchObject({
      code: 'moderation_paused',
      message:
        'Several requests of yours were declined by our content rules, so new ones are paused for 24 hours. You were not charged.',
      data: { retry_after_seconds: expect.any(Number) as number },
    });
    // What was answered before keeps its answer.
    expect(await ask(ada, 'A rose', 'before')).toMatchObject({ id: (first as { id: string }).id });
    expect(await ask(await pipeline.person(500n), 'A rose', 'four')).toMatchObject({ status: 'queued' });

    const operations = { db: world.db, credits: deps.credits, generations: deps };
    await pardonPerson(operations, { operator: 'cli ada', reason: 'a misunderstanding' }, ada);
    expect(await ask(ada, 'A rose', 'four')).toMatchObject({ status: 'queued' });
    expect(await listActions(world.db, { subject: ada, limit: 5 })).toMatchObject([{ action: 'forgive' }]);
  });

  test('a pause ends by itself a day later', async () => {
    await start({ moderators: [createWordList(['gun'])], strikesPerDay: 1 });
    const ada = await pipeline.person(500n);
    await expect(ask(ada, 'A gun', 'one')).rejects.toMatchObject({ code: 'moderation_refused' });
    await expect(ask(ada, 'A rose', 'two')).rejects.toMatchObject({ code: 'moderation_paused' });
    await world.clock.advance('25 hours');
    expect(await ask(ada, 'A rose', 'two')).toMatchObject({ status: 'queued' });
  });
});

describe('a service', () => {
  type Answer = { status?: number; body: string } | 'silence';
  let answers: Answer[] = [];
  let asked: unknown[] = [];
  let moderator: { url: string; close: () => Promise<void> };
  let worker: Worker | null = null;

  beforeEach(async () => {
    asked = [];
    const server = createServer((request, response) => {
      const answerIt = async (): Promise<void> => {
        const body = await json(request);
        asked.push({ ...(body as object), authorization: request.headers.authorization });
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer === undefined || answer === 'silence') return;
        response.writeHead(answer.status ?? 200).end(answer.body);
      };
      void answerIt();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    moderator = {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/check`,
      close: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  });
  afterEach(async () => {
    await worker?.stop();
    await moderator.close();
  });

  async function work(
    whenUnreachable: 'allow' | 'wait',
    timeoutMs = 2_000,
    strikesPerDay = 0,
  ): Promise<void> {
    const http = createHttpModerator({
      url: moderator.url,
      token: 'a token of ours',
      timeoutMs,
      whenUnreachable,
      log: world.log,
    });
    const deps = await start({ moderators: [http], strikesPerDay });
    worker = await startWorker(deps, { databaseUrl: world.appUrl, sweepMs: 30 });
  }

  test('is asked before anything leaves for the provider; its refusal gives the credits back', async () => {
    answers = [{ body: '{"allowed": false, "reason": "a weapon"}' }];
    await work('wait', 2_000, 1);
    const ada = await pipeline.person(500n);
    const { id } = (await ask(ada, 'A gun', 'one')) as { id: string };
    const done = await untilFinal(pipeline, ada, id);
    expect(done).toMatchObject({
      status: 'failed',
      error: {
        code: 'moderation_refused',
        class: 'USER_POLICY',
        message:
          'This was declined by our content rules. Please change the words or the photo. You were not charged: 50 credits are available again.',
      },
    });
    expect(service.submits.size).toBe(0);
    expect(asked).toEqual([{ text: 'A gun', authorization: 'Bearer a token of ours' }]);
    const { rows } = await world.db.query('select from holdfast.orphan_cost');
    expect(rows).toEqual([]);
    // It counts as one, as a provider's refusal does.
    await expect(ask(ada, 'A rose', 'two')).rejects.toMatchObject({ code: 'moderation_paused' });
  });

  test.each([
    ['an error', { status: 500, body: 'oops' }],
    ['nonsense', { body: '{"allowed": "yes"}' }],
    ['silence', 'silence'],
  ] as const)('that answers with %s: what may wait waits, and is made once it answers', async (_, answer) => {
    answers = [answer, { body: '{"allowed": true}' }];
    await work('wait', 300);
    const ada = await pipeline.person(500n);
    const { id } = (await ask(ada, 'A rose', 'one')) as { id: string };
    expect(await untilFinal(pipeline, ada, id)).toMatchObject({ status: 'succeeded' });
    expect(asked).toHaveLength(2);
    expect([...service.submits.values()]).toEqual([1]);
  });

  test('that answers to nothing to the deadline: it ends with the credits back, and nothing was submitted', async () => {
    answers = [{ status: 503, body: '<html>down for maintenance</html>' }];
    await work('wait', 300, 1);
    const ada = await pipeline.person(500n);
    const { id } = (await ask(ada, 'A rose', 'one')) as { id: string };
    await expect.poll(() => asked.length, { timeout: 20_000 }).toBeGreaterThan(1);
    await world.clock.advance('3 hours');
    const done = await untilFinal(pipeline, ada, id);
    expect(done).toMatchObject({ status: 'failed' });
    expect(done.error?.message).toMatch(/You were not charged: 50 credits are available again\.$/);
    expect(done.error?.message).not.toMatch(/content|html|maintenance/i);
    expect(service.submits.size).toBe(0);
    expect(await pipeline.balance(ada)).toMatchObject({ available: 500n, held: 0n });
    // It was no refusal of what was asked for.
    expect(await ask(ada, 'A rose', 'two')).toMatchObject({ status: 'queued' });
  });

  test('that doesn’t answer is done without, where the operator wants that', async () => {
    answers = ['silence'];
    await work('allow', 200);
    const ada = await pipeline.person(500n);
    const { id } = (await ask(ada, 'A rose', 'one')) as { id: string };
    expect(await untilFinal(pipeline, ada, id)).toMatchObject({ status: 'succeeded' });
    expect(asked).toHaveLength(1);
  });
});
