import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SubmitFault } from '../../emulators/shared/knobs.ts';
import type { Service } from '../../emulators/shared/service.ts';
import type { Provider } from '../../src/providers/port.ts';
import { falWorld } from './fal/world.ts';
import { replicateWorld } from './replicate/world.ts';
import { attemptAt, endOf, soon } from './vendor-support.ts';

const lost: SubmitFault[] = ['accept_then_drop', '5xx_after_accept', 'garbage_after_accept'];

/** Those that list what they were asked for; KIE doesn't. */
const vendors = [
  { name: 'fal', makeWorld: falWorld, model: 'fal-ai/kling-video/v3/standard/image-to-video' },
  { name: 'Replicate', makeWorld: replicateWorld, model: 'wan-video/wan-2.2-i2v-fast' },
] as const;

describe.each(vendors)('a submit to $name whose answer is lost', ({ makeWorld, model }) => {
  let now = new Date();
  let service: Service;
  let provider: Provider;
  let asks = 0;
  beforeAll(async () => {
    ({ service, provider } = await makeWorld({}, { clock: { now: () => now } }));
    service.knobs.callback = 'none';
  });
  afterAll(() => service.close());

  const asked = () => {
    now = new Date();
    const input = { prompt: `lighthouse ${(asks += 1)}` };
    return { ...attemptAt({ model, input }, 'http://127.0.0.1:9/hooks'), submittedAt: now };
  };

  test.each(lost)('after %s it is not asked for again, but found in the list', async (fault) => {
    service.knobs.submit = [fault];
    const attempt = asked();
    expect((await provider.submit(attempt, soon())).kind).toBe('unknown');
    const posts = service.book.posts.filter(({ token }) => token === attempt.token);
    expect(posts).toHaveLength(1);
    const taskId = posts[0]?.taskId ?? '';
    expect(await provider.reconcile?.(attempt, soon())).toMatchObject({ found: { taskId } });
    expect((await endOf(provider, { taskId, attemptToken: attempt.token, model })).state).toBe('succeeded');
  });

  test('what was dropped before it was accepted is absent, once it can no longer be on its way', async () => {
    service.knobs.submit = ['drop_before_accept'];
    const attempt = asked();
    expect((await provider.submit(attempt, soon())).kind).toBe('unknown');
    expect(await provider.reconcile?.(attempt, soon())).toBe('cannot_tell');
    now = new Date(Date.now() + 10 * 60_000);
    expect(await provider.reconcile?.(attempt, soon())).toBe('absent');
  });
});
