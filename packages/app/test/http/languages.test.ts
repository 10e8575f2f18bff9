import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld, TestPerson } from '../support/http-world.ts';

let http: HttpWorld;
let person: TestPerson;
let cancelled: string;

beforeAll(async () => {
  http = await createHttpWorld({ env: { GENERATION_COOLDOWN_SECONDS: '120' } });
  person = await http.signUp({ credits: 1_000n });
  const wish = {
    model: 'studio-standard',
    input: { template: 'prompt', prompt: 'Hello', duration_seconds: 3 },
  };
  ({ id: cancelled } = await person.client.generate(wish));
  await person.client.cancelGeneration(cancelled);
});
afterAll(() => http.close());

async function summary(language?: string): Promise<string> {
  const headers: Record<string, string> = language === undefined ? {} : { 'accept-language': language };
  const response = await http.ask('GET', `/api/generations/${cancelled}`, { as: person, headers });
  return ((await response.json()) as { receipt: { summary: string } }).receipt.summary;
}

test("a receipt is told in the browser's language, and in the person's own where they chose one", async () => {
  expect(await summary()).toBe('You were not charged: 30 credits are available again.');
  expect(await summary('ru-RU,ru;q=0.9')).toBe('С вас ничего не списано: снова доступно 30 кредитов.');
  expect(await summary('zh-CN')).toBe('未扣除任何积分：30 积分已恢复可用。');
  await person.client.chooseLocale('zh');
  expect(await person.client.me()).toMatchObject({ locale: 'zh' });
  expect(await summary('ru')).toBe('未扣除任何积分：30 积分已恢复可用。');
  await person.client.chooseLocale(null);
});

test('a cooldown is told in it too', async () => {
  const response = await http.ask('POST', '/api/generations', {
    as: person,
    key: 'too-soon',
    headers: { 'accept-language': 'ru' },
    json: { model: 'studio-standard', input: { template: 'prompt', prompt: 'Hello', duration_seconds: 3 } },
  });
  expect(response.status).toBe(429);
  expect(await response.json()).toMatchObject({
    code: 'cooldown',
    detail: expect.stringMatching(
      /^Подождите \d+ \S+, прежде чем начинать следующую генерацию видео\. Так кредиты считаются верно/,
    ) as string,
  });
});
