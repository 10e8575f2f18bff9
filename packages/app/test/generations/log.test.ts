import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cancelGeneration } from '../../src/generations/end/cancel.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

let world: World;
let pipeline: Pipeline;
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  world = await createWorld();
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  pipeline = await createPipeline({
    db: world.db,
    log: createLogger({ level: 'info', destination }),
    providers: [createScriptedProvider({ url: 'http://127.0.0.1:9' })],
  });
});
afterAll(async () => {
  await pipeline.close();
  await world.close();
});

test('every decision about credit is logged with total, held, available and required', async () => {
  const person = await pipeline.person(60n);
  const id = await pipeline.ask(person);
  await expect(pipeline.ask(person)).rejects.toMatchObject({ code: 'insufficient_credits' });
  await cancelGeneration(pipeline.deps, { personId: person, generationId: id });
  const decisions = lines
    .filter((line) => 'decision' in line)
    .map(({ decision, total, held, available, required }) => ({
      decision,
      total,
      held,
      available,
      required,
    }));
  expect(decisions).toEqual([
    { decision: 'accepted', total: '60', held: '50', available: '10', required: '50' },
    { decision: 'refused', total: '60', held: '50', available: '10', required: '50' },
    { decision: 'settled', total: '60', held: '0', available: '60', required: '0' },
  ]);
  expect(lines.filter((line) => 'decision' in line).map((line) => line['person'])).toEqual([
    person,
    person,
    person,
  ]);
});
