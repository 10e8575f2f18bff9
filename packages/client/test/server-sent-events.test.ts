import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readServerSentEvents } from '../src/client/server-sent-events.ts';

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function readAll(chunks: readonly Uint8Array[]) {
  const events = [];
  for await (const event of readServerSentEvents(streamOf(chunks))) events.push(event);
  return events;
}

test('reads events however they are cut into chunks', async () => {
  const text =
    'retry: 2000\n\n: still here\n\nevent: generation\nid: 7\ndata: {"a":"ü €"}\ndata: 2\n\ndata: x\r\n\r\n';
  const bytes = new TextEncoder().encode(text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), async (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.slice(places[index], end));
      expect(await readAll(chunks)).toEqual([
        { event: 'generation', id: '7', data: '{"a":"ü €"}\n2' },
        { event: 'message', id: null, data: 'x' },
      ]);
    }),
    { numRuns: 50 },
  );
});

test('what has no end yet is not an event', async () => {
  expect(await readAll([new TextEncoder().encode('data: half')])).toEqual([]);
});
