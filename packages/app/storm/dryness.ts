import { setTimeout as pause } from 'node:timers/promises';
import type { DrynessFact, WishFact } from './facts.ts';
import { patient_model } from './models.ts';
import { post } from './people.ts';
import type { StormWorld } from './world.ts';

const asked = 10;
const hour_seconds = 3_600;
const step_seconds = 300;
const credits = 100n;
/** A few looks of a worker at what is due. */
const after_step_ms = 1_500;

/**
 * Under a clear sky: an account runs dry for an hour of the database's clock, and is filled again. Nobody may fail or be charged meanwhile who has
 * not passed a deadline; afterwards all goes on by itself.
 */
export async function dryHour(
  world: StormWorld,
  options: { signal: AbortSignal; say: (line: string) => void },
): Promise<{ wishes: WishFact[]; dryness: DrynessFact }> {
  const { admin, vendors, clock, balancer } = world;
  const { knobs } = vendors.services.replicate;
  const { balanceUsd } = knobs;
  const [person] = await world.makePeople(1);
  if (person === undefined) throw new Error('nobody came');
  await world.topUp(person.id, 'for a dry hour', credits);
  options.say('an hour without credit at one vendor');
  knobs.balanceUsd = 0;
  const wishes: WishFact[] = [];
  for (let number = 0; number < asked; number += 1) {
    const body = { model: patient_model, input: { prompt: `dry ${number}`, duration_seconds: 1 } };
    const key = `dry-${number}`;
    const wish = { path: '/api/generations', body };
    const answer = await post(balancer.url, person, wish, key, options.signal);
    if (answer !== null) wishes.push({ personId: person.id, key, answers: [answer] });
  }
  const generationIds = wishes.flatMap(({ answers }) =>
    answers.flatMap(({ generationId }) => generationId ?? []),
  );
  for (let passed = 0; passed < hour_seconds && !options.signal.aborted; passed += step_seconds) {
    await clock.advance(step_seconds);
    await pause(after_step_ms, undefined, { signal: options.signal }).catch(() => undefined);
  }
  const { rows: ended } = await admin.query<{ id: string; state: string }>(
    `select id, state from holdfast.generation where id = any($1) and (due_at is null or captured > 0)`,
    [generationIds],
  );
  knobs.balanceUsd = balanceUsd;
  return { wishes, dryness: { asked, generationIds, ended } };
}
