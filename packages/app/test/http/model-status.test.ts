import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld } from '../support/http-world.ts';

let http: HttpWorld;

beforeAll(async () => {
  http = await createHttpWorld();
  const { id } = await http.signUp();
  const ended = (errorClass: string | null, seconds: number) =>
    http.world.admin.query(
      `with at as materialized (select holdfast.clock() - interval '1 hour' as t)
       insert into holdfast.generation (id, person_id, model_id, provider_id, provider_model, kind, input, price_version, policy,
         unit, credits_per_unit, quoted_units, quoted, held, captured, released, delivered_units, lease_ends_at, state, error_code,
         error_class, deadline_at, timeline, turn, created_at, picked_up_at, finished_at)
       select $1, $2, 'studio-pro', 'studio', 'studio-pro', 'video', '{}', 'p/1', 'reserve', 'second', 0, 5, 0, 0, 0, 0,
              case when $3::text is null then 5 end, t + interval '2 days',
              case when $3::text is null then 'succeeded' else 'failed' end, case when $3::text is not null then 'a test' end, $3,
              t + interval '1 day', '[]', 1, t, t, t + make_interval(secs => $4)
         from at`,
      [newId('gen'), id, errorClass, seconds],
    );
  for (const seconds of [10, 20, 30]) await ended(null, seconds);
  await ended('SYSTEM', 5);
  await ended('USER_POLICY', 5);
});
afterAll(() => http.close());

test('everybody sees how each model does, and nobody why it waits', async () => {
  const asked = async () => {
    const response = await http.ask('GET', '/api/model-status');
    return ((await response.json()) as { items: { id: string }[] }).items;
  };
  const items = await asked();
  expect(items.find(({ id }) => id === 'studio-pro')).toEqual({
    id: 'studio-pro',
    name: expect.any(String) as string,
    kind: 'video',
    status: 'degraded',
    // What was the person's own doing doesn't count.
    success_rate: 0.75,
    median_seconds: 20,
  });
  expect(items.find(({ id }) => id === 'studio-image')).toMatchObject({
    success_rate: null,
    median_seconds: null,
  });
});
