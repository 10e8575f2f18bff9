import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examineMedia } from '../../src/platform/media/probe.ts';
import type { Attempt, Provider, RawProviderError, TaskRef, TaskStatus } from '../../src/providers/port.ts';

/** What a provider under test must bring along. */
export interface Subject {
  readonly provider: Provider;
  /** Inputs of a model that are made within seconds. */
  readonly good: Pick<Attempt, 'model' | 'input' | 'files'>;
  /** Inputs that it refuses as the person's fault, at the submit or afterwards. */
  readonly bad: Pick<Attempt, 'model' | 'input' | 'files'>;
  /** Inputs that take long enough to be stopped, where it can stop. */
  readonly long?: Pick<Attempt, 'model' | 'input' | 'files'>;
  readonly kind: 'video' | 'image';
  close(): Promise<void>;
}

const quick = 60_000;

/** What every provider must do, whatever is behind it. */
export function describeProvider(name: string, open: () => Promise<Subject>): void {
  describe(`${name} keeps the port's promises`, () => {
    let subject: Subject;
    let provider: Provider;
    beforeAll(async () => {
      subject = await open();
      provider = subject.provider;
    });
    afterAll(() => subject.close());

    const attempt = (what: Pick<Attempt, 'model' | 'input' | 'files'>): Attempt => ({
      ...what,
      token: randomBytes(16).toString('base64url'),
      callbackUrl: null,
    });
    const never = (): AbortSignal => AbortSignal.timeout(quick);

    async function start(asked: Attempt): Promise<TaskRef> {
      const answer = await provider.submit(asked, never());
      if (answer.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(answer)}`);
      const urls = answer.urls === undefined ? {} : { urls: answer.urls };
      return { taskId: answer.taskId, attemptToken: asked.token, model: asked.model, ...urls };
    }

    /** How it says no: at once, or when it has looked. */
    async function refusalOf(asked: Attempt): Promise<RawProviderError> {
      const answer = await provider.submit(asked, never());
      if (answer.kind === 'rejected') return answer.error;
      if (answer.kind === 'unknown') throw new Error('a refusal must be definite');
      const { taskId } = answer;
      const { last } = await endOf({ taskId, attemptToken: asked.token, model: asked.model });
      if (last.state !== 'failed') throw new Error(`it ended as ${last.state}`);
      return last.error;
    }

    async function endOf(task: TaskRef): Promise<{ last: TaskStatus; progress: number[] }> {
      const progress: number[] = [];
      for (;;) {
        const status = await provider.status(task, never());
        if (status.state !== 'queued' && status.state !== 'running') return { last: status, progress };
        if (status.progress !== null) progress.push(status.progress);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }

    test('its capabilities and its methods agree', () => {
      const { capabilities } = provider;
      expect(provider.cancel !== undefined).toBe(capabilities.cancel);
      expect(provider.verifyWebhook !== undefined).toBe(capabilities.webhooks);
      expect(provider.balance !== undefined).toBe(capabilities.balance);
    });

    test(
      'a good attempt is accepted, runs with progress that never falls, and gives files that play',
      async () => {
        const asked = attempt(subject.good);
        const { last, progress } = await endOf(await start(asked));
        expect(last.state).toBe('succeeded');
        expect(progress).toEqual(progress.toSorted((one, other) => one - other));
        expect(progress.every((part) => part >= 0 && part <= 1)).toBe(true);
        if (last.state !== 'succeeded') return;
        expect(last.outputs.length).toBeGreaterThan(0);
        const folder = await mkdtemp(join(tmpdir(), 'holdfast-conformance-'));
        for (const output of last.outputs) {
          const path = join(folder, 'output');
          const chunks: Uint8Array[] = [];
          for await (const chunk of await provider.fetchOutput(output, never())) chunks.push(chunk);
          await writeFile(path, Buffer.concat(chunks));
          expect(await examineMedia(path)).toMatchObject({ plays: true, facts: { kind: subject.kind } });
        }
        await rm(folder, { recursive: true });
        // Freed twice is freed.
        await provider.discard?.(asked.token);
        await provider.discard?.(asked.token);
      },
      quick,
    );

    test(
      "a person's mistake is named as theirs, as a rejection or as a failed task",
      async () => {
        const asked = attempt(subject.bad);
        const error = await refusalOf(asked);
        expect(provider.classify(error)).toMatch(/^USER_/);
        await provider.discard?.(asked.token);
      },
      quick,
    );

    test('a task that it never heard of is gone', async () => {
      const token = randomBytes(16).toString('base64url');
      const task = { taskId: token, attemptToken: token, model: subject.good.model };
      expect(await provider.status(task, never())).toEqual({ state: 'gone' });
    });

    test('an error that nobody knows is of no known class', () => {
      expect(provider.classify({ code: 'never_seen_before', message: 'people, content, 400' })).toBe(
        'UNKNOWN',
      );
    });

    test(
      'where the same attempt may be submitted again, it is one task',
      async () => {
        if (!provider.capabilities.idempotentSubmit) return;
        const asked = attempt(subject.good);
        const first = await start(asked);
        const second = await start(asked);
        expect(second.taskId).toBe(first.taskId);
        expect((await endOf(first)).last.state).toBe('succeeded');
        await provider.discard?.(asked.token);
      },
      quick,
    );

    test(
      'where it can stop, a stopped task is not made',
      async () => {
        if (!provider.capabilities.cancel || subject.long === undefined) return;
        const task = await start(attempt(subject.long));
        expect(await provider.cancel?.(task, never())).toBe('cancelled');
        expect(['cancelled', 'gone']).toContain((await provider.status(task, never())).state);
      },
      quick,
    );
  });
}
